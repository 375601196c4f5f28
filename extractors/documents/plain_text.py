"""Text files: plain, Markdown, HTML, mail."""

import re
from collections.abc import Iterable, Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import ClassVar

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.documents.markdown import pipe_table
from extractors.documents.markup import HtmlReader
from extractors.documents.rich_text import RichText
from extractors.encoding import read_text
from extractors.file_types import is_text, suffix

_TABLES = (".csv", ".tsv", ".tab", ".psv", ".json", ".jsonl", ".ndjson", ".geojson")
_MARKDOWN = (".md", ".markdown")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$|^(.+)\n(?:=+|-+)$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_MAIL_HEADERS = ("Subject", "From", "To", "Cc", "Date")


class PlainTextExtractor:
    """Reads text in paragraphs; what looks like HTML or mail is read as such."""

    name: ClassVar[str] = "text"
    version: ClassVar[int] = 3

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take all text but the files that are tables by name."""
        return is_text(head) and suffix(item.key) not in _TABLES

    def extract(self, item: Item, file: Path) -> Extract:
        """Read the whole file."""
        if suffix(item.key) == ".eml":
            return _mail(item, file)
        text = read_text(file)
        if not text.strip():
            raise ItemUnreadable(item.source, item.key, "the file holds no text")
        composition = Composition(item)
        if text.startswith("{\\rtf"):
            _add_parts(composition, RichText(text).parts())
            return composition.extract("application/rtf")
        if _is_html(item, text):
            _add_html(composition, text)
            return composition.extract("text/html")
        markdown = suffix(item.key) in _MARKDOWN
        _add_paragraphs(composition, text, markdown=markdown)
        return composition.extract("text/markdown" if markdown else "text/plain")


def _is_html(item: Item, text: str) -> bool:
    start = text[:1024].lstrip().lower()
    return suffix(item.key) in (".html", ".htm", ".xhtml") or start.startswith(("<!doctype html", "<html"))


def _add_paragraphs(composition: Composition, text: str, *, markdown: bool) -> None:
    tables = 0
    for paragraph in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text):
        heading = _HEADING.match(paragraph.strip()) if markdown else None
        if heading:
            composition.add(heading[1] or heading[2], kind="heading")
            continue
        cells = pipe_table(paragraph) if markdown else None
        if cells is not None:
            tables += 1
            composition.add_table(cells, place=f"table {tables}")
            continue
        for kind, part in _items(paragraph.strip("\n")):
            composition.add(part, kind=kind)


def _items(paragraph: str) -> Iterator[tuple[str, str]]:
    """Cut a list into its items; anything else stays whole."""
    lines = paragraph.split("\n")
    if len(lines) > 1 and all(_BULLET.match(line) or line.startswith((" ", "\t")) for line in lines):
        for piece in re.split(r"\n(?=\s*(?:[-*+•]|\d{1,3}[.)])\s+)", paragraph):
            yield "list", piece
    else:
        yield "list" if _BULLET.match(paragraph) else "text", paragraph


def _add_html(composition: Composition, text: str) -> None:
    reader = HtmlReader()
    reader.feed(text)
    reader.close()
    composition.title = " ".join(reader.title.split())
    _add_parts(composition, reader.parts())


def _add_parts(composition: Composition, parts: Iterable[tuple[str, str | list[list[str]]]]) -> None:
    tables = 0
    for kind, content in parts:
        if isinstance(content, str):
            composition.add(content, kind=kind)
        else:
            tables += 1
            composition.add_table(content, place=f"table {tables}")


def _mail(item: Item, file: Path) -> Extract:
    with file.open("rb") as stream:
        message = BytesParser(policy=policy.default).parse(stream)
    composition = Composition(item)
    composition.title = str(message["Subject"] or "")
    for name in _MAIL_HEADERS:
        if message[name]:
            composition.add(f"{name}: {message[name]}", kind="label")
    for part in message.walk():
        # Attachments are items of their own: the crawl opens messages as it opens archives.
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            _add_paragraphs(composition, str(part.get_content()).replace("\r\n", "\n"), markdown=False)
        elif part.get_content_type() == "text/html" and message.get_body(("plain",)) is None:
            _add_html(composition, str(part.get_content()))
    composition.title = str(message["Subject"] or composition.title)
    return composition.extract("message/rfc822")
