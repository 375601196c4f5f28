"""Messages of a mailbox in mbox format (RFC 4155), also as Thunderbird and Gmail write it."""

import hashlib
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from crawlers.containers.forms import SEPARATOR_LINE
from crawlers.containers.mail_text import LONGEST_HEAD, MailText
from crawlers.containers.members import Member

# A line of text may look like a separator; but then no field follows.
_SEPARATOR_TEXT = SEPARATOR_LINE + rb"(?=[!-9;-~]{1,200}:|>From )"
_SEPARATOR = re.compile(rb"\n" + _SEPARATOR_TEXT)
_HEAD_END = re.compile(rb"\n(?:\r?\n|" + _SEPARATOR_TEXT + rb")")
_LONGEST_MARK = 3000
_BOOKKEEPING = re.compile(
    rb"^(?:x-mozilla-status2?|x-mozilla-keys|status|x-status|x-keywords|x-uid)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
"""What mail programs write into a message when it is read, marked or moved: no part of it, and it changes."""
_MOZILLA_STATUS = re.compile(rb"^x-mozilla-status:[ \t]*([0-9a-f]{4})\b", re.IGNORECASE | re.MULTILINE)
_MOZILLA_DELETED = 0x0008
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?<?([^<>\s]+)", re.IGNORECASE | re.MULTILINE)
_QUOTE = re.compile(rb"\n>(?=>*From )")
_LONGEST_ID = 200


def members(file: BinaryIO) -> Iterator[Member]:
    """Give every message that is not deleted, named after its Message-ID so that its name stays when others go."""
    file.seek(0)
    text = MailText(file)
    while _go_to_message(text):
        head = _head(text)
        if not _is_deleted(head):
            head = _BOOKKEEPING.sub(b"", head)
            yield Member(f"{_id(head)}.eml", _content(head, text))


def _go_to_message(text: MailText) -> bool:
    """Pass by what is left of the message before; tell whether there is another one."""
    for _block in text.until(_SEPARATOR, _LONGEST_MARK):
        pass
    found = text.mark is not None
    text.pass_mark()
    return found


def _head(text: MailText) -> bytes:
    """Read the head with the blank line after it."""
    head = bytearray()
    for block in text.until(_HEAD_END, _LONGEST_MARK):
        head += block
        if len(head) > LONGEST_HEAD:
            return bytes(head)
    if text.mark and not text.mark[0].startswith(b"\nFrom "):
        head += text.mark[0][1:]
        text.pass_mark()
    return bytes(head)


def _is_deleted(head: bytes) -> bool:
    status = _MOZILLA_STATUS.search(head)
    return bool(status and int(status[1], 16) & _MOZILLA_DELETED)


def _id(head: bytes) -> str:
    found = _MESSAGE_ID.search(head)
    if not found or len(found[1]) > _LONGEST_ID:
        return hashlib.blake2b(head, digest_size=10).hexdigest()
    return os.fsdecode(found[1]).replace("/", "%2F").replace("\\", "%5C")


def _content(head: bytes, text: MailText) -> Iterator[bytes]:
    """Give the message as it was before it came into the box: without quotes, and without the blank line at its end."""
    yield head
    held = b""
    for block in text.until(_SEPARATOR, _LONGEST_MARK):
        body = held + _QUOTE.sub(b"\n", text.before + block)[1:]
        held = body[-4:]
        yield body[:-4]
    for blank in (b"\r\n", b"\n"):
        if held == blank or held.endswith(b"\n" + blank):
            held = held.removesuffix(blank)
            break
    yield held
