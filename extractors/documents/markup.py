"""HTML to paragraphs and tables, without what is no text."""

from collections.abc import Iterator
from html.parser import HTMLParser

from extractors.tables.spans import TableCells

_HIDDEN = {"script", "style", "noscript", "template", "svg"}
_KINDS = {f"h{level}": "heading" for level in range(1, 7)} | {"li": "list", "dt": "list", "dd": "list"}
_BREAKS = {"p", "div", "br", "ul", "ol", "section", "article", "header", "footer", "main", "nav", "hr", "table", "pre"}

Cells = list[list[str]]


_MOST_SPANNED = 1000


class HtmlReader(HTMLParser):
    """Collects text in the order of the file; nested tables count as text of their cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._parts: list[tuple[str, str | Cells]] = []
        self._text: list[str] = []
        self._kind = "text"
        self._hidden = 0
        self._in_title = False
        self._depth = 0
        self._cells = TableCells()

    def parts(self) -> Iterator[tuple[str, str | Cells]]:
        """Give (kind, text) of paragraphs and (kind, cells) of tables."""
        self._flush()
        yield from self._parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "title":
            self._in_title = True
        elif tag == "table":
            self._open_table()
        elif self._depth:
            self._handle_cell(tag, dict(attrs))
        elif tag in _KINDS or tag in _BREAKS:
            self._flush()
            self._kind = _KINDS.get(tag, "text")

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "title":
            self._in_title = False
        elif tag == "table" and self._depth:
            self._close_table()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif not self._depth and (tag in _KINDS or tag in _BREAKS):
            self._flush()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._in_title:
            self.title += data
        elif not self._hidden:
            self._text.append(data)

    def _open_table(self) -> None:
        if not self._depth:
            self._flush()
            self._cells = TableCells()
        self._depth += 1

    def _close_table(self) -> None:
        self._depth -= 1
        if not self._depth:
            self._end_cell()
            grid = self._cells.grid()
            if any(any(row) for row in grid):
                self._parts.append(("table", grid))

    def _handle_cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        if self._depth == 1 and tag == "tr":
            self._end_cell()
            self._cells.open_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self._cells.open(*(_times(attributes.get(name)) for name in ("rowspan", "colspan")))
        elif tag in _BREAKS:
            self._text.append(" ")

    def _end_cell(self) -> None:
        self._cells.say(" ".join("".join(self._text).split()))
        self._text = []

    def _flush(self) -> None:
        text = " ".join("".join(self._text).split())
        if text:
            self._parts.append((self._kind, text))
        self._text, self._kind = [], "text"


def _times(attribute: str | None) -> int:
    return min(int(attribute), _MOST_SPANNED) if attribute and attribute.isdecimal() and int(attribute) else 1
