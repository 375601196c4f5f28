"""What Markdown writes in signs of its own: tables of pipes, and signs that stand for themselves."""

import re

_DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_BORDER = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


def pipe_table(paragraph: str) -> list[list[str]] | None:
    """Read a paragraph as a table, or give None: the second line must set names off from rows."""
    lines = paragraph.strip().split("\n")
    if len(lines) < 2 or "|" not in lines[0] or "|" not in lines[1] or not _DELIMITER_ROW.fullmatch(lines[1]):
        return None
    return [cells_of_line(line) for line in [lines[0], *lines[2:]] if "|" in line]


def cells_of_line(line: str) -> list[str]:
    """Cut a line at its pipes; those at its ends are borders."""
    inner = line.strip().removeprefix("|")
    inner = inner.removesuffix("|") if not inner.endswith("\\|") else inner
    return [_ESCAPED.sub(r"\1", cell).strip() for cell in _BORDER.split(inner)]
