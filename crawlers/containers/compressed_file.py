"""A single file packed with gzip, bzip2 or xz, or a tar archive packed so."""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from crawlers.containers.forms import Form
from crawlers.containers.members import Member

_CHUNK_BYTES = 256 << 10
_ENDINGS = {
    Form.GZIP: (".gz", ".gzip", ".z"),
    Form.BZIP2: (".bz2", ".bz"),
    Form.XZ: (".xz",),
}


def opened(file: BinaryIO, form: Form) -> BinaryIO:
    """Give the unpacked bytes, from the start."""
    file.seek(0)
    if form is Form.GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))
    return cast(BinaryIO, bz2.BZ2File(file) if form is Form.BZIP2 else lzma.LZMAFile(file))


def members(file: BinaryIO, form: Form, key: str) -> Iterator[Member]:
    """Give the one file that was packed, named like the container without the ending."""
    stream = opened(file, form)
    yield Member(_name(key, form), iter(lambda: stream.read(_CHUNK_BYTES), b""))


def _name(key: str, form: Form) -> str:
    name = PurePosixPath(key.rpartition("!/")[2].replace("\\", "/")).name
    ending = PurePosixPath(name).suffix
    if ending.lower() in _ENDINGS[form] and name != ending:
        return name.removesuffix(ending)
    return name
