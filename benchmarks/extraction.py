"""Reading documents: text PDFs beside raw PDFium, scans beside raw Tesseract, memory over long files."""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
PAGES, SHORT, LONG = 300, 200, 2000
LINES, WORDS = 45, 12
TEXT = """
the drum was intact and dry when inspector measured moisture viscosity density of batch in laboratory report
shows value remains within limits for supplier although temperature during storage exceeded expected range so
we recommend further testing
"""


def write_text_pdf(path: Path, pages: int) -> Path:
    """Write pages of a heading and 45 lines of prose, some 3,800 characters each."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    source, words = random.Random(pages), TEXT.split()
    paper = canvas.Canvas(str(path), pagesize=A4, invariant=1)
    for page in range(1, pages + 1):
        paper.setFont("Helvetica-Bold", 16)
        paper.drawString(60, 800, f"Section {page}")
        paper.setFont("Helvetica", 10)
        for line in range(LINES):
            paper.drawString(60, 770 - 16 * line, " ".join(source.choices(words, k=WORDS)))
        paper.showPage()
    paper.save()
    return path


def read_with_bifrost(file: Path) -> int:
    """Read with the extractor that extraction uses, and give the last page that has text."""
    from bifrost.config import Extraction
    from bifrost.model import Item, ItemKind
    from extractors.documents.pdf import PdfExtractor

    item = Item("bench", file.name, ItemKind.FILE, "1", file.stat().st_size)
    blocks = PdfExtractor(Extraction(), file.parent / "cache").extract(item, file).blocks
    assert blocks is not None
    last: int = max(blocks["page"].to_pylist())
    return last


def read_with_pdfium(file: Path) -> int:
    """Give the text of all pages, and nothing else."""
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    characters = sum(len(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return characters


def say_memory(file: str, pages: str) -> None:
    """Read one file in this process and print its largest size in MB."""
    last = read_with_bifrost(Path(file))
    if last != int(pages):
        raise SystemExit(f"page {pages} is not there: the last one is {last}")
    print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10}))


def _pages_per_second(file: Path) -> tuple[float, float]:
    """Give the medians of ours and of raw PDFium, measured in turn, per second of one core."""
    seconds: dict[str, list[float]] = {"ours": [], "raw": []}
    for _round in range(ROUNDS):
        for name, read in (("ours", read_with_bifrost), ("raw", read_with_pdfium)):
            started = time.process_time()
            read(file)
            seconds[name].append(time.process_time() - started)
    ours, raw = (PAGES / statistics.median(each) for each in seconds.values())
    return ours, raw


def _peak_mb(folder: Path, pages: int) -> int:
    """Measure in a process of its own: memory that was used once counts for ever."""
    file = write_text_pdf(folder / f"{pages}.pdf", pages)
    program = "import sys; from benchmarks.extraction import say_memory; say_memory(*sys.argv[1:])"
    command = [sys.executable, "-c", program, str(file), str(pages)]
    answer: dict[str, int] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer["peak_mb"]


def main() -> None:
    """Print pages a second, megabytes, and the ratio to Tesseract."""
    from benchmarks.scanning import ratio_to_tesseract

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write_text_pdf(folder / "text.pdf", PAGES)
        read_with_bifrost(file)
        ours, raw = _pages_per_second(file)
        short, long = _peak_mb(folder, SHORT), _peak_mb(folder, LONG)
    print(
        json.dumps(
            {
                "ratio_to_tesseract": round(ratio_to_tesseract(), 3),
                "text_pages_per_second": round(ours, 1),
                "raw_pdfium_pages_per_second": round(raw, 1),
                f"peak_mb_{SHORT}_pages": short,
                f"peak_mb_{LONG}_pages": long,
            }
        )
    )
