"""Attachments of an e-mail message (RFC 5322, 2047, 2183, 2231)."""

from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import BinaryIO

from crawlers.containers.members import Member, Refused
from crawlers.containers.mime_parts import Parts
from crawlers.containers.transfer_encoding import decoder

_ENDINGS = {
    "application/json": ".json", "application/msword": ".doc", "application/pdf": ".pdf", "application/xml": ".xml",
    "application/vnd.ms-excel": ".xls", "application/zip": ".zip", "image/gif": ".gif", "image/jpeg": ".jpg",
    "image/png": ".png", "image/tiff": ".tif", "message/rfc822": ".eml", "message/global": ".eml",
    "text/calendar": ".ics", "text/csv": ".csv", "text/html": ".html", "text/plain": ".txt",
}  # fmt: skip
"""Fixed, because the system's table of types differs from machine to machine, and names must not."""
_NO_CONTENT = frozenset((
    "application/pgp-encrypted", "application/pgp-signature", "application/pkcs7-signature",
    "application/x-pkcs7-signature", "message/delivery-status", "message/disposition-notification",
))  # fmt: skip
"""Signatures, and reports for programs."""
_SEALED = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))


def members(file: BinaryIO) -> Iterator[Member | Refused]:
    """Give what is attached: parts that say so, parts with a file name, and parts that are no text."""
    parts = Parts(file)
    for number, head in enumerate(parts, start=1):
        if not _is_attachment(head):
            continue
        name, encoding = _file_name(head, number), str(head.get("Content-Transfer-Encoding", ""))
        decode = decoder(encoding)
        if parts.encrypted or head.get_content_type() in _SEALED:
            yield Refused(name, "it is encrypted, or signed in a form that hides its content")
        elif decode is None:
            yield Refused(name, f"its transfer encoding {encoding.strip()[:40]!r} is not supported")
        else:
            yield Member(name, decode(parts.body()))


def _is_attachment(head: Message) -> bool:
    if head.get_content_type() in _NO_CONTENT:
        return False
    is_text = head.get_content_maintype() in ("text", "multipart")
    return not is_text or head.get_content_disposition() == "attachment" or bool(head.get_filename())


def _file_name(head: Message, number: int) -> str:
    name = _decoded(head.get_filename() or "").replace("\\", "/").rpartition("/")[2].strip()
    if name.strip("."):
        return name
    return f"part-{number}{_ENDINGS.get(head.get_content_type(), '.bin')}"


def _decoded(name: str) -> str:
    """Undo encoded words, which the standard forbids in file names and most programs write."""
    try:
        return str(make_header(decode_header(name))) if "=?" in name else name
    except (HeaderParseError, LookupError, ValueError):
        return name
