"""Which reader reads which form of container. Each is imported when it is needed: a child process lives shortly."""

from collections.abc import Iterator
from typing import BinaryIO

from crawlers.containers.budget import Budget, OverLimit
from crawlers.containers.forms import Form, is_tar_header
from crawlers.containers.members import Limits, Member, Refused

_TAR_BLOCK = 512


class NoContainer(Exception):
    """The file only looked like a container."""


def pieces_of(file: BinaryIO, form: Form, key: str, budget: Budget, limits: Limits) -> Iterator[Member | Refused]:
    """Give what is in a container; names are as they stand there.

    Raises:
        NoContainer: before the first piece, when it is none.
        Exception: whatever a library raises on a damaged file; what was given before is sound.
    """
    if form is Form.ZIP:
        yield from _zip(file, limits)
    elif form is Form.TAR:
        from crawlers.containers import tar_archive

        yield from tar_archive.members(file)
    elif form is Form.MBOX:
        from crawlers.containers import mbox

        yield from mbox.members(file)
    elif form is Form.MESSAGE:
        yield from _message(file)
    else:
        yield from _compressed(file, form, key, budget)


def _zip(file: BinaryIO, limits: Limits) -> Iterator[Member | Refused]:
    from crawlers.containers import zip_archive

    listed, damage = zip_archive.directory(file, limits.most_members)
    if zip_archive.is_document(listed):
        raise NoContainer
    yield from zip_archive.members(file, listed[: limits.most_members])
    if damage:
        raise damage
    if len(listed) > limits.most_members:
        raise OverLimit(f"it holds more than {limits.most_members:,} members")


def _message(file: BinaryIO) -> Iterator[Member | Refused]:
    from crawlers.containers import message

    empty = True
    for piece in message.members(file):
        empty = False
        yield piece
    if empty:
        raise NoContainer


def _compressed(file: BinaryIO, form: Form, key: str, budget: Budget) -> Iterator[Member | Refused]:
    from crawlers.containers import compressed_file

    if is_tar_header(compressed_file.opened(file, form).read(_TAR_BLOCK)):
        from crawlers.containers import tar_archive

        yield from tar_archive.packed_members(compressed_file.opened(file, form), budget)
    else:
        yield from compressed_file.members(file, form, key)
