"""What comes out of archives, and what does not."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.containers import Limits, Unpackable, unpack
from tests.crawlers.gzip_quine import quine
from tests.crawlers.unpacked_files import Seen, look_into, written

CONTENTS = {"a.txt": b"apples\n" * 1000, "b/ü 日本.csv": b"id,name\n1,x\n", "b/empty": b""}


def zipped(contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def zip_of(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return file.getvalue()


def zip_entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name  # past the constructor, which makes it harmless
    info.external_attr = mode << 16
    return info


def tarred(*entries: tuple[tarfile.TarInfo, bytes], packing: str = "", **options: object) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{packing}", **options) as archive:  # type: ignore[call-overload]
        for info, content in entries:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def tar_entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tar_of(contents: dict[str, bytes], packing: str = "") -> bytes:
    return tarred(*((tar_entry(name), content) for name, content in contents.items()), packing=packing)


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Seen]:
    def at(content: bytes, name: str = "container", limits: Limits | None = None) -> Seen:
        return look_into(written(tmp_path, name, content), limits=limits)

    return at


# ---- what comes out


@pytest.mark.parametrize(
    "content",
    [
        zipped(CONTENTS),
        zipped(CONTENTS, zipfile.ZIP_STORED),
        zipped(CONTENTS, zipfile.ZIP_BZIP2),
        *(tar_of(CONTENTS, packing) for packing in ("", "gz", "bz2", "xz")),
        b"#!/bin/sh\nexit\n".join((b"PK\x03\x04", zipped(CONTENTS))),
    ],
    ids=["deflated", "stored", "bzip2", "tar", "tar.gz", "tar.bz2", "tar.xz", "with something before it"],
)
def test_an_archive_gives_its_members_whatever_it_is_called(look: Callable[..., Seen], content: bytes) -> None:
    assert look(content, "picture.png") == Seen(CONTENTS)


@pytest.mark.parametrize(
    ("content", "name", "member"),
    [
        (gzip.compress(b"a,b\n", mtime=0), "data/x.csv.gz", "x.csv"),
        (bz2.compress(b"a,b\n"), "x.csv.bz2", "x.csv"),
        (lzma.compress(b"a,b\n"), "x.CSV.XZ", "x.CSV"),
        (gzip.compress(b"a,b\n", mtime=0), "all.zip!/x.csv.gz", "x.csv"),
        (gzip.compress(b"a,", mtime=0) + gzip.compress(b"b\n", mtime=0), "without an ending", "without an ending"),
        (gzip.compress(b"a,b\n", mtime=0), ".gz", ".gz"),
    ],
)
def test_a_packed_file_is_named_like_its_container(tmp_path: Path, content: bytes, name: str, member: str) -> None:
    assert look_into(written(tmp_path, "f", content), name) == Seen({member: b"a,b\n"})


def test_an_archive_of_the_large_form_is_read(look: Callable[..., Seen]) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"apples")
    content = bytearray(file.getvalue())
    end = len(content) - 22
    place = struct.unpack_from("<I", content, end + 16)[0]
    large_end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, end - place, place)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    struct.pack_into("<2H2I", content, end + 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    content[end:end] = large_end + locator
    assert look(bytes(content)) == Seen({"a.txt": b"apples"})


def test_folders_and_what_macs_add_are_no_members(look: Callable[..., Seen]) -> None:
    junk = {"d/": b"", "__MACOSX/._a.txt": b"x", "d/.DS_Store": b"x", "a.txt": b"x"}
    assert look(zipped(junk)) == Seen({"a.txt": b"x"})
    assert look(tarred((tar_entry("d", tarfile.DIRTYPE), b""), (tar_entry("d/a"), b"x"))) == Seen({"d/a": b"x"})


def test_a_member_that_is_not_read_is_passed_by(tmp_path: Path) -> None:
    for content in (zipped(CONTENTS), tar_of(CONTENTS, "gz")):
        found = unpack(written(tmp_path, "f", content), "f", Limits())
        assert found
        assert [piece.name for piece in found] == list(CONTENTS)


def test_an_empty_archive_is_a_container_with_nothing_in_it(look: Callable[..., Seen]) -> None:
    assert look(zipped({})) == Seen()


def test_archives_are_packs(tmp_path: Path) -> None:
    for content in (zipped(CONTENTS), tar_of(CONTENTS), gzip.compress(b"x", mtime=0)):
        found = unpack(written(tmp_path, "f", content), "f", Limits())
        assert found
        assert found.is_pack
        found.close()


def test_what_is_large_comes_in_pieces(tmp_path: Path) -> None:
    file = written(tmp_path, "f", zipped({"large": bytes(3 << 20)}))
    found = unpack(file, "f", Limits())
    assert found
    sizes = [len(chunk) for piece in found for chunk in piece.chunks]  # type: ignore[union-attr]
    assert sum(sizes) == 3 << 20
    assert max(sizes) <= 256 << 10


# ---- what is no container


def documents() -> dict[str, bytes]:
    return {
        "docx": zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        "xlsx, parts in another order": zipped({"xl/workbook.xml": bytes(5000), "[Content_Types].xml": b"<x/>"}),
        "odt": zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""}, zipfile.ZIP_STORED),
        "jar": zipped({"META-INF/MANIFEST.MF": b"", "A.class": b""}),
        "large jar": zipped({"A.class": b"", "META-INF/MANIFEST.MF": b"", **{f"{n}.class": b"" for n in range(2000)}}),
        "pdf": b"%PDF-1.7\n",
        "text": b"PK is not always an archive\n",
        "letter": b"From Monday on we deliver twice a day.\nNote: not on Sundays.\n",
        "table": b"From: To:\n1 2\n",
        "empty": b"",
        "zeros": bytes(2000),
    }


@pytest.mark.parametrize("kind", documents())
def test_documents_are_no_containers(tmp_path: Path, kind: str) -> None:
    assert unpack(written(tmp_path, "x.zip", documents()[kind]), "x.zip", Limits()) is None


# ---- names


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("a\\b.txt", "a/b.txt"),
        ("C:\\Users\\me\\a.txt", "Users/me/a.txt"),
        ("\\\\?\\C:\\a.txt", "a.txt"),
        ("//server/share/a.txt", "server/share/a.txt"),
        ("/etc/passwd", "etc/passwd"),
        ("./a//b/./c.txt", "a/b/c.txt"),
        ("a/../b.txt", "b.txt"),
        ("nul\0.txt", "nul%00.txt"),
        ("line\nbreak\x1b[31m.txt", "line%0Abreak%1B[31m.txt"),
        ("inner!/name.txt", "inner%21/name.txt"),
        ("", "unnamed"),
        ("/", "unnamed"),
        (".", "unnamed"),
    ],
)
def test_names_become_harmless(look: Callable[..., Seen], raw: str, safe: str) -> None:
    if raw != "/":  # the name of a folder
        assert list(look(zip_of((zip_entry(raw), b"x"))).contents) == [safe]
    if "\0" not in raw and raw not in ("", "/"):
        assert list(look(tarred((tar_entry(raw), b"x"), format=tarfile.PAX_FORMAT)).contents) == [safe]


@pytest.mark.parametrize("raw", ["../a.txt", "a/../../b.txt", "..\\a.txt", "C:..\\a.txt", "/../a", ".."])
def test_a_name_that_leads_out_is_refused_and_the_others_come(look: Callable[..., Seen], raw: str) -> None:
    for content in (
        zip_of((zip_entry(raw), b"x"), (zip_entry("good.txt"), b"y")),
        tarred((tar_entry(raw), b"x"), (tar_entry("good.txt"), b"y")),
    ):
        assert look(content) == Seen({"good.txt": b"y"}, {raw: "its name leads out of the archive"})


def test_names_in_other_encodings_are_read_or_written_as_escapes(look: Callable[..., Seen]) -> None:
    plain = zip_of((zip_entry("NAME.txt"), b"x"))
    flagged = plain.replace(b"NAME", b"\xff\xfeME")
    central = flagged.index(b"PK\x01\x02")
    flagged = flagged[: central + 9] + b"\x08" + flagged[central + 10 :]  # it says that the name is UTF-8
    assert list(look(plain.replace(b"NAME", b"\x81ber")).contents) == ["über.txt"]  # DOS
    assert list(look(plain.replace(b"NAME", "über".encode()[:4])).contents) == ["übe.txt"]  # UTF-8 without a flag
    assert list(look(flagged).contents) == ["%FF%FEME.txt"]
    latin = tarred((tar_entry("über.txt"), b"x"), format=tarfile.GNU_FORMAT, encoding="latin-1")
    assert list(look(latin).contents) == ["%FCber.txt"]


def test_names_that_differ_by_case_stay_and_the_same_name_gets_a_number(look: Callable[..., Seen]) -> None:
    content = zip_of(
        *((zip_entry(name), name.encode()) for name in ("a.txt", "A.txt", "a.txt", "./a.txt", "a (2).txt"))
    )
    assert list(look(content).contents) == ["a.txt", "A.txt", "a (2).txt", "a (3).txt", "a (2) (2).txt"]


def test_a_name_that_is_too_long_is_refused(look: Callable[..., Seen]) -> None:
    name = "é" * 300
    seen = look(tarred((tar_entry(name), b"x"), (tar_entry("b"), b"y")), limits=Limits(longest_name=500))
    assert seen.contents == {"b": b"y"}
    assert list(seen.refused.values()) == ["its name is longer than 500 bytes"]
    assert len(next(iter(seen.refused))) < 300


# ---- what is refused


def test_links_and_devices_are_refused(look: Callable[..., Seen]) -> None:
    content = tarred(
        (tar_entry("good"), b"x"),
        (tar_entry("soft", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (tar_entry("hard", tarfile.LNKTYPE, "good"), b""),
        (tar_entry("device", tarfile.CHRTYPE), b""),
        (tar_entry("pipe", tarfile.FIFOTYPE), b""),
        (tar_entry("soft/below"), b"y"),
    )
    reasons = {
        "soft": "it is a symbolic link",
        "hard": "it is a hard link to another member",
        "device": "it is no regular file",
        "pipe": "it is no regular file",
    }
    for packed in (content, gzip.compress(content, mtime=0)):
        assert look(packed) == Seen({"good": b"x", "soft/below": b"y"}, reasons)


def test_links_and_devices_in_a_zip_archive_are_refused(look: Callable[..., Seen]) -> None:
    content = zip_of(
        (zip_entry("soft", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (zip_entry("device", stat.S_IFCHR), b""),
        (zip_entry("good", stat.S_IFREG | 0o644), b"x"),
    )
    assert look(content) == Seen({"good": b"x"}, {"soft": "it is a symbolic link", "device": "it is no regular file"})


def changed_in_directory(content: bytes, place: int, layout: str, value: int, entry: int = 0) -> bytes:
    """Change a number in the directory of a ZIP archive, at its place within an entry."""
    at = -1
    for _number in range(entry + 1):
        at = content.index(b"PK\x01\x02", at + 1)
    changed = bytearray(content)
    struct.pack_into(layout, changed, at + place, value)
    return bytes(changed)


def test_what_is_encrypted_or_packed_in_an_unknown_way_is_refused(look: Callable[..., Seen]) -> None:
    content = zipped({"a": b"x", "b": b"y"})
    assert look(changed_in_directory(content, 8, "<H", 1)) == Seen({"b": b"y"}, {"a": "it is encrypted"})
    assert look(changed_in_directory(content, 10, "<H", 99)).refused == {"a": "it is encrypted"}
    seen = look(changed_in_directory(content, 10, "<H", 9))
    assert seen.refused == {"a": "it is packed with Deflate64, which is not supported"}


def test_a_member_that_is_larger_or_smaller_than_the_archive_says_breaks(look: Callable[..., Seen]) -> None:
    content = zipped({"a": bytes(100_000), "b": b"y"})
    seen = look(changed_in_directory(content, 24, "<I", 1000))
    assert seen == Seen({"b": b"y"}, broken={"a": "it is larger than the 1,000 bytes that the archive says"})
    seen = look(changed_in_directory(content, 24, "<I", 100_001))
    assert seen.broken == {"a": "it has 100,000 bytes, not 100,001 as the archive says"}


def test_a_damaged_member_breaks_and_the_others_come(look: Callable[..., Seen]) -> None:
    content = zipped({"a": b"apples", "b": b"y"}, zipfile.ZIP_STORED)
    seen = look(content.replace(b"apples", b"oranges"[:6]))
    assert seen == Seen({"b": b"y"}, broken={"a": "it is damaged: its checksum does not fit"})
    random = os.urandom(1000)
    packed = zipped({"a": random.hex().encode(), "b": b"y"})
    seen = look(packed[:60] + bytes(100) + packed[160:])
    assert seen.contents == {"b": b"y"}
    assert seen.broken["a"].startswith("it is damaged")
    assert look(changed_in_directory(packed, 42, "<I", packed.rindex(b"PK\x03\x04") + 1, entry=1)).broken == {
        "b": "it is damaged: it is not where the directory says"
    }


def test_members_that_overlap_are_refused(look: Callable[..., Seen]) -> None:
    content = zipped({"a": b"x" * 500, "b": b"y"})
    # All entries of the directory point to the same bytes, as in a bomb without nesting.
    seen = look(changed_in_directory(content, 42, "<I", 0, entry=1))
    assert seen.refused == {"b": "it overlaps with another member"} or seen.refused == {
        "a": "it overlaps with another member"
    }
    assert not seen.rest


def test_a_file_that_unpacks_to_itself_is_unpacked_once(look: Callable[..., Seen]) -> None:
    assert look(quine(), "q.gz") == Seen({"q": quine()})


# ---- damaged archives


def test_an_archive_without_its_directory_cannot_be_read(look: Callable[..., Seen]) -> None:
    with pytest.raises(Unpackable, match="cut off"):
        look(zipped(CONTENTS)[:-40])


def test_what_a_damaged_directory_still_shows_comes_and_the_rest_may_be_there(look: Callable[..., Seen]) -> None:
    content = zipped({"a": b"x", "b": b"y"})
    second = content.rindex(b"PK\x01\x02")
    assert look(content[:second] + b"XX" + content[second + 2 :]) == Seen(
        {"a": b"x"}, {"": "its directory is damaged"}, rest=True
    )


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "xz"])
def test_what_a_cut_archive_still_holds_comes_and_the_rest_may_be_there(
    look: Callable[..., Seen], packing: str
) -> None:
    size = 400_000 if packing == "bz2" else 50_000  # bzip2 packs blocks of 900,000 bytes
    whole = {f"{number}": os.urandom(size) for number in range(5)}
    content = tar_of(whole, packing)
    seen = look(content[: len(content) * 3 // 5])
    assert seen.contents.items() <= whole.items()
    assert 1 <= len(seen.contents) <= 3
    assert seen.rest
    assert "cut off" in seen.refused[""] or "end of data" in seen.refused[""]


def test_an_archive_that_ends_between_two_members_is_cut_off(look: Callable[..., Seen]) -> None:
    content = tar_of({"a": b"x", "b": b"y"})
    assert look(content[:1024]) == Seen({"a": b"x"}, {"": "it is cut off: its end mark is missing"}, rest=True)


def test_a_damaged_header_is_not_taken_for_the_end(look: Callable[..., Seen]) -> None:
    content = tar_of({"a": b"x", "b": b"y", "c": b"z"})
    seen = look(content[:1024] + b"B" + content[1025:])
    assert (seen.contents, seen.rest) == ({"a": b"x"}, True)
    assert "damaged" in seen.refused[""]


def test_a_wrong_checksum_of_a_packed_file_is_seen(look: Callable[..., Seen]) -> None:
    content = bytearray(gzip.compress(b"apples" * 1000, mtime=0))
    content[-6] ^= 1
    assert look(bytes(content), "a.gz").broken.keys() == {"a"}
    packed = bytearray(tar_of(CONTENTS, "gz"))
    packed[-6] ^= 1
    seen = look(bytes(packed))
    assert seen.rest
    assert "damaged" in seen.refused[""]


def test_nothing_comes_of_a_packed_file_that_is_damaged_from_its_start(look: Callable[..., Seen]) -> None:
    with pytest.raises(Unpackable, match="damaged"):
        look(gzip.compress(b"apples", mtime=0)[:10] + b"\xff" * 50)
