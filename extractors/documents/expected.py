"""What a document should give, as files beside it say: Markdown or text for its words, JSON for its tables."""

import glob
import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.documents.markdown import cells_of_line

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ESCAPE = re.compile(r"\\([_*#<>|\[\]`~])")
_DELIMITER_ROW = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?\s*")


@dataclass(frozen=True, slots=True)
class Expected:
    """Text and tables; `tables` is None where nothing is known about them."""

    text: str
    tables: Sequence[Sequence[Sequence[str]]] | None


def expected_for(document: Path) -> Expected | None:
    """Read what stands beside a document, or give None where nothing does."""
    markdown, structure = (_beside(document, ending) for ending in (".md", ".json"))
    if markdown is not None:
        text = markdown.read_text(encoding="utf-8")
        # What the structure does not call a table, the text may still show as one.
        tables = (_json_tables(structure) if structure is not None else None) or list(markdown_tables(text))
        return Expected(_plain(text), tables)
    plain = document.parent / "expected" / f"{document.stem}.txt"
    return Expected(plain.read_text(encoding="utf-8"), None) if plain.exists() else None


def markdown_tables(text: str) -> Iterator[list[list[str]]]:
    """Give the pipe tables of a Markdown text as rows of cells."""
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.lstrip().startswith("|"):
            if not _DELIMITER_ROW.fullmatch(line):
                rows.append([_plain(cell).strip() for cell in cells_of_line(line)])
        elif rows:
            yield rows
            rows = []


def _beside(document: Path, ending: str) -> Path | None:
    folder = document.parent / "groundtruth"
    for name in (document.name, document.stem):
        found = folder / f"{name}{ending}"
        if found.exists():
            return found
    # Several expectations of one document are told apart by what made them; lists of its pages are none of them.
    candidates = sorted(folder.glob(f"{glob.escape(document.stem)}.*{ending}"))
    return next((path for path in candidates if not path.stem.endswith(".meta")), None)


def _json_tables(file: Path) -> list[list[list[str]]] | None:
    value: Any = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(value, dict) or "tables" not in value:
        return None
    return [[[cell["text"] for cell in row] for row in table["data"]["grid"]] for table in value["tables"]]


def _plain(markdown: str) -> str:
    text = _COMMENT.sub(" ", markdown)
    lines = [line for line in text.splitlines() if not _DELIMITER_ROW.fullmatch(line)]
    return html.unescape(_ESCAPE.sub(r"\1", _TAG.sub(" ", _LINK.sub(r"\1", "\n".join(lines)))))
