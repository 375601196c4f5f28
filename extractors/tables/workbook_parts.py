"""What workbooks keep beside their cells: merged cells and comments, read from the parts of the archive."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CHUNK_BYTES, _OVERLAP_BYTES = 1 << 20, 200
_MOST_MERGED = 100_000
_THREAD_STUB = re.compile(r"^\[Threaded comment\].*?(?:Comment:|$)", re.DOTALL)

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""


@dataclass(frozen=True, slots=True)
class SheetParts:
    """Of one sheet."""

    merged: list[Range] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    """Author and text."""


def sheet_parts(file: Path) -> dict[str, SheetParts]:
    """Give the parts of each sheet by its title; of sheets without any, nothing is said."""
    found: dict[str, SheetParts] = {}
    with ZipFile(file) as archive:
        names = set(archive.namelist())
        people = {person.get("id"): person.get("displayName") or "" for person in _people(archive, names)}
        for title, place in _sheets(archive, names):
            with archive.open(place) as stream:
                merged = list(_merged(stream))
            related = dict(_relations(archive, names, place))
            comments = [
                text for kind in ("threadedComment", "comments") for text in _comments(archive, related, kind, people)
            ]
            if merged or comments:
                found[title] = SheetParts(merged, comments)
    return found


def _sheets(archive: ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    book = "xl/workbook.xml"
    if book not in names:
        return
    targets = {identifier: target for (identifier, _kind), target in _all_relations(archive, names, book)}
    for sheet in _parsed(archive, book).iter():
        if _local(sheet) == "sheet":
            identifier = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            if targets.get(identifier) in names:
                yield sheet.get("name") or "", targets[identifier]


def _merged(stream: IO[bytes]) -> Iterator[Range]:
    """Find merged cells in a stream: they stand behind the cells of a sheet, which may be many."""
    rest, count = b"", 0
    for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
        text, end = rest + chunk, 0
        for found in _MERGED.finditer(text):
            end, count = found.end(), count + 1
            left, top, right, bottom = found.groups()
            yield int(top) - 1, _column(left), int(bottom) - 1, _column(right)
            if count >= _MOST_MERGED:
                return
        rest = text[max(end, len(text) - _OVERLAP_BYTES) :]


def _comments(archive: ZipFile, related: dict[str, str], kind: str, people: dict[str, str]) -> Iterator[str]:
    place = related.get(kind)
    if place is None:
        return
    root = _parsed(archive, place)
    authors = [each.text or "" for each in root.iter() if _local(each) == "author"]
    for each in root.iter():
        if _local(each) not in ("comment", "threadedComment"):
            continue
        number = each.get("authorId") or ""
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        author = people.get(each.get("personId") or "", author)
        text = "".join(part.text or "" for part in each.iter() if _local(part) in ("t", "text")).strip()
        # What is kept of a thread for old readers repeats the thread.
        if text and not author.startswith("tc=") and not _THREAD_STUB.match(text):
            yield f"{author}: {text}".removeprefix(": ")


def _people(archive: ZipFile, names: set[str]) -> Iterator[Any]:
    for name in sorted(names):
        if name.startswith("xl/persons/") and name.endswith(".xml"):
            yield from (each for each in _parsed(archive, name).iter() if _local(each) == "person")


def _relations(archive: ZipFile, names: set[str], place: str) -> Iterator[tuple[str, str]]:
    for (_identifier, kind), target in _all_relations(archive, names, place):
        if target in names:
            yield kind, target


def _all_relations(archive: ZipFile, names: set[str], place: str) -> Iterator[tuple[tuple[str, str], str]]:
    folder, name = posixpath.split(place)
    relations = f"{folder}/_rels/{name}.rels"
    if relations in names:
        for each in _parsed(archive, relations):
            target = posixpath.normpath(posixpath.join("/", folder, each.get("Target") or "")).lstrip("/")
            yield (each.get("Id") or "", (each.get("Type") or "").rpartition("/")[2]), target


def _parsed(archive: ZipFile, name: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(archive.read(name))  # it loads nothing from elsewhere and resolves no entities


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
