"""Which files may be containers: told by their first bytes, so that ordinary files cost next to nothing."""

import mmap
import re
from enum import StrEnum
from pathlib import Path

_HEAD_BYTES = 4096
_LONGEST_MAIL_HEAD = 256 << 10
_TAIL_BYTES = 65_536
_TAR_BLOCK = 512

_FIELD = re.compile(rb"[!-9;-~]+:")
_MAIL_FIELDS = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"return-path", b"mime-version"}
_MAIL_FIELDS |= {b"x-mozilla-status", b"content-type", b"delivered-to"}
SEPARATOR_LINE = rb"From (?:-? *\r?\n|[^\n]{0,1000}\d:\d\d[^\n]{0,1000}\n)"
"""The line before each message of a mailbox: `From SENDER DATE`, where Thunderbird may leave out either."""
_SEPARATOR = re.compile(SEPARATOR_LINE)
_ATTACHED = re.compile(
    rb"^content-disposition:\s*attachment"
    rb"|^content-type:\s*(?:application|image|audio|video|model|font|message)/"
    rb"|(?:^[ \t]+|;[ \t]*)(?:file)?name\*?[0-9]{0,3}\*?=",
    re.IGNORECASE | re.MULTILINE,
)
_OFFICE_NAMES = rb"\[Content_Types\]\.xml|META-INF/|_rels/\.rels|mimetypeapplication/"
_OFFICE_HEAD = re.compile(rb"PK\x03\x04.{26}(?:" + _OFFICE_NAMES + rb")", re.DOTALL)
_OFFICE_TAIL = re.compile(rb"PK\x01\x02.{42}(?:\[Content_Types\]\.xml|META-INF/MANIFEST\.MF)", re.DOTALL)


class Form(StrEnum):
    """What a container looks like from outside."""

    ZIP = "zip archive"
    TAR = "tar archive"
    GZIP = "gzip file"
    BZIP2 = "bzip2 file"
    XZ = "xz file"
    MBOX = "mailbox"
    MESSAGE = "message"


_SIGNATURES = (
    (b"PK\x03\x04", Form.ZIP),
    (b"PK\x05\x06", Form.ZIP),
    (b"\x1f\x8b\x08", Form.GZIP),
    (b"BZh", Form.BZIP2),
    (b"\xfd7zXZ\x00", Form.XZ),
)


def form_of(file: Path) -> Form | None:
    """Tell what kind of container a file may be, or that it is none; its name does not matter."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        form = _by_signature(head)
        if form is Form.ZIP:
            return None if _OFFICE_HEAD.match(head) or _OFFICE_TAIL.search(_tail(file)) else form
        if form:
            return form
        if is_tar_header(head[:_TAR_BLOCK]):
            return Form.TAR
        if starts_mailbox(head):
            return Form.MBOX
        if _starts_with_field(head):
            head += stream.read(_LONGEST_MAIL_HEAD)
            return Form.MESSAGE if _is_message_head(head) and _may_have_attachments(file) else None
    return None


def is_tar_header(block: bytes) -> bool:
    """Tell a header of a tar archive by its checksum."""
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    digits = block[148:156].strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,8}", digits):
        return False
    return int(digits, 8) == sum(block[:148]) + 8 * ord(" ") + sum(block[156:])


def starts_mailbox(head: bytes) -> bool:
    """Tell whether a file starts with the separator of a mailbox and the head of a message."""
    separator = _SEPARATOR.match(head)
    return separator is not None and not _MAIL_FIELDS.isdisjoint(_field_names(head[separator.end() :]))


def _by_signature(head: bytes) -> Form | None:
    for start, form in _SIGNATURES:
        if head.startswith(start) and (form is not Form.BZIP2 or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
            return form
    return None


def _tail(file: Path) -> bytes:
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL_BYTES))
        return stream.read()


def _starts_with_field(head: bytes) -> bool:
    return bool(_FIELD.match(head)) or head.startswith((b"From ", b">From "))


def _is_message_head(text: bytes) -> bool:
    head, end, _body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    return bool(end) and len(_field_names(head) & _MAIL_FIELDS) >= 2


def _field_names(head: bytes) -> set[bytes]:
    """Give the names of fields up to the first line that cannot be in the head of a message."""
    names = set()
    for line in head.splitlines():
        if _FIELD.match(line):
            names.add(line.split(b":")[0].lower())
        elif not line.startswith((b" ", b"\t", b"From ", b">From ")):
            break
    return names


def _may_have_attachments(file: Path) -> bool:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _ATTACHED.search(content) is not None
