"""Messages of a mailbox in mbox format (RFC 4155), also as Thunderbird and Gmail write it."""

import hashlib
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from crawlers.containers.forms import SEPARATOR, is_field
from crawlers.containers.mail_lines import LONGEST_HEAD, Line, Lines
from crawlers.containers.members import Member

_BOOKKEEPING = re.compile(
    rb"(?:x-mozilla-status2?|x-mozilla-keys|status|x-status|x-keywords|x-uid)[ \t]*:", re.IGNORECASE
)
"""What mail programs write into a message when it is read, marked or moved: no part of it, and it changes."""
_MOZILLA_STATUS = re.compile(rb"^x-mozilla-status:\s*([0-9a-f]{4})\b", re.IGNORECASE | re.MULTILINE)
_MOZILLA_DELETED = 0x0008
_MESSAGE_ID = re.compile(rb"^message-id:\s*<?([^<>\s]+)", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(rb">+From ")
_LONGEST_ID = 200


def members(file: BinaryIO) -> Iterator[Member]:
    """Give every message that is not deleted, named after its Message-ID so that its name stays when others go."""
    file.seek(0)
    lines = Lines(file)
    while _skip_to_separator(lines):
        head, deleted = _head(lines)
        if not deleted:
            yield Member(f"{_id(head)}.eml", _content(head, lines))


def _skip_to_separator(lines: Lines) -> bool:
    """Pass by what is left of the message before; tell whether there is another one."""
    for _line in _message_lines(lines):
        pass
    return lines.read() is not None


def _message_lines(lines: Lines) -> Iterator[Line]:
    """Give the lines up to the next separator, or to the end."""
    while (line := lines.peek()) is not None and not _is_separator(line, lines):
        lines.read()
        yield line


def _is_separator(line: Line, lines: Lines) -> bool:
    # A line of text may begin so, too; but then no field follows.
    if not line.data.startswith(b"From ") or not line.starts or not SEPARATOR.fullmatch(line.data):
        return False
    following = lines.peek(after=1)
    return following is not None and is_field(following.data)


def _head(lines: Lines) -> tuple[bytes, bool]:
    """Read the head with the blank line after it, without the mail program's own fields, which may say: deleted."""
    head, bookkeeping, own = bytearray(), bytearray(), False
    for line in _message_lines(lines):
        if line.starts and not line.data.startswith((b" ", b"\t")):
            own = bool(_BOOKKEEPING.match(line.data))
        (bookkeeping if own else head).extend(line.data)
        if line.is_blank or len(head) + len(bookkeeping) > LONGEST_HEAD:
            break
    status = _MOZILLA_STATUS.search(bookkeeping)
    return bytes(head), bool(status and int(status[1], 16) & _MOZILLA_DELETED)


def _id(head: bytes) -> str:
    found = _MESSAGE_ID.search(head)
    if not found or len(found[1]) > _LONGEST_ID:
        return hashlib.blake2b(head, digest_size=10).hexdigest()
    return os.fsdecode(found[1]).replace("/", "%2F").replace("\\", "%5C")


def _content(head: bytes, lines: Lines) -> Iterator[bytes]:
    """Give the message as it was before it came into the box: without quotes, and without the blank line at its end."""
    yield head
    held = b""
    for line in _message_lines(lines):
        if held:
            yield held
        held = line.data if line.is_blank else b""
        if not held:
            yield line.data[1:] if line.starts and _QUOTED.match(line.data) else line.data
