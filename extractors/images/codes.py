"""Barcodes and 2D codes in pictures."""

from dataclasses import dataclass
from typing import Any

from extractors.pages.content import Box


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what it says, the standard that it is written in, and where it is in pixels."""

    text: str
    format: str
    box: Box


def read_codes(picture: Any) -> list[Code]:
    """Read all codes, from the top."""
    import zxingcpp

    found = []
    for code in zxingcpp.read_barcodes(picture):
        corners = [getattr(code.position, name) for name in ("top_left", "top_right", "bottom_left", "bottom_right")]
        across, down = [corner.x for corner in corners], [corner.y for corner in corners]
        if code.text.strip():
            found.append(Code(code.text, str(code.format), (min(across), min(down), max(across), max(down))))
    return sorted(found, key=lambda code: (code.box[1], code.box[0], code.text))
