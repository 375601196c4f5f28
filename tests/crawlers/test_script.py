"""Scripts as sources: what their answers and their ends mean, and that nothing they do gets out of hand."""

import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import structlog
from structlog.testing import capture_logs

from bifrost.config import read_source
from bifrost.errors import (
    BifrostError,
    ConfigInvalid,
    ConnectorFailed,
    ItemUnreadable,
    SourceDamaged,
    SourceRefused,
    SourceUnreachable,
)
from crawlers.scripts.script import ScriptCrawler
from tests.crawlers.script_source import COMPLETE, answering, crawler, file, python, shell, table

CANARY = "canary-5f1e0c77-secret"
A = {"key": "a", "kind": "file", "fingerprint": "1"}


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a folder for temporary files of its own, to see what is left in it."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def everything_is_logged() -> None:
    structlog.reset_defaults()


def _content(source: ScriptCrawler) -> bytes:
    with source.fetch(file()).stream as stream:
        return stream.read()


def _rows(source: ScriptCrawler) -> pa.Table:
    return source.fetch(table()).batches.read_all()


# ---- a listing is complete, partial, or an error


def test_a_complete_answer_is_a_complete_listing(tmp_path):
    listing = answering(
        tmp_path, {**A, "size_bytes": 12}, {"key": "t", "kind": "table", "primary_key": ["id"]}, COMPLETE
    ).listing()
    assert listing.complete
    assert [(item.key, item.kind, item.size_bytes, item.primary_key) for item in listing.items] == [
        ("a", "file", 12, ()),
        ("t", "table", None, ("id",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "true",
        'echo \'{"key": "a", "kind": "file"}\'',
        f"echo '{COMPLETE}'; exit 1",
        f"echo '{COMPLETE}'; kill -9 $$",
        f"echo '{COMPLETE}'; echo '{COMPLETE}'",
        f'echo \'{COMPLETE}\'; echo \'{{"key": "a", "kind": "file"}}\'',
        "echo '{\"complete\": false}'",
        "printf '{\"complete\": tr'",
        "echo all is well",
    ],
)
def test_anything_less_than_a_complete_answer_is_no_listing(tmp_path, text):
    with pytest.raises(ConnectorFailed):
        shell(tmp_path, text).listing()


def test_a_failed_scope_makes_a_listing_partial_and_a_skipped_item_does_not(tmp_path):
    listing = answering(tmp_path, A, {"skipped": "b", "reason": "no right to read it"}, COMPLETE).listing()
    assert listing.complete
    assert listing.skipped == {"b": "no right to read it"}
    listing = answering(tmp_path, A, {"failed": "north wing", "reason": "it is\ndark"}, COMPLETE).listing()
    assert not listing.complete
    assert listing.failed_scopes == {"north wing": "it is dark"}


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("echo no route >&2; exit 75", SourceUnreachable, "no route"),
        ("echo wrong password >&2; exit 77", SourceRefused, "wrong password"),
        ("echo first >&2; echo last >&2; exit 3", ConnectorFailed, "status 3: last"),
        ('echo \'{"error": "no disk"}\'; exit 1', SourceDamaged, "no disk"),
        ('echo \'{"error": "no disk"}\'', SourceDamaged, "no disk"),
        ('echo \'{"error": "busy", "retryable": true}\'; exit 1', SourceUnreachable, "busy"),
        ('echo \'{"error": "not you"}\'; exit 77', SourceRefused, "not you"),
        ("kill -SEGV $$", ConnectorFailed, "signal 11"),
    ],
)
def test_the_end_of_a_script_says_what_is_wrong_with_its_source(tmp_path, text, error, reason):
    with pytest.raises(error, match=reason) as caught:
        shell(tmp_path, text).listing()
    assert caught.value.retryable is (error is SourceUnreachable)


@pytest.mark.parametrize(
    ("text", "error", "retryable"),
    [
        ("echo no route >&2; exit 75", SourceUnreachable, True),
        ("exit 77", SourceRefused, False),
        ("printf half; exit 1", ItemUnreadable, False),
        ('echo \'{"error": "busy", "retryable": true}\'; exit 1', ItemUnreadable, True),
        ("printf half; kill -9 $$", ItemUnreadable, False),
    ],
)
def test_a_file_is_never_whole_when_the_script_failed(tmp_path, text, error, retryable):
    with pytest.raises(error) as caught:
        _content(shell(tmp_path, text))
    assert caught.value.retryable is retryable
    with shell(tmp_path, text).fetch(file()).stream as stream, pytest.raises(error):
        list(iter(lambda: stream.read(2), b""))


def test_reading_on_after_a_failure_fails_again(tmp_path):
    with shell(tmp_path, "printf half; exit 1").fetch(file()).stream as stream:
        for _ in range(3):
            with pytest.raises(ItemUnreadable):
                stream.read()


def test_a_file_may_be_empty_and_may_hold_anything(tmp_path):
    with shell(tmp_path, "true").fetch(file()).stream as stream:
        assert stream.read() == b""
    with answering(tmp_path, b"\xff\xfe\x00", {"error": "this is content"}).fetch(file()).stream as stream:
        assert stream.read() == b'\xff\xfe\x00{"error": "this is content"}\n'


@pytest.mark.parametrize(
    ("command", "reason"), [("./nothing", "there is no file"), ("./plain", "chmod"), ("no-such-command", "PATH")]
)
def test_a_command_that_cannot_be_started_is_named(tmp_path, command, reason):
    (tmp_path / "plain").write_text("text")
    source = crawler(tmp_path, command)
    for question in (source.check, source.listing, lambda: source.fetch(file())):
        with pytest.raises(SourceDamaged, match=reason):
            question()


# ---- hostile lists


@pytest.mark.parametrize("key", ["../a", "a/../b", ".", "x!/y", "a\nb", "a\x00", "\ud800", "k" * 2000])
def test_a_key_that_could_be_misread_is_skipped(tmp_path, key):
    listing = answering(tmp_path, A, {**A, "key": key}, COMPLETE).listing()
    assert [item.key for item in listing.items] == ["a"]
    ((shown, reason),) = listing.skipped.items()
    assert "its key" in reason
    assert len(shown.encode()) < 500
    assert not re.search(r"[\x00-\x1f]", shown)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "folder"},
        {"kind": ["file"]},
        {"kind": None},
        {"size_bytes": float("nan")},
        {"size_bytes": -1},
        {"size_bytes": 1 << 63},
        {"size_bytes": True},
        {"fingerprint": ["x"]},
        {"fingerprint": "\ud800"},
        {"fingerprint": "x" * 2000},
        {"primary_key": ["id"]},
        {"kind": "table", "primary_key": "id"},
        {"kind": "table", "primary_key": ["id", "id"]},
        {"kind": "table", "primary_key": [""]},
        {"kind": "table", "primary_key": [str(number) for number in range(100)]},
    ],
)
def test_an_item_that_is_described_wrongly_is_skipped_with_the_reason(tmp_path, wrong):
    listing = answering(tmp_path, {**A, "key": "b", **wrong}, A, COMPLETE).listing()
    assert [item.key for item in listing.items] == ["a"]
    assert listing.complete
    assert listing.skipped["b"].startswith(("its ", "a file has no"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe{}\n", "line 1 is no valid UTF-8"),
        (b"[" * 100_000 + b"\n", "nested too deeply"),
        (b'{"key": "a", "key": "b", "kind": "file"}\n', "stands twice"),
        (b'{"key": "a", "knd": "file"}\n', "unknown field 'knd'"),
        (b'{"kind": "file"}\n', "no text as 'key'"),
        (b'{"key": 5, "kind": "file"}\n', "no text as 'key'"),
        (b'{"failed": "x"}\n', "no text as 'reason'"),
        (b'["key"]\n', "no object"),
        (b"1" * 5000 + b"\n", "line 1 is no JSON"),
        (b'{"key": "a", "kind": "file"}\n{"key": "a", "kind": "file"}\n', "'a' a second time"),
    ],
)
def test_a_line_that_breaks_the_protocol_ends_the_listing(tmp_path, line, reason):
    with pytest.raises(ConnectorFailed, match=reason):
        answering(tmp_path, line, COMPLETE).listing()


def test_an_endless_line_is_cut_off_in_little_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ConnectorFailed, match="a line of its answer is longer than 1 MB"):
        shell(tmp_path, "head -c 1000000000 /dev/zero").listing()
    assert _content(shell(tmp_path, "head -c 200000000 /dev/zero >&2")) == b""
    with pytest.raises(ItemUnreadable, match="longer than 16 MB"):
        shell(tmp_path, "tr '\\0' x < /dev/zero").fetch(table())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80 << 10  # KB


# ---- fingerprints and selection


def test_an_item_without_a_fingerprint_is_read_every_time(tmp_path):
    source = answering(
        tmp_path, {"key": "a", "kind": "file"}, {"key": "b", "kind": "file", "fingerprint": ""}, COMPLETE
    )
    fingerprints = [item.fingerprint for _ in range(2) for item in source.listing().items]
    assert len(set(fingerprints)) == 4


def test_other_settings_and_another_script_make_other_fingerprints(tmp_path):
    def fingerprint(**settings: Any) -> str:
        return crawler(tmp_path, "sh", "./script.sh", **settings).listing().items[0].fingerprint

    script = tmp_path / "script.sh"
    script.write_text(f'echo \'{{"key": "a", "kind": "file", "fingerprint": 7}}\'; echo \'{COMPLETE}\'\n')
    first = fingerprint()
    assert fingerprint() == first
    assert fingerprint(settings={"unit": "nm"}) != first
    assert fingerprint(memory_mb=1000) == first
    script.write_text("# corrected\n" + script.read_text())
    assert fingerprint() != first


def test_patterns_choose_items(tmp_path):
    answer = [{**A, "key": key} for key in ("a/1.csv", "a/2.txt", "b/3.csv")]
    listing = answering(
        tmp_path, *answer, {"skipped": "b/4.csv", "reason": "x"}, COMPLETE, include=["*.csv"], exclude=["b/*"]
    ).listing()
    assert [item.key for item in listing.items] == ["a/1.csv"]
    assert listing.skipped == {}


def test_the_guard_keeps_what_an_empty_list_no_longer_shows(make_project, crawl, tmp_path):
    (tmp_path / "project").mkdir()
    answer = tmp_path / "project" / "answer"
    answer.write_text(f'{{"key": "a", "kind": "file"}}\n{{"key": "b", "kind": "file"}}\n{COMPLETE}\n')
    script = 'case "$1" in list) cat "$0" ;; fetch) echo "content of $2" ;; esac'
    project = make_project({"lab": {"kind": "script", "command": ["sh", "-c", script, "./answer"]}})
    assert crawl(project).counts["items"] == 2
    report = crawl(project)
    assert (report.counts["unchanged"], report.counts["changed"]) == (2, 0)
    answer.write_text('{"key": "a", "kind": "file"}\n')
    assert "complete" in crawl(project).failures[0]
    assert len(project.catalog.items("lab")) == 2
    answer.write_text(f"{COMPLETE}\n")
    assert "guard" in crawl(project).failures[0]
    assert len(project.catalog.items("lab")) == 2


# ---- limits


def _within(seconds: float, question: Any, error: type[BifrostError], reason: str) -> BifrostError:
    began = time.monotonic()
    with pytest.raises(error, match=reason) as caught:
        question()
    assert time.monotonic() - began < seconds
    return caught.value


def test_a_silent_script_is_ended(tmp_path):
    source = shell(tmp_path, "echo so far so good >&2; sleep 60", silence_seconds=0.4)
    error = _within(5, source.listing, SourceUnreachable, r"silence_seconds.*so far so good")
    assert error.retryable
    assert _within(5, lambda: _content(source), ItemUnreadable, "silence_seconds").retryable


def test_a_script_that_talks_for_ever_is_ended(tmp_path):
    source = shell(
        tmp_path, "while true; do echo; echo hello >&2; sleep 0.05; done", answer_seconds=0.6, silence_seconds=0.5
    )
    _within(5, source.listing, SourceUnreachable, "answer_seconds")


def test_a_script_that_closes_its_answer_and_lingers_is_ended(tmp_path):
    source = shell(tmp_path, f"echo '{COMPLETE}'; exec >&-; sleep 60", silence_seconds=0.4)
    _within(5, source.listing, SourceUnreachable, "silence_seconds")


def test_a_slow_reader_is_no_silence_of_the_script(tmp_path):
    with shell(tmp_path, "head -c 1000000 /dev/zero", silence_seconds=0.2).fetch(file()).stream as stream:
        read = len(stream.read(10))
        time.sleep(0.5)
        assert read + len(stream.read()) == 1_000_000


def test_processor_time_is_limited(tmp_path):
    source = shell(tmp_path, "while :; do :; done", cpu_seconds=1)
    _within(6, source.listing, ConnectorFailed, "cpu_seconds")


def test_memory_is_limited(tmp_path):
    source = python(tmp_path, "x = bytearray(1 << 30)", memory_mb=256)
    _within(6, source.listing, ConnectorFailed, "MemoryError")


@pytest.mark.parametrize("stream", ["", ">&2"])
def test_output_is_limited(tmp_path, stream):
    source = shell(tmp_path, f"yes {stream}", output_mb=2)
    _within(6, lambda: _content(source), ItemUnreadable, "larger than 2 MB")


def test_open_files_are_limited_and_nobody_dumps_core(tmp_path):
    source = shell(
        tmp_path,
        "echo $(ulimit -n) $(ulimit -c) $(ulimit -v) $(ulimit -H -t)",
        open_files=33,
        memory_mb=512,
        cpu_seconds=9,
    )
    assert source.check() == f"33 0 {512 << 10} 11"


def test_a_limit_above_what_this_process_may_set_is_lowered(tmp_path):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert shell(tmp_path, "ulimit -n", open_files=hard + 1).check() == str(hard)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _ended(pid: int) -> bool:
    for _ in range(100):
        if not _is_running(pid):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("tail", ["wait", f"echo '{COMPLETE}'", "exit 1", "head -c 9000000 /dev/zero"])
def test_the_children_of_a_script_end_with_it(tmp_path, tail):
    pid = tmp_path / "pid"
    source = shell(tmp_path, f"sleep 60 & echo $! > {pid}; {tail}", silence_seconds=0.5)
    with contextlib.suppress(BifrostError):
        source.listing()
    assert _ended(int(pid.read_text()))


def test_what_a_script_leaves_running_does_not_hold_up_its_answer(tmp_path):
    began = time.monotonic()
    assert shell(tmp_path, f"sleep 60 & echo '{COMPLETE}'").listing().complete
    assert time.monotonic() - began < 5


def test_a_script_that_nobody_reads_any_more_ends(tmp_path):
    pid = tmp_path / "pid"
    text = f"echo $$ > {pid}; echo '[\"x\"]'; exec sleep 60"
    content = shell(tmp_path, text).fetch(file())
    content.stream.read(2)
    number = int(pid.read_text())
    assert _is_running(number)
    del content
    assert _ended(number)


def test_a_preview_does_not_wait_for_the_rest(tmp_path):
    text = 'echo \'{"columns": [["id", "integer"]]}\'; echo "[1]"; echo "[2]"; exec sleep 60'
    began = time.monotonic()
    assert shell(tmp_path, text).preview(table(), 2).to_pylist() == [{"id": 1}, {"id": 2}]
    assert shell(tmp_path, "yes").preview(file()) == b"y\n" * 2048
    assert time.monotonic() - began < 5


def test_a_script_works_in_a_folder_that_goes_with_it(tmp_path, temporary):
    text = 'mkdir -p a/b; echo x > a/b/c; chmod 500 a; test "$PWD" = "$HOME" && test "$PWD" = "$TMPDIR" && pwd'
    assert shell(tmp_path, text).check().startswith(str(temporary))
    with pytest.raises(BifrostError):
        shell(tmp_path, "echo x > y; exit 1").listing()
    assert list(temporary.iterdir()) == []


def test_a_script_sees_only_the_environment_that_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("BIFROST_TEST_SECRET", CANARY)
    monkeypatch.setenv("BIFROST_TEST_SPECIES", "larch")
    script = "import os; print(sorted(set(os.environ) - {'LC_CTYPE', 'PWD'}), os.environ['LANG'], os.environ['TREE'])"
    answer = python(tmp_path, script, environment={"TREE": "${env:BIFROST_TEST_SPECIES}"}).check()
    assert answer == "['HOME', 'LANG', 'PATH', 'TMPDIR', 'TREE'] C.UTF-8 ***"  # what is referred to is masked


def test_a_script_is_told_settings_and_may_ignore_them(tmp_path):
    script = "import json, sys; asked = json.load(sys.stdin); print(json.dumps([sys.argv[1:], asked], sort_keys=True))"
    answer = python(tmp_path, script, settings={"port": 5025, "on": True, "name": "x"}).check()
    assert answer == (
        f'[["check"], {{"home": "{tmp_path}", "protocol": 1, '
        '"settings": {"name": "x", "on": true, "port": 5025}, "verb": "check"}]'
    )
    large = {"text": "x" * 1_000_000}
    assert shell(tmp_path, "echo deaf", settings=large).check() == "deaf"
    assert shell(tmp_path, "cat > request; wc -c < request", settings=large).check() > "1000000"


def test_words_that_begin_with_a_dot_start_at_the_projects_home(tmp_path):
    script = tmp_path / "tools" / "echo.sh"
    script.parent.mkdir()
    script.write_text('#!/bin/sh\necho "$@"\n')
    script.chmod(0o755)
    answer = f"{tmp_path}/data data {tmp_path}/../up check"
    assert crawler(tmp_path, "tools/echo.sh", "./data", "data", "../up").check() == answer
    assert crawler(tmp_path, str(script), "./data", "data", "../up").check() == answer


# ---- secrets

ESCAPING = """\
import json, os, pathlib, sys, time
asked = json.load(sys.stdin)
secret = asked["settings"]["token"]
print("said on the way:", secret, "x" * 10_000, file=sys.stderr)
print("so I know", secret, file=sys.stderr, flush=True)
folder = pathlib.Path(asked["home"])
(folder / "pid").write_text(str(os.getpid()))
while not (folder / "go").exists():
    time.sleep(0.02)
if sys.argv[1] == "list":
    print(json.dumps({"skipped": "a", "reason": "not with " + secret}))
    print(json.dumps({"failed": secret, "reason": "x" * 390 + secret}))
    print(json.dumps({"complete": True}))
if sys.argv[1] == "fetch":
    print(json.dumps({"columns": [["id", "integer"]]}))
    print(json.dumps({"skipped": "row " + secret, "reason": "x" * 390 + secret}))
    print(json.dumps({"error": "failed with " + secret}))
if sys.argv[1] == "check":
    sys.exit("x" * 350 + secret)
"""


def test_secrets_are_nowhere_but_on_standard_input(tmp_path, monkeypatch):
    monkeypatch.setenv("BIFROST_TEST_SECRET", CANARY)
    source = python(tmp_path, ESCAPING, settings={"token": "${env:BIFROST_TEST_SECRET}"})
    said: list[str] = []

    def ask() -> None:
        try:
            said.append(repr(source.listing()))
        except BifrostError as error:
            said.append(str(error))

    with capture_logs() as logs:
        asking = threading.Thread(target=ask)
        asking.start()
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.02)
        ours = Path(f"/proc/{(tmp_path / 'pid').read_text()}")
        assert CANARY.encode() not in (ours / "environ").read_bytes()
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                assert CANARY.encode() not in process.read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
        (tmp_path / "go").touch()
        asking.join()
        for question in (source.check, lambda: _rows(source)):
            with pytest.raises(BifrostError) as caught:
                question()
            said.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}")
        rows = source.fetch(table())
        with pytest.raises(ItemUnreadable):
            rows.batches.read_all()
        said.append(repr(rows.rejects))
    everything = repr(said) + repr(logs) + repr(vars(source))
    assert "failed with ***" in everything
    assert "so I know ***" in everything
    assert "row ***" in everything
    assert CANARY[:8] not in everything


def test_what_a_script_says_is_logged_line_by_line(tmp_path):
    with capture_logs() as logs:
        shell(tmp_path, "printf 'one\\n\\n\\033[31mtwo\\nhalf' >&2; echo; seq 3000 >&2").check()
    heard = [(each["source"], each["line"]) for each in logs]
    assert heard[:3] == [("lab", "one"), ("lab", "[31mtwo"), ("lab", "half1")]
    assert len(heard) == 1000


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"command": ["sh", "${env:TOKEN}"]}, "everybody on the machine"),
        ({"command": ["sh"], "settings": {"password": "hunter2"}}, "give a reference"),
        ({"command": ["sh"], "environment": {"API_TOKEN": "hunter2"}}, "give a reference"),
        ({"command": ["sh"], "environment": {"A B": "x"}}, "no name of a variable"),
        ({"command": []}, "at least 1"),
        ({"command": ["sh"], "memory_mb": 1}, "greater than or equal"),
    ],
)
def test_settings_that_would_leak_or_cannot_work_are_refused(entry, reason):
    with pytest.raises(ConfigInvalid, match=reason) as caught:
        read_source("lab", {"kind": "script", **entry}, where="here")
    assert "hunter2" not in str(caught.value)


def test_a_killed_interpreter_takes_its_scripts_along(tmp_path):
    text = (
        "import sys, pathlib\nsys.path.insert(0, sys.argv[1])\nfrom tests.crawlers.script_source import shell, file\n"
        "home = pathlib.Path(sys.argv[2])\n"
        "stream = shell(home, f'echo $$ > {home}/pid; yes').fetch(file()).stream\nstream.read(1)\n"
        "print('ready', flush=True)\nsys.stdin.read()\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", text, str(root), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"ready\n"
        number = int((tmp_path / "pid").read_text())
        os.kill(reader.pid, signal.SIGKILL)
    assert _ended(number)
