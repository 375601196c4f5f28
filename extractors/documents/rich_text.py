"""Rich Text Format (RTF) to paragraphs and tables."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}]+)", re.IGNORECASE)
_SKIPPED = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "datastore", "listtable", "xmlnstbl"),
    *("listoverridetable", "rsidtbl", "generator", "fldinst", "latentstyles", "colorschememapping", "mmathPr"),
}
_TEXTS = {"tab": "\t", "line": "\n", "emdash": "\u2014", "endash": "\u2013", "bullet": "\u2022", "lquote": "\u2018"}
_TEXTS |= {"rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d"}
_CODE_PAGE = "cp1252"
_SIGNS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}"}

Part = tuple[str, str | list[list[str]]]


class RichText:
    """Reads the text once, from its start; what is no text is passed over."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._code_page = _CODE_PAGE
        self._text: list[str] = []
        self._cells: list[str] = []
        self._rows: list[list[str]] = []
        self._in_table = False
        self._waiting_bytes = b""
        self._to_skip = 0

    def parts(self) -> Iterator[Part]:
        """Give (kind, text) of paragraphs and (kind, cells) of tables."""
        hidden, groups = False, []
        for word, number, code, sign, brace, plain in _TOKEN.findall(self._source):
            if brace == "{":
                groups.append(hidden)
            elif brace == "}":
                hidden = groups.pop() if groups else False
            elif word.lower() in _SKIPPED or sign == "*":
                hidden = True
            elif not hidden:
                yield from self._told(word, number, code, sign, plain)
        yield from self._end_table()
        yield from self._paragraph()

    def _told(self, word: str, number: str, code: str, sign: str, plain: str) -> Iterator[Part]:
        if code:
            self._waiting_bytes += b"" if self._skips() else bytes.fromhex(code)
            return
        self._decode()
        if plain:
            self._say(plain.replace("\r", "").replace("\n", ""))
        elif sign:
            self._say(_SIGNS.get(sign, ""))
        elif word == "u" and number:
            self._text.append(chr(int(number) % 65536))
            self._to_skip = 1
        elif word == "ansicpg" and number:
            self._code_page = f"cp{number}"
        elif word in ("par", "sect", "page", "row", "cell", "intbl", "pard"):
            yield from self._structure(word)
        else:
            self._say(_TEXTS.get(word, ""))

    def _structure(self, word: str) -> Iterator[Part]:
        if word == "intbl":
            self._in_table = True
        elif word == "pard":
            self._in_table = False
        elif word == "cell":
            self._cells.append(self._taken())
        elif word == "row":
            self._rows.append(self._cells)
            self._cells = []
        elif self._in_table:
            self._text.append(" ")
        else:
            yield from self._end_table()
            yield from self._paragraph()

    def _paragraph(self) -> Iterator[Part]:
        self._decode()
        text = self._taken()
        if text:
            yield "text", text

    def _end_table(self) -> Iterator[Part]:
        if self._rows:
            yield "table", self._rows
        self._rows = []

    def _say(self, text: str) -> None:
        if self._to_skip and text:  # what stands for a character that old readers do not know
            text, self._to_skip = text[self._to_skip :], 0
        self._text.append(text)

    def _skips(self) -> bool:
        skips, self._to_skip = bool(self._to_skip), max(0, self._to_skip - 1)
        return skips

    def _decode(self) -> None:
        if self._waiting_bytes:
            try:
                self._text.append(self._waiting_bytes.decode(self._code_page, "replace"))
            except LookupError:
                self._text.append(self._waiting_bytes.decode(_CODE_PAGE, "replace"))
            self._waiting_bytes = b""

    def _taken(self) -> str:
        self._decode()
        text = "".join(self._text).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
        self._text = []
        return text
