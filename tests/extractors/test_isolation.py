"""Work in processes of their own: what goes wrong in one job is said, and the others are done."""

import sys
import textwrap
import time

import pytest

from extractors.isolation import WorkerPool
from extractors.job_outcome import Ending, Limits, WorkerBroken

WORKER = """
import json, os, sys, time
start = json.loads(sys.stdin.readline())
print(json.dumps({"ready": True}), flush=True)
held = []
for line in sys.stdin:
    job = json.loads(line)
    if job["do"] == "sleep":
        time.sleep(60)
    if job["do"] == "die":
        os.kill(os.getpid(), 9)
    if job["do"] == "leave":
        sys.exit("no more paper")
    if job["do"] == "eat":
        held.append(bytearray(os.urandom(1)) * (300 << 20))
        time.sleep(60)
    if job["do"] == "leap":
        held.append(bytearray(10 << 30))
    if job["do"] == "leap of a child":
        import subprocess
        code = "import time; held = bytearray(b'1') * (250 << 20); time.sleep(60)"
        children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
        time.sleep(60)
    if job["do"] == "fill the disk":
        with open(os.path.join(os.environ["TMPDIR"], "large"), "wb") as file:
            file.truncate(2 << 30)
    if job["do"] == "tell":
        print(json.dumps({"progress": 7}), flush=True)
    if job["do"] == "tell and leave":
        print(json.dumps({"progress": 7}), flush=True)
        sys.exit("no more paper")
    if job["do"] == "die once" and not os.path.exists(job["mark"]):
        open(job["mark"], "w").close()
        os.kill(os.getpid(), 9)
    print(json.dumps({"pid": os.getpid(), "start": start["word"]}), flush=True)
"""


def _pool(*, workers=1, seconds=30.0, memory_mb=4000, code=WORKER):
    command = (sys.executable, "-c", textwrap.dedent(code))
    return WorkerPool(command, {"word": "hello"}, workers=workers, limits=Limits(seconds, memory_mb))


def _run(pool, *todo, **more):
    jobs = [{"do": do, "number": number, **more} for number, do in enumerate(todo)]
    return {job["number"]: outcome for job, outcome in pool.run(jobs)}


def test_every_job_is_answered_by_workers_that_know_the_start():
    outcomes = _run(_pool(workers=2), *["answer"] * 5)
    assert [outcomes[number].answer["start"] for number in range(5)] == ["hello"] * 5
    assert len({outcome.answer["pid"] for outcome in outcomes.values()}) <= 2


def test_nothing_starts_when_there_is_nothing_to_do():
    assert _run(_pool(code="raise SystemExit('started')")) == {}


def test_a_job_that_kills_its_worker_is_said_and_the_rest_goes_on():
    outcomes = _run(_pool(), "answer", "die", "answer")
    assert outcomes[1].ending is Ending.DIED
    assert "signal 9" in outcomes[1].reason
    assert outcomes[0].ending is outcomes[2].ending is Ending.ANSWERED


def test_a_worker_that_ends_itself_is_quoted():
    outcomes = _run(_pool(), "leave")
    assert "no more paper" in outcomes[0].reason


def test_a_worker_that_was_killed_by_accident_costs_no_job(tmp_path):
    outcomes = _run(_pool(), "die once", mark=str(tmp_path / "mark"))
    assert outcomes[0].ending is Ending.ANSWERED


def test_a_job_that_takes_too_long_is_stopped_and_the_rest_goes_on():
    began = time.monotonic()
    outcomes = _run(_pool(seconds=0.5), "sleep", "answer")
    assert outcomes[0].ending is Ending.LIMIT
    assert "0.5 s" in outcomes[0].reason
    assert outcomes[1].ending is Ending.ANSWERED
    assert time.monotonic() - began < 20


def test_a_job_that_eats_memory_is_stopped_and_the_rest_goes_on():
    outcomes = _run(_pool(memory_mb=200), "eat", "answer")
    assert outcomes[0].ending is Ending.LIMIT
    assert "200 MB" in outcomes[0].reason
    assert outcomes[1].ending is Ending.ANSWERED


def test_an_allocation_beyond_the_limit_is_refused_before_it_is_used():
    outcomes = _run(_pool(memory_mb=300), "leap", "answer")
    assert outcomes[0].ending is Ending.LIMIT
    assert "300 MB" in outcomes[0].reason
    assert outcomes[1].ending is Ending.ANSWERED


def test_what_a_worker_has_started_counts_as_its_own_memory():
    outcomes = _run(_pool(memory_mb=600, seconds=20), "leap of a child", "answer")
    assert outcomes[0].ending is Ending.LIMIT
    assert "600 MB" in outcomes[0].reason
    assert outcomes[1].ending is Ending.ANSWERED


def test_a_file_that_a_worker_writes_is_bounded():
    outcomes = _run(_pool(memory_mb=256), "fill the disk", "answer")
    assert outcomes[0].ending is Ending.DIED
    assert "File too large" in outcomes[0].reason
    assert outcomes[1].ending is Ending.ANSWERED


def test_progress_is_no_answer_and_is_known_when_the_job_ends():
    outcomes = _run(_pool(), "tell", "tell and leave", "answer")
    assert (outcomes[0].ending, outcomes[0].progress) == (Ending.ANSWERED, 7)
    assert (outcomes[1].ending, outcomes[1].progress) == (Ending.DIED, 7)
    assert outcomes[2].progress is None


def test_a_worker_that_cannot_start_stops_the_run_with_its_words():
    with pytest.raises(WorkerBroken, match="no such module"):
        _run(_pool(code="raise SystemExit('no such module')"), "answer")


def test_leaving_early_ends_the_workers():
    pool = _pool(workers=2, seconds=60)
    results = pool.run([{"do": "answer", "number": 0}, {"do": "sleep", "number": 1}])
    _job, outcome = next(results)
    results.close()
    deadline = time.monotonic() + 10
    while _alive(outcome.answer["pid"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(outcome.answer["pid"])


def _alive(pid):
    from pathlib import Path

    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
