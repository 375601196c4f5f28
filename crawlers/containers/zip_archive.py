"""Members of a ZIP archive."""

import bz2
import os
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import BinaryIO, Protocol

from crawlers.containers.members import Member, Refused, Unpackable
from crawlers.containers.zip_directory import Entry, entries

_CHUNK_BYTES = 256 << 10
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED, _BZIP2, _AES = 0, 8, 12, 99
_OTHER_METHODS = {9: "Deflate64", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_DOCUMENT_NAMES = frozenset(
    ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "META-INF/container.xml", "AndroidManifest.xml")
)
"""Only files that are documents or programs as a whole have these at the top."""
_JUNK = ("__MACOSX/", ".DS_Store")


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def is_document(listed: list[Entry]) -> bool:
    """Tell an Office file, an e-book or a program, which are ZIP archives only from outside."""
    return any(entry.name in _DOCUMENT_NAMES for entry in listed)


def directory(file: BinaryIO, most: int) -> tuple[list[Entry], Unpackable | None]:
    """Read the directory up to one entry more than wanted, and tell what ended it early."""
    listed: list[Entry] = []
    try:
        for entry in islice(entries(file), most + 1):
            listed.append(entry)  # one by one: what came before an error counts
    except Unpackable as error:
        if not listed:
            raise
        return listed, error
    return listed, None


def members(file: BinaryIO, listed: list[Entry]) -> Iterator[Member | Refused]:
    """Give the members in the order of the directory."""
    overlapping = _overlapping(listed)
    for number, entry in enumerate(listed):
        if entry.is_folder or entry.name.startswith(_JUNK[0]) or entry.name.rpartition("/")[2] == _JUNK[1]:
            continue
        objection = "it overlaps with another member" if number in overlapping else _objection(entry)
        if objection:
            yield Refused(entry.name, objection)
        else:
            yield Member(entry.name, _content(file.fileno(), entry), entry.size_bytes)


def _objection(entry: Entry) -> str:
    if entry.encrypted or entry.method == _AES:
        return "it is encrypted"
    kind = stat.S_IFMT(entry.mode)
    if kind == stat.S_IFLNK:
        return "it is a symbolic link"
    if kind not in (0, stat.S_IFREG):
        return "it is no regular file"
    if entry.method not in (_STORED, _DEFLATED, _BZIP2):
        return f"it is packed with {_OTHER_METHODS.get(entry.method, f'method {entry.method}')}, which is not supported"
    return ""


def _overlapping(listed: list[Entry]) -> set[int]:
    """Find entries that reach into the next one, as in bombs that count the same bytes many times (Fifield 2019)."""
    order = sorted(range(len(listed)), key=lambda number: (listed[number].start, listed[number].shortest_end))
    found = set()
    for number, following in pairwise(order):
        if listed[number].shortest_end > listed[following].start:
            found.add(number)
    return found


def _content(descriptor: int, entry: Entry) -> Iterator[bytes]:
    packed = _packed(descriptor, entry)
    count = checksum = 0
    for chunk in packed if entry.method == _STORED else _decoded(packed, entry.method):
        count += len(chunk)
        if count > entry.size_bytes:
            raise Unpackable(f"it is larger than the {entry.size_bytes:,} bytes that the archive says")
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    if count < entry.size_bytes:
        raise Unpackable(f"it has {count:,} bytes, not {entry.size_bytes:,} as the archive says")
    if checksum != entry.checksum:
        raise Unpackable("it is damaged: its checksum does not fit")


def _packed(descriptor: int, entry: Entry) -> Iterator[bytes]:
    header = os.pread(descriptor, _LOCAL.size, entry.start)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Unpackable("it is damaged: it is not where the directory says")
    name_length, extra_length = _LOCAL.unpack(header)[-2:]
    place, left = entry.start + _LOCAL.size + name_length + extra_length, entry.packed_bytes
    while left:
        data = os.pread(descriptor, min(_CHUNK_BYTES, left), place)
        if not data:
            raise EOFError
        place, left = place + len(data), left - len(data)
        yield data


def _decoded(packed: Iterator[bytes], method: int) -> Iterator[bytes]:
    decoder = _DECODERS[method]()
    for data in packed:
        piece = data
        while not decoder.eof and (piece or not decoder.needs_input):
            yield decoder.decompress(piece, _CHUNK_BYTES)
            piece = b""
    if not decoder.eof:
        raise EOFError


class _Deflate:
    """Raw Deflate with the interface of the other decoders."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
        self.eof, self.needs_input = False, True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)
        self.eof = self._decoder.eof
        self.needs_input = not self._decoder.unconsumed_tail and len(out) < max_length
        return out


_DECODERS: dict[int, Callable[[], _Decoder]] = {_DEFLATED: _Deflate, _BZIP2: bz2.BZ2Decompressor}
