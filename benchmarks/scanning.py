"""Whole extraction of clean scanned pages beside raw Tesseract on the same pixels, two processes each."""

import io
import json
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

PAGES = 12
ROUNDS = 3
PROCESSES = 2
DOTS_PER_INCH = 200
_SENTENCES = (
    "The pump was inspected on 12 March and put back into service the same day.",
    "All values lie within the limits that the customer and the supplier agreed upon.",
    "Batch B-0042 was released by the laboratory after the second measurement.",
    "Please return the enclosed form with your signature before the end of the month.",
    "Invoice 2024-118 comes to 1,284.50 EUR and is payable within thirty days.",
    "The warranty does not cover damage that was caused by improper storage.",
)


def main() -> None:
    """Print the ratio."""
    print(json.dumps({"ratio_to_tesseract": round(ratio_to_tesseract(), 3)}))


def ratio_to_tesseract(folder: Path | None = None) -> float:
    """Give the median over rounds of our time over that of raw Tesseract; ours and raw are run in turn.

    `folder` holds PDF files of one scanned page each; without it pages are made. Ours starts at the PDF and ends at
    blocks and tables; raw starts at the pixels in memory.
    """
    with tempfile.TemporaryDirectory() as name, _pool() as pool:
        files = sorted(folder.glob("*.pdf")) if folder else scanned_pages(Path(name))
        list(pool.map(_warmed_up, [str(files[0])] * PROCESSES))
        ratios = []
        for round_ in range(ROUNDS):
            caches = [str(Path(name) / f"cache{round_}") for _file in files]
            order = [_raw, _ours] if round_ % 2 else [_ours, _raw]
            seconds: dict[Any, float] = {}
            for work in order:
                started = time.perf_counter()
                list(pool.map(work, map(str, files), caches))
                seconds[work] = time.perf_counter() - started
            ratios.append(seconds[_ours] / seconds[_raw])
    return statistics.median(ratios)


def scanned_pages(folder: Path, count: int = PAGES) -> list[Path]:
    """Make PDF files of one page of clean print each, turned a little and with some noise."""
    import numpy as np
    import pypdfium2
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    files = []
    for number in range(count):
        chance = np.random.default_rng(number)
        (page,) = pypdfium2.PdfDocument(_printed(number, chance))
        picture = page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
        turned = picture.rotate(float(chance.uniform(-0.6, 0.6)), Image.Resampling.BICUBIC, fillcolor=255)
        pixels = np.asarray(turned, np.float32) - 8 + chance.normal(0, 5, turned.size[::-1])
        scan = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        files.append(folder / f"scan{number:02}.pdf")
        canvas = Canvas(str(files[-1]), pagesize=(595, 842))
        canvas.drawImage(ImageReader(scan), 0, 0, 595, 842)
        canvas.save()
    return files


def _printed(number: int, chance: Any) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 780, f"Report {number} on deliveries and measurements")
    canvas.setFont("Times-Roman", 11)
    for row in range(44):
        canvas.drawString(60, 750 - 15 * row, _SENTENCES[int(chance.integers(len(_SENTENCES)))])
    canvas.save()
    return buffer.getvalue()


def _pool() -> ProcessPoolExecutor:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    return ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))


def _warmed_up(file: str) -> None:
    """Import everything and read a page, so that neither side pays for the start."""
    with tempfile.TemporaryDirectory() as cache:
        _ours(file, cache)
    _raw(file, "")
    time.sleep(1)  # so that the other process gets its turn


def _ours(file: str, cache: str) -> int:
    from bifrost.config import Extraction
    from bifrost.testing.extracted import file_named
    from extractors.documents.pdf import PdfExtractor

    extract = PdfExtractor(Extraction(), Path(cache)).extract(file_named(Path(file).name), Path(file))
    assert extract.blocks is not None
    return extract.blocks.num_rows


_rendered: dict[str, Any] = {}


def _raw(file: str, _cache: str) -> int:
    import pypdfium2
    import pytesseract

    if file not in _rendered:
        (page,) = pypdfium2.PdfDocument(file)
        _rendered[file] = page.render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    return len(pytesseract.image_to_data(_rendered[file], config=f"--dpi {DOTS_PER_INCH}"))
