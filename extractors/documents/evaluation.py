"""How well documents are read: text and tables against files with what is expected, each file text or a reason."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bifrost.config import Extraction
from bifrost.model import Item, ItemKind
from bifrost.ports import Progress
from bifrost.progress import SILENT
from bifrost.schemas import PLACE
from bifrost.staging import Staging
from extractors.documents.agreement import Agreement, table_agreement, word_agreement
from extractors.documents.expected import Expected, expected_for
from extractors.isolation import WorkerPool
from extractors.job_outcome import Ending, Limits, Outcome
from extractors.reading import Manifest
from extractors.selection import extractors, select
from extractors.tables.sheet_tables import SHEET
from extractors.worker import COMMAND

_EXPECTED_FOLDERS = ("groundtruth", "expected")
_ADDED_COLUMNS = 2
"""The item and the place stand in front of every staged row."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What extraction made of a file."""

    path: Path
    text: str
    tables: Sequence[Sequence[Sequence[str]]] = ()
    reasons: Sequence[str] = ()


@dataclass(slots=True)
class _Sums:
    text: Agreement = field(default_factory=Agreement)
    cells: Agreement = field(default_factory=Agreement)
    files: int = 0


def evaluate_documents(folder: Path, limit: int | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Read the documents below a folder as extraction does, in workers with limits, and compare.

    Expected files are found as `groundtruth/NAME.md`, `.json` and `expected/NAME.txt` beside a document. Words are
    compared as multisets of lower-case letters and digits; cells as (row, column, words) of the tables that agree
    best, one with one, a found table moved up or down by up to three rows. Per kind (the file's ending) and in all.
    """
    started = time.monotonic()
    documents = list(read_documents(folder, limit, progress))
    sums: dict[str, _Sums] = defaultdict(_Sums)
    worst = []
    for document in documents:
        expected = expected_for(document.path)
        if expected is None:
            continue
        text, cells = _compared(document, expected)
        for kind in ("all", document.path.suffix.lstrip(".").lower()):
            sums[kind] = _Sums(sums[kind].text + text, sums[kind].cells + cells, sums[kind].files + 1)
        worst.append((round(text.recall, 3), round(text.precision, 3), round(cells.f1, 3), document.path.name))
    with_text = [document for document in documents if document.text.strip()]
    silent = [document for document in documents if not document.text.strip() and not document.reasons]
    return {
        "files": len(documents),
        "with_text": len(with_text),
        "with_reason": sum(bool(document.reasons) for document in documents),
        "silent": [str(document.path.relative_to(folder)) for document in silent],
        **_figures(sums["all"]),
        "kinds": {kind: _figures(each) for kind, each in sorted(sums.items()) if kind != "all"},
        "compared": [
            {"file": name, "text_recall": recall, "text_precision": precision, "table_cell_f1": cells_f1}
            for recall, precision, cells_f1, name in sorted(worst)
        ],
        "seconds": round(time.monotonic() - started, 1),
    }


def read_documents(folder: Path, limit: int | None = None, progress: Progress = SILENT) -> Iterator[ReadDocument]:
    """Read files in workers, and give them in the order of their paths."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not set(path.relative_to(folder).parts) & set(_EXPECTED_FOLDERS)
    )[:limit]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        settings = Extraction(annotators=[])
        staging = Staging(place / "staging")
        jobs, documents = _jobs(files, staging, extractors(settings, place / "cache"))
        start = {"staging": str(staging.folder), "cache": str(place / "cache"), "settings": settings.model_dump()}
        limits = Limits(settings.item_timeout_seconds, settings.item_memory_mb)
        with progress.task("documents", len(jobs)) as task:
            for job, outcome in WorkerPool(COMMAND, start, workers=settings.workers, limits=limits).run(jobs):
                documents[Path(job["key"])] = _document(Path(job["key"]), outcome, staging)
                task.advance()
    for path in files:
        yield documents[path]


def _jobs(
    files: Sequence[Path], staging: Staging, known: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[Path, ReadDocument]]:
    jobs, refused = [], {}
    for path in files:
        with path.open("rb") as stream:
            content = staging.put_stream(stream).digest
        size = path.stat().st_size
        item = Item("evaluation", str(path), ItemKind.FILE, content, size)
        extractor, head = select(item, path, known)
        if extractor:
            job = {"source": item.source, "key": item.key, "size_bytes": size, "content": content}
            jobs.append({**job, "extractor": extractor})
        else:
            reason = "no extractor reads this type of file" if head else "the file is empty"
            refused[path] = ReadDocument(path, "", reasons=[reason])
    return jobs, refused


def _document(path: Path, outcome: Outcome, staging: Staging) -> ReadDocument:
    if outcome.ending is not Ending.ANSWERED or "manifest" not in outcome.answer:
        return ReadDocument(path, "", reasons=[outcome.reason or str(outcome.answer.get("unreadable"))])
    manifest = Manifest.load(staging, outcome.answer["manifest"])
    tables = [list(_grid(table, staging)) for table in manifest.tables if table["kind"] in ("table", SHEET)]
    text = "\n".join(staging.table([manifest.blocks])["text"].to_pylist()) if manifest.blocks else ""
    if not manifest.blocks or any(table["kind"] == SHEET for table in manifest.tables):
        text = "\n".join([text, *(" ".join(row) for table in tables for row in table)])
    return ReadDocument(path, text, tables, [reason for _place, reason in manifest.rejects])


def _grid(table: Mapping[str, Any], staging: Staging) -> Iterator[list[str]]:
    rows = staging.table([table["digest"]])
    names = [name for name in rows.schema.names[_ADDED_COLUMNS:] if name != PLACE]
    yield ["" if name == f"column_{at}" else name for at, name in enumerate(names, start=1)]
    for row in zip(*(rows[name].to_pylist() for name in names), strict=True):
        yield ["" if value is None else str(value) for value in row]


def _compared(document: ReadDocument, expected: Expected) -> tuple[Agreement, Agreement]:
    cells = table_agreement(expected.tables, document.tables) if expected.tables is not None else Agreement()
    return word_agreement(expected.text, document.text), cells


def _figures(sums: _Sums) -> dict[str, Any]:
    return {
        "compared_files": sums.files,
        "text_recall": round(sums.text.recall, 4),
        "text_precision": round(sums.text.precision, 4),
        "table_cell_f1": round(sums.cells.f1, 4),
        "expected_cells": sums.cells.expected,
    }
