"""A picture made ready for recognition of its text."""

from typing import Any

from extractors.pages.content import Box

_SMALL_PIXELS, _ENLARGED_TIMES = 700, 2
"""Pictures narrower than this are enlarged: their letters are too small for recognition."""


def prepared(picture: Any, codes: list[Box]) -> Any:
    """Make grey, cover the codes, which recognition takes for letters, and enlarge what is small."""
    from PIL import ImageDraw

    grey = picture.convert("L")
    for box in codes:
        margin = 0.06 * (box[2] - box[0])
        edges = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
        ImageDraw.Draw(grey).rectangle(edges, fill=_paper(grey, box))
    if min(grey.size) < _SMALL_PIXELS and max(grey.size) < 3 * _SMALL_PIXELS:
        return grey.resize((grey.width * _ENLARGED_TIMES, grey.height * _ENLARGED_TIMES), resample=3)
    return grey


def _paper(grey: Any, box: Box) -> int:
    """Take the brightest common grey around a code."""
    import numpy as np

    left, top, right, bottom = (max(0, int(edge)) for edge in box)
    pixels = np.asarray(grey)[top : bottom + 1, left : right + 1]
    return int(np.percentile(pixels, 75)) if pixels.size else 255
