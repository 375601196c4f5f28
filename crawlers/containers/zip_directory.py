"""The directory at the end of a ZIP archive, read entry by entry (PKWARE's APPNOTE.TXT 4.3.12 to 4.3.16)."""

import stat
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from crawlers.containers.members import Unpackable

_END = struct.Struct("<4s4H2IH")
_END_64_PLACE = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LONGEST_COMMENT = 65_535
_FULL_32 = 0xFFFFFFFF
_UTF8_FLAG, _ENCRYPTED_FLAGS = 0x800, 0x2041
_MADE_ON_UNIX = 3
_EXTRA_64, _EXTRA_UNICODE_NAME = 0x0001, 0x7075
_CUT_OFF = "it is cut off, or no ZIP archive: its directory is missing"


class Entry(NamedTuple):
    """One entry of the directory."""

    name: str
    method: int
    encrypted: bool
    checksum: int
    packed_bytes: int
    size_bytes: int
    start: int
    """Of its local header in the file."""
    mode: int
    """Of the file that was packed, on Unix; else 0."""
    shortest_end: int
    """The entry takes up the file at least up to here."""

    @property
    def is_folder(self) -> bool:
        """Tell whether it only names a folder."""
        return self.name.endswith(("/", "\\")) or stat.S_ISDIR(self.mode)


def entries(file: BinaryIO) -> Iterator[Entry]:
    """Read the directory.

    Raises:
        Unpackable: it is missing or damaged; what was given before is sound.
    """
    place, size, shift, count = _directory(file)
    file.seek(place)
    for _number in range(count):
        fixed = file.read(_ENTRY.size)
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\x01\x02"):
            raise Unpackable("its directory is damaged")
        yield _entry(_ENTRY.unpack(fixed), file, shift)
    if file.tell() - place != size:
        raise Unpackable("its directory is damaged: it holds more than it says")


def _directory(file: BinaryIO) -> tuple[int, int, int, int]:
    """Find the directory: place, size, how far the archive was shifted by what was put before it, and entries."""
    length = file.seek(0, 2)
    tail_start = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(tail_start)
    tail = file.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise Unpackable(_CUT_OFF)
    _sign, disk, _start_disk, _here, count, size, start, _comment = _END.unpack_from(tail, found)
    end = tail_start + found
    if _FULL_32 in (size, start) or count == 0xFFFF:
        end, disk, count, size, start = _directory_64(file, end, (disk, count, size, start))
    place = end - size
    if disk or place < start:
        raise Unpackable("it is one part of several, or its directory is damaged")
    return place, size, place - start, count


def _directory_64(file: BinaryIO, end: int, plain: tuple[int, int, int, int]) -> tuple[int, int, int, int, int]:
    file.seek(max(0, end - _END_64_PLACE.size))
    locator = file.read(_END_64_PLACE.size)
    if len(locator) < _END_64_PLACE.size or not locator.startswith(b"PK\x06\x07"):
        return (end, *plain)  # exactly 65,535 entries, without the large form
    place = end - _END_64_PLACE.size - _END_64.size
    file.seek(max(0, place))
    record = file.read(_END_64.size)
    if len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
        raise Unpackable(_CUT_OFF)
    _sign, _length, _made, _needed, disk, _start_disk, _here, count, size, start = _END_64.unpack(record)
    return place, disk, count, size, start


def _entry(fixed: tuple[int, ...], file: BinaryIO, shift: int) -> Entry:
    (_sign, made, _needed, flags, method, _time, _date, checksum, packed, size,
     name_length, extra_length, comment_length, _disk, _inner, outer, start) = fixed  # fmt: skip
    raw, extra = file.read(name_length), file.read(extra_length)
    if len(raw) < name_length or len(extra) < extra_length or len(file.read(comment_length)) < comment_length:
        raise Unpackable("its directory is damaged")
    fields = dict(_extra_fields(extra))
    size, packed, start = _large((size, packed, start), fields.get(_EXTRA_64, b""))
    start += shift
    return Entry(
        name=_name(raw, flags, fields.get(_EXTRA_UNICODE_NAME, b"")),
        method=method,
        encrypted=bool(flags & _ENCRYPTED_FLAGS),
        checksum=checksum,
        packed_bytes=packed,
        size_bytes=size,
        start=start,
        mode=outer >> 16 if made >> 8 == _MADE_ON_UNIX else 0,
        shortest_end=start + 30 + len(raw) + packed,
    )


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


def _large(values: tuple[int, ...], field: bytes) -> tuple[int, ...]:
    """Replace the numbers that did not fit into 32 bits by those of the extra field, which follow in this order."""
    larger = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
    try:
        return tuple(next(larger) if value == _FULL_32 else value for value in values)
    except (StopIteration, RuntimeError):
        raise Unpackable("its directory is damaged: a size is missing") from None


def _name(raw: bytes, flags: int, unicode_field: bytes) -> str:
    """Decode a name: many programs write UTF-8 without saying so; the standard's other encoding is that of DOS."""
    if unicode_field[:1] == b"\x01":
        raw = unicode_field[5:]
    elif not flags & _UTF8_FLAG:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp437")
    return raw.decode("utf-8", "surrogateescape")
