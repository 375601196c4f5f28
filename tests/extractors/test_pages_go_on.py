"""Files of many pages: what a killed worker or run had read is not read again, and a page that kills is left out."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from bifrost.progress import Silent
from bifrost.project import create_project
from bifrost.testing.extracted import file_named
from extractors.file_jobs import FileJobs
from extractors.files import CACHE, FileReading
from extractors.job_outcome import Ending, Outcome
from extractors.page_tasks import PageTasks
from extractors.pages.journal import PageJournal, PageJournals
from extractors.pages.paging import Paging
from extractors.pages.parts import PageParts, Piece
from extractors.reading import Manifest

PAGES = 600
MARK = "this page comes from the journal"
READ_ALL = """
import sys
from contextlib import contextmanager
from pathlib import Path
from bifrost.progress import Silent
from bifrost.project import open_project
from extractors.files import FileReading
project = open_project(Path(sys.argv[1]))
FileReading(project).run(project.catalog.items(), Silent())
"""


class _File:
    """A file whose pages say their number; page `stuck` raises as a killed worker would stop."""

    def __init__(self, pages, stuck=0):
        self.pages, self.stuck, self.read = pages, stuck, []

    def page(self, number):
        if number == self.stuck:
            raise KeyboardInterrupt
        self.read.append(number)
        return PageParts((Piece(f"page {number}", "text", (0.1, 0.2, 0.3, 0.4), 0.5, "ocr"),), rejects=("a stain",))


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr("extractors.pages.journal._WRITE_SECONDS", 0)


def test_pages_of_a_reading_that_was_stopped_are_not_read_again(tmp_path, at_once):
    first, second = _File(5, stuck=4), _File(5)
    with pytest.raises(KeyboardInterrupt):
        list(Paging(PageJournal(tmp_path / "a.jsonl")).read(first))
    pages = dict(Paging(PageJournal(tmp_path / "a.jsonl")).read(second))
    assert second.read == [4, 5]
    assert pages == {number: _File(5).page(number) for number in range(1, 6)}


def test_a_journal_that_ends_within_a_page_counts_up_to_the_page_before(tmp_path, at_once):
    file = tmp_path / "a.jsonl"
    list(Paging(PageJournal(file)).read(_File(3)))
    file.write_bytes(file.read_bytes()[:-20])
    again = _File(3)
    assert len(list(Paging(PageJournal(file)).read(again))) == 3
    assert again.read == [3]
    assert len(file.read_text().splitlines()) == 3


def test_a_journal_with_a_hole_counts_up_to_the_hole(tmp_path, at_once):
    file = tmp_path / "a.jsonl"
    list(Paging(PageJournal(file)).read(_File(4)))
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], *lines[2:]]))
    again = _File(4)
    assert [number for number, _parts in Paging(PageJournal(file)).read(again)] == [1, 2, 3, 4]
    assert again.read == [2, 3, 4]


def test_a_file_that_is_read_in_no_time_leaves_no_journal(tmp_path):
    list(Paging(PageJournals(tmp_path).open("content", "reading")).read(_File(50)))
    assert list(tmp_path.rglob("*")) == []


class _Pool:
    """Workers that end as told, one ending for each time that a job is given."""

    def __init__(self, *outcomes):
        self.outcomes, self.given = list(outcomes), []

    def run(self, jobs, _hear):
        for job in jobs:
            self.given.append(job)
            yield job, self.outcomes.pop(0)


def _stopped(page, pages=9):
    return Outcome(Ending.LIMIT, {}, "it took longer than 1 s", {"page": page, "pages": pages})


DONE = Outcome(Ending.ANSWERED, {"manifest": "a"})
JOB = {"source": "docs", "key": "long.pdf"}


def test_a_file_that_gets_further_each_time_is_gone_on_with():
    pool = _Pool(_stopped(3), _stopped(6), _stopped(8), DONE)
    assert list(FileJobs(pool).run([JOB])) == [(JOB, DONE)]


def test_a_page_that_stops_its_worker_twice_is_left_out_and_the_others_are_read():
    pool = _Pool(_stopped(3), _stopped(3), DONE)
    ((job, outcome),) = FileJobs(pool).run([JOB])
    assert outcome is DONE
    assert job["given_up"] == {"3": "it took longer than 1 s"}
    assert [parts.rejects for number, parts in Paging(given_up={3: "slow"}).read(_File(4)) if number == 3] == [
        ("slow",)
    ]


def test_a_file_whose_pages_all_stop_its_worker_ends():
    pool = _Pool(*(_stopped(page) for page in (1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6)))
    ((_job, outcome),) = FileJobs(pool).run([JOB])
    assert outcome.ending is Ending.LIMIT


def test_a_file_without_pages_is_tried_no_further():
    outcome = Outcome(Ending.LIMIT, {}, "it took longer than 1 s")
    assert list(FileJobs(_Pool(outcome)).run([JOB])) == [(JOB, outcome)]


@pytest.fixture(scope="module")
def long_pdf(tmp_path_factory):
    from reportlab.pdfgen import canvas

    path = tmp_path_factory.mktemp("long") / "long.pdf"
    paper = canvas.Canvas(str(path), invariant=1)
    for page in range(1, PAGES + 1):
        for line in range(50):
            paper.drawString(60, 780 - 14 * line, f"Line {line} of page {page} says that the drum was dry and intact.")
        paper.showPage()
    paper.save()
    return path.read_bytes()


@pytest.fixture
def long_project(tmp_path, long_pdf):
    """A project with one long file in staging, read by one worker and without annotators."""
    import io

    from bifrost.model import Item, ItemKind, Source, StagedItem

    project = create_project(tmp_path / "home", "extraction:\n  workers: 1\n  annotators: []\n")
    project.catalog.register(Source("docs", "folder", {"path": "."}))
    digest = project.staging.put_stream(io.BytesIO(long_pdf)).digest
    item = Item("docs", "long.pdf", ItemKind.FILE, digest, len(long_pdf))
    project.catalog.stage_items([StagedItem(item, digest)])
    return project


def _journal(project):
    return next(iter(project.cache_folder(CACHE).glob("pages/*/*.jsonl")), None)


def _wait_for(project, pages):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        file = _journal(project)
        if file is not None and file.read_bytes().count(b"\n") >= pages:
            return file
        time.sleep(0.01)
    raise AssertionError("no page was written down")


def _marked(file):
    """Change what the journal says of its first page, so that it can be told from what a reading gives."""
    lines = file.read_text().splitlines(keepends=True)
    number, parts = json.loads(lines[0])
    parts["pieces"][0][0] = MARK
    file.write_text("".join([json.dumps([number, parts]) + "\n", *lines[1:]]))


def _texts(project, manifests):
    manifest = Manifest.load(project.staging, manifests["docs/long.pdf"])
    assert manifest.pages == PAGES
    blocks = project.staging.table([manifest.blocks])
    return blocks["text"].to_pylist(), blocks["page"].to_pylist()


def _worker_of(pid):
    """Find the worker process below a process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == pid and b"extractors.worker" in command:
            return int(folder.name)
    raise AssertionError("there is no worker")


def test_a_worker_killed_at_some_page_is_replaced_by_one_that_goes_on_there(long_project):
    killed = []

    def kill():
        file = _wait_for(long_project, random.Random(1).randrange(1, 150))
        killed.append(_worker_of(os.getpid()))
        os.kill(killed[0], signal.SIGSTOP)
        _marked(file)
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    manifests = FileReading(long_project).run(long_project.catalog.items(), Silent())
    thread.join()
    texts, pages = _texts(long_project, manifests)
    assert killed
    assert texts[0] == MARK
    assert set(pages) == set(range(1, PAGES + 1))
    assert f"of page {PAGES} says" in texts[-1]
    assert _journal(long_project) is None
    assert not long_project.catalog.rejects()


def test_a_killed_run_goes_on_at_the_page_where_it_was(long_project):
    command = [sys.executable, "-c", READ_ALL, str(long_project.home)]
    run = subprocess.Popen(command)
    file = _wait_for(long_project, 1)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(0.2)  # the worker ends with its parent
    _marked(file)
    texts, pages = _texts(long_project, FileReading(long_project).run(long_project.catalog.items(), Silent()))
    assert texts[0] == MARK
    assert len(set(pages)) == PAGES
    assert sum(f"of page {PAGES} says" in text for text in texts) == 1
    assert _journal(long_project) is None


def test_an_extractor_reads_the_same_with_and_without_a_journal(tmp_path, text_pdf, at_once):
    from bifrost.config import Extraction
    from extractors.documents.pdf import PdfExtractor

    path = text_pdf("long.pdf")
    extractor = PdfExtractor(Extraction(), tmp_path / "cache")
    item = file_named("long.pdf")
    plain = extractor.extract(item, path)
    for _first_and_remembered in range(2):
        paged = extractor.extract_pages(item, path, Paging(PageJournal(tmp_path / "a.jsonl")))
        assert plain.blocks.equals(paged.blocks)
        assert [table.rows for table in plain.tables] == [table.rows for table in paged.tables]


class _Told:
    """Progress that keeps what it is told."""

    def __init__(self):
        self.tasks = {}

    @contextmanager
    def task(self, name, total=None):
        self.tasks[name] = [total, 0, "open"]
        yield self
        self.tasks[name][2] = "closed"

    def advance(self, steps=1):
        self.tasks["pages of long.pdf"][1] += steps


def test_a_long_file_shows_its_pages_and_a_short_one_does_not(monkeypatch):
    told = _Told()
    tasks = PageTasks(told)
    tasks.hear(JOB, {"page": 1, "pages": 40})
    tasks.hear(JOB, {"page": 2, "pages": 40})
    assert told.tasks == {}
    monkeypatch.setattr("extractors.page_tasks._SHOWN_AFTER_SECONDS", 0)
    tasks.hear(JOB, {"page": 7, "pages": 40})
    tasks.hear(JOB, {"page": 9, "pages": 40})
    assert told.tasks == {"pages of long.pdf": [40, 8, "open"]}
    tasks.end(JOB)
    assert told.tasks["pages of long.pdf"][2] == "closed"
