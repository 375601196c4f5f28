"""What is too much for unpacking, what ends it early, and that nothing else does."""

import gzip
import io
import os
import signal
import subprocess
import tarfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawlers.containers import Limits, Member, Refused, Unpackable, unpack
from crawlers.containers.budget import Budget
from crawlers.containers.child import Telling
from crawlers.containers.forms import Form, form_of
from crawlers.containers.frames import FrameWriter
from crawlers.containers.safe_names import SafeNames
from tests.crawlers.test_containers import changed_in_directory, tar_entry, tar_of, tarred, zipped
from tests.crawlers.unpacked_files import children, look_into, written

pytestmark = pytest.mark.slow

SMALL = Limits(most_bytes=1 << 20, most_members=10, most_ratio=20, ratio_counts_above_bytes=100_000)
BOMB = "it unpacks to more than 20 times its size, like a decompression bomb"


# ---- too much


def test_a_bomb_in_a_zip_archive_is_refused_and_the_others_come(tmp_path: Path) -> None:
    file = written(tmp_path, "f", zipped({"a": b"x", "bomb": bytes(500_000), "huge": os.urandom(9), "b": b"y"}))
    seen = look_into(file, limits=SMALL)
    assert seen.refused == {"bomb": f"with it, {BOMB}"}
    assert (seen.contents["a"], seen.contents["b"], seen.rest) == (b"x", b"y", False)


def test_a_bomb_that_lies_about_its_size_breaks_at_that_size(tmp_path: Path) -> None:
    content = changed_in_directory(zipped({"bomb": bytes(50 << 20), "b": b"y"}), 24, "<I", 10)
    found = unpack(written(tmp_path, "f", content), "f", Limits())
    assert found
    bomb = next(found)
    assert isinstance(bomb, Member)
    came = bytearray()
    with pytest.raises(Unpackable, match="larger than the 10 bytes"):
        came.extend(b"".join(bomb.chunks))
    assert len(came) <= 10
    assert isinstance(next(found), Member)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(bytes(10 << 20)),
        tar_of({"a": b"x", "bomb": bytes(10 << 20), "b": b"y"}, "gz"),
        tar_of({"a": b"x", "bomb": bytes(10 << 20), "b": b"y"}, "xz"),
    ],
    ids=["gzip", "tar.gz", "tar.xz"],
)
def test_a_bomb_that_is_one_stream_ends_its_unpacking(tmp_path: Path, content: bytes) -> None:
    seen = look_into(written(tmp_path, "f", content), limits=SMALL)
    assert seen.rest
    assert BOMB in seen.refused[""] or "more than" in seen.refused[""]
    assert "b" not in seen.contents
    assert sum(map(len, seen.contents.values())) <= SMALL.most_bytes


def test_a_bomb_in_the_headers_of_a_tar_archive_ends_its_unpacking(tmp_path: Path) -> None:
    entry = tar_entry("a")
    entry.pax_headers = {"comment": "x" * (60 << 20)}
    content = tarred((entry, b"x"), packing="gz", format=tarfile.PAX_FORMAT)
    with pytest.raises(Unpackable, match=r"memory|bomb|bytes"):
        look_into(written(tmp_path, "f", content), limits=Limits(memory_mb=100, most_bytes=50 << 20))


def test_more_bytes_or_members_than_allowed_are_refused(tmp_path: Path) -> None:
    members = {f"{number}": os.urandom(50_000) for number in range(8)}
    limits = Limits(most_bytes=120_000, most_members=10)
    packed = tar_of(members, "gz")
    # A container that is itself larger than the limit may hold as much as it is large.
    assert len(packed) > limits.most_bytes
    assert 7 <= len(look_into(written(tmp_path, "f", packed), limits=limits).contents) <= 8
    text = zipped({f"{number}": b"text" * 12_000 for number in range(4)})
    seen = look_into(written(tmp_path, "f", text), limits=limits)
    assert (len(seen.contents), len(seen.refused), seen.rest) == (2, 2, False)
    assert seen.refused["3"] == "with it, it unpacks to more than 120,000 bytes"
    for content in (zipped({f"{n}": b"" for n in range(11)}), tar_of({f"{n}": b"" for n in range(11)})):
        seen = look_into(written(tmp_path, "f", content), limits=limits)
        assert (len(seen.contents), seen.refused, seen.rest) == (10, {"": "it holds more than 10 members"}, True)


def test_folders_count_as_well_so_that_their_number_has_an_end(tmp_path: Path) -> None:
    content = zipped({f"{number}/": b"" for number in range(11)})
    with pytest.raises(Unpackable, match="more than 10 members"):
        look_into(written(tmp_path, "f", content), limits=SMALL)


# ---- the process


def test_a_process_is_started_only_for_what_may_be_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = subprocess.Popen

    class Counted(popen):  # type: ignore[misc,valid-type]
        def __init__(self, *arguments: object, **options: object) -> None:
            started.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    mail = b"From: a@b\nDate: today\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\nHello\n--x--\n"
    docx = zipped({"[Content_Types].xml": b"", "word/document.xml": bytes(100)})
    xlsx = zipped({"xl/workbook.xml": os.urandom(70_000), "[Content_Types].xml": b""})
    for content in (b"text", b"%PDF-1.7\n", mail, docx, xlsx, b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n", b""):
        assert unpack(written(tmp_path, "f", content), "f", Limits()) is None
    assert started == []
    assert look_into(written(tmp_path, "f", zipped({"a": b""})))
    assert len(started) == 1


def test_the_process_ends_with_the_iteration_or_when_it_is_closed_or_forgotten(tmp_path: Path) -> None:
    file = written(tmp_path, "f", zipped({"a": os.urandom(3 << 20), "b": b"y"}))
    before = children()
    look_into(file)
    assert children() == before
    found = unpack(file, "f", Limits())
    assert found
    next(found)
    assert len(children() - before) == 1
    found.close()
    assert children() == before
    assert list(found) == []
    forgotten = unpack(file, "f", Limits())
    assert len(children() - before) == 1
    del forgotten
    assert children() == before


def test_a_process_that_dies_makes_the_rest_unknown(tmp_path: Path) -> None:
    file = written(tmp_path, "f", zipped({"a": os.urandom(3 << 20), "b": b"y"}))
    before = children()
    found = unpack(file, "f", Limits())
    assert found
    member = next(found)
    assert isinstance(member, Member)
    next(member.chunks)
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Unpackable, match="killed by signal 9"):
        for _chunk in member.chunks:
            pass
    assert [(piece.name, piece.rest) for piece in found if isinstance(piece, Refused)] == [("", True)]
    assert children() == before


def test_unpacking_that_takes_too_long_ends(tmp_path: Path) -> None:
    # More than any machine unpacks in the time, whatever share of it the process waits for its reader.
    file = written(tmp_path, "f", gzip.compress(bytes(100 << 20), 1) * 24)
    began = time.monotonic()
    try:
        seen = look_into(file, limits=Limits(seconds=0.3, most_ratio=10_000))
        reason = seen.refused[""]
        assert seen.rest
    except Unpackable as error:
        reason = error.reason
    assert reason == "reading it took longer than 0.3 s"
    assert time.monotonic() - began < 10


def test_only_waiting_for_the_process_counts_as_its_time(tmp_path: Path) -> None:
    found = unpack(written(tmp_path, "f", zipped({"a": b"x", "b": b"y"})), "f", Limits(seconds=2))
    assert found
    next(found)
    time.sleep(2.2)
    assert [piece.name for piece in found] == ["b"]


def test_a_process_without_enough_memory_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, "f", tar_of({"a": b"x"}, "xz"))
    with pytest.raises(Unpackable, match="needs more memory than 20 MB"):
        look_into(file, limits=Limits(memory_mb=20))


def test_the_process_sees_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFROST_TEST_SECRET", "canary-in-the-mine")
    before = children()
    found = unpack(written(tmp_path, "f", zipped({"a": os.urandom(3 << 20)})), "secret-key.zip", Limits())
    (pid,) = children() - before
    process = Path(f"/proc/{pid}")
    assert b"canary" not in (process / "environ").read_bytes()
    assert b"secret-key" not in (process / "cmdline").read_bytes()
    assert found
    found.close()


# ---- anything at all

MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"From a 10:00\nTo: b\n")


def told(content: bytes, folder: Path, form: Form) -> bytes:
    """Read in this process what a child would read, without its limits on time and memory."""
    out = io.BytesIO()
    with written(folder, "f", content).open("rb") as file:
        Telling(FrameWriter(out), SMALL).run(file, form, "key")  # type: ignore[arg-type]
    return out.getvalue()


def samples() -> list[bytes]:
    message = (
        b"From a@b Mon Jan 01 10:00:00 2024\n"
        b"From: a\nDate: x\nMessage-ID: <1@x>\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nHi\n--x\nContent-Type: image/png; name=a.png\n"
        b"Content-Transfer-Encoding: base64\n\nYXBwbGVz\n--x--\n\n"
    )
    contents = {"a": b"apples" * 100, "b/c": b"x"}
    return [zipped(contents), tar_of(contents), tar_of(contents, "gz"), gzip.compress(b"x"), message, message[34:]]


@given(st.binary(max_size=3000), st.sampled_from(Form))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_told_to_their_end(tmp_path: Path, content: bytes, form: Form) -> None:
    out = told(content, tmp_path, form)
    assert out.endswith(b'{"done":true}\n') or b"unpackable" in out or b'"container":false' in out


@given(st.sampled_from(samples()), st.data(), st.binary(min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_any_damage_is_told_to_its_end(tmp_path: Path, sample: bytes, data: st.DataObject, damage: bytes) -> None:
    place = data.draw(st.integers(0, len(sample) - 1))
    damaged = sample[:place] + damage + sample[place + data.draw(st.integers(0, 40)) :]
    file = written(tmp_path, "g", damaged)
    form = form_of(file)
    if form:
        out = told(damaged, tmp_path, form)
        assert out.endswith(b'{"done":true}\n') or b"unpackable" in out or b'"container":false' in out


@given(st.sampled_from(MAGICS), st.binary(max_size=2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
def test_any_bytes_pass_through_the_process(tmp_path: Path, magic: bytes, content: bytes) -> None:
    file = written(tmp_path, "f", magic + content)
    with suppress(Unpackable):
        assert unpack(file, "f", Limits()) is None or look_into(file)


names = st.text(st.characters(exclude_categories=()) | st.sampled_from(list("/\\.:!\0\n")), max_size=60)


@given(st.lists(names, max_size=8))
@example(["\ud800", "a\udcff", "C:", "\\\\?\\C:\\..\\x"])
def test_any_name_becomes_safe_and_unique_or_is_refused(raw: list[str]) -> None:
    given_names = SafeNames(1000)
    seen = set()
    for each in raw:
        try:
            name = given_names.give(each)
        except Unpackable:
            continue
        name.encode("utf-8")
        parts = name.split("/")
        assert name not in seen
        assert not {"", ".", ".."}.intersection(parts)
        assert not any(character in name for character in "\\\0\n\r\x1b")
        assert "!/" not in name
        seen.add(name)


def test_a_budget_lets_small_things_grow_by_any_ratio() -> None:
    budget = Budget(SMALL, packed_bytes=10, most_members=10)
    budget.spend(100_000)
    assert budget.objection(1) == BOMB
