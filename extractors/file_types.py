"""What a file is, by its first bytes and then by its name."""

import json
import re
from pathlib import PurePosixPath

HEAD_BYTES = 4096
"""So many bytes from the start of a file are shown to extractors."""

_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"PAR1", "Parquet"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"BM", "BMP image"),
    (b"GIF8", "GIF image"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"PK\x05\x06", "empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "compound file: an old Office format, or an Office file with a password"),
    (b"\x1f\x8b", "gzip archive"),
    (b"BZh", "bzip2 archive"),
    (b"7z\xbc\xaf", "7-Zip archive"),
    (b"Rar!", "RAR archive"),
    (b"SQLite format 3", "SQLite database"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"RIFF", "RIFF media"),
    (b"\x00\x00\x00\x18ftyp", "MP4 media"),
    (b"\x00\x00\x00\x20ftyp", "MP4 media"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg media"),
)
_OFFICE_FOLDERS = ((b"word/", "word"), (b"xl/", "workbook"), (b"ppt/", "presentation"))
_OFFICE_SUFFIXES = {
    ".docx": "word", ".docm": "word", ".dotx": "word",
    ".xlsx": "workbook", ".xlsm": "workbook",
    ".pptx": "presentation", ".pptm": "presentation", ".ppsx": "presentation",
}  # fmt: skip
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def suffix(key: str) -> str:
    """Give the ending of an item's name in lower case, with the dot."""
    return PurePosixPath(key).suffix.lower()


def stem(key: str) -> str:
    """Give the item's file name without its ending."""
    return PurePosixPath(key).stem


def signature(head: bytes) -> str:
    """Name the type of a binary file by its first bytes, or give an empty text."""
    for start, name in _SIGNATURES:
        if head.startswith(start):
            # Two letters are no proof: plain text may begin with them, too.
            return name if len(start) > 2 or not is_text(head, trust_signature=False) else ""
    return "PDF" if b"%PDF-" in head[:1024] else ""


def is_text(head: bytes, *, trust_signature: bool = True) -> bool:
    """Tell whether the first bytes of a file are text in some encoding."""
    if trust_signature and signature(head):
        return False
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    return bool(head) and len(_CONTROL.findall(head)) <= len(head) // 200 and b"\x00" not in head


def office_kind(key: str, head: bytes) -> str:
    """Tell word, workbook and presentation apart by their parts, else by the name; empty for other files."""
    if not head.startswith(b"PK\x03\x04"):
        return ""
    for folder, kind in _OFFICE_FOLDERS:
        # File names stand in clear after each local header of the archive.
        if re.search(rb"PK\x03\x04.{26}" + re.escape(folder), head, re.DOTALL):
            return kind
    return _OFFICE_SUFFIXES.get(suffix(key), "")


def describe(key: str, head: bytes) -> str:
    """Say what a file seems to be, for people."""
    if not head:
        return "empty file"
    kind = signature(head) or ("text" if is_text(head) else "unknown binary format")
    return f"{kind}, named {suffix(key)}" if suffix(key) else kind


def is_object(line: bytes) -> bool:
    """Tell whether a line is an object in JSON."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
