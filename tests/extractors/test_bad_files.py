"""Bad files through the real extraction: nothing crashes, hangs or needs more than its limits, nothing is hushed up."""

import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import pytest

from bifrost.progress import Silent
from bifrost.project import create_project
from extractors.file_types import is_object
from extractors.files import FileReading, unit_name
from extractors.process_limits import descendants, resident_mb
from extractors.reading import Manifest
from tests.extractors.bad_files import damaged_files, hand_made_files, misnamed_files
from tests.extractors.conftest import WRITERS, draw_report, write_text_pdf

_ITEM_SECONDS, _MEMORY_MB = 30, 1024
_ALLOWED_OVER_MB = 128
"""Pages of program libraries, which all processes share, are no memory that a file costs."""
_SETTINGS = f"""
extraction:
  embeddings: false
  annotators: [identifiers]
  item_timeout_seconds: {_ITEM_SECONDS}
  item_memory_mb: {_MEMORY_MB}
"""
_TEXTS = {
    "page.html": b"<html><title>T</title><p>Batch B-0026</p><table><tr><td>a<td>b</tr><tr><td>1<td>2</tr></table>",
    "notes.md": b"# Notes\n\nBatch B-0026 came.\n\n- one\n- two\n",
    "mail.eml": b"Subject: Batch\nFrom: a@example.org\nContent-Type: text/plain\n\nB-0026 came.\n",
    "object.json": b'{"rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "name": "n"}',
    "parts.tsv": b"code\tname\n001\tBolt\n002\tNut\n",
}


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "home", _SETTINGS)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """One sound file of every type, as bytes."""
    folder = tmp_path_factory.mktemp("samples")
    for name, write in WRITERS.items():
        write(folder / name)
    write_text_pdf(folder / "text.pdf")
    small = draw_report(table=False).convert("L").resize((620, 650))
    for ending in ("jpg", "tif", "gif", "bmp", "webp"):
        small.save(folder / f"small.{ending}")
    return _TEXTS | {path.name: path.read_bytes() for path in folder.iterdir()}


@dataclass
class Read:
    """What came of a set of files."""

    kept: dict[str, Manifest]
    reasons: dict[str, list[str]]
    longest_seconds: float
    most_memory_mb: float


@pytest.fixture
def read(project, stage_files):
    """Give a function that reads files as a run does."""

    def run(contents) -> Read:
        stage_files(dict(contents))
        began = time.monotonic()
        items = project.catalog.items()
        with _memory_watched() as most:
            manifests = FileReading(project).run(items, Silent())
        kept = {
            staged.item.key: Manifest.load(project.staging, manifests[unit_name(staged)])
            for staged in items
            if unit_name(staged) in manifests
        }
        reasons = {staged.item.key: [] for staged in items}
        for reject in project.catalog.rejects():
            reasons[reject.item].append(reject.reason)
        return Read(kept, reasons, time.monotonic() - began, max(most))

    return run


@contextmanager
def _memory_watched():
    """Give a list that grows by the megabytes of each process that is started meanwhile, twenty times a second."""
    known, seen, ended = set(descendants(os.getpid())), [0.0], Event()

    def watch() -> None:
        while not ended.wait(0.05):
            seen.append(max((resident_mb(pid) for pid in descendants(os.getpid()) if pid not in known), default=0.0))

    watching = Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        ended.set()
        watching.join()


def _assert_each_is_read_or_refused(result, contents):
    silent = [
        name
        for name in contents
        if not result.reasons[name] and not (name in result.kept and _has_content(result.kept[name]))
    ]
    assert silent == []
    unclear = {name: text for name, texts in result.reasons.items() for text in texts if _is_unclear(text)}
    assert unclear == {}
    assert result.most_memory_mb < _MEMORY_MB + _ALLOWED_OVER_MB


def _has_content(manifest):
    return bool(manifest.blocks) or any(table["rows"] for table in manifest.tables)


def _is_unclear(reason):
    """Tell whether a reason names no cause, or shows the inside of Bifrost."""
    return len(reason) < 10 or "staging/" in reason or re.search(r"without a message|Traceback|0x[0-9a-f]{6}", reason)


def test_a_file_that_somebody_damaged_is_read_or_refused_with_a_reason(samples, read):
    contents = dict(damaged_files(samples, 20, seed=1))
    _assert_each_is_read_or_refused(read(contents), contents)


def test_a_table_without_rows_says_so_and_objects_are_read_whatever_they_are_named(read):
    objects = b'{"id": 1, "at": {"city": "Graz"}}\n{"id": 2, "at": {"city": "Oslo"}}\n'
    result = read({"empty.csv": b"code,name\n", "objects.csv": objects, "objects.txt": objects})
    assert result.reasons["empty.csv"] == ["neither text nor a table with rows was found in it"]
    for name in ("objects.csv", "objects.txt"):
        assert [table["rows"] for table in result.kept[name].tables] == [2]
        assert result.reasons[name] == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_hundred_bad_files_are_read_or_refused_with_a_reason(samples, read):
    contents = dict([*hand_made_files(), *misnamed_files(samples)])
    contents |= dict(damaged_files(samples, 500 - len(contents), seed=2))
    assert len(contents) == 500
    _assert_each_is_read_or_refused(read(contents), contents)


@pytest.mark.parametrize("line", [b"[" * 200_000, b'{"a":' * 200_000, b"\xff{", b""])
def test_a_line_that_no_reader_can_take_in_is_no_object(line):
    assert not is_object(line)
