"""Members of a tar archive, read from its start to its end."""

import tarfile
from collections.abc import Iterator
from typing import IO, BinaryIO, Self, cast

from crawlers.containers.budget import Budget
from crawlers.containers.members import Member, Refused, Unpackable

_CHUNK_BYTES = 256 << 10


class Metered:
    """Unpacked bytes that are counted, so that what is skipped over costs no more than what is taken."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream, self._budget, self._bytes = stream, budget, 0

    def read(self, size: int) -> bytes:
        """Read up to so many bytes.

        Raises:
            OverLimit: more came out than may.
        """
        data = self._stream.read(size)
        self._bytes += len(data)
        self._budget.allow(self._bytes)
        return data


class _Header(tarfile.TarInfo):
    """A header that tells a damaged archive from one that is at its end; the library takes both for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) < tarfile.BLOCKSIZE:
            raise Unpackable("it is cut off: its end mark is missing")
        if not any(buf):
            return super().frombuf(buf, encoding, errors)  # raises what the library takes for the end
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise Unpackable(f"it is damaged: {error}") from error


def members(file: BinaryIO) -> Iterator[Member | Refused]:
    """Give the members of a plain archive."""
    with tarfile.open(fileobj=file, mode="r:", tarinfo=_Header, encoding="utf-8") as tar:
        yield from _members(tar)


def packed_members(stream: BinaryIO, budget: Budget) -> Iterator[Member | Refused]:
    """Give the members of a packed archive."""
    metered = Metered(stream, budget)
    with tarfile.open(fileobj=cast(IO[bytes], metered), mode="r|", tarinfo=_Header, encoding="utf-8") as tar:
        yield from _members(tar)
    while metered.read(_CHUNK_BYTES):  # the packed file's own checksum stands at its end
        pass


def _members(tar: tarfile.TarFile) -> Iterator[Member | Refused]:
    for header in tar:
        if header.size < 0:
            raise Unpackable("it is damaged: a member has a size below zero")
        if header.isreg():
            yield Member(header.name, _content(tar, header), header.size)
        elif not header.isdir():
            yield Refused(header.name, _objection(header))


def _content(tar: tarfile.TarFile, header: tarfile.TarInfo) -> Iterator[bytes]:
    content = tar.extractfile(header)
    if content is not None:
        yield from iter(lambda: content.read(_CHUNK_BYTES), b"")


def _objection(header: tarfile.TarInfo) -> str:
    if header.issym():
        return "it is a symbolic link"
    return "it is a hard link to another member" if header.islnk() else "it is no regular file"
