"""The frames of a picture file as recognition wants them."""

import struct
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageOps

from extractors.images.exif import Exif, read_exif

_MOST_PIXELS = 40_000_000
FAULTS = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, struct.error),
    Image.DecompressionBombError,
)
"""What a damaged or excessive picture raises."""


class Frames:
    """An opened picture file; one of several pages has a frame for each."""

    def __init__(self, file: Path | BinaryIO) -> None:
        """Open the file.

        Raises:
            FAULTS: it is no picture of a known format.
        """
        self._image = Image.open(file)
        self.media_type = Image.MIME.get(self._image.format or "", "image/unknown")
        self.exif: Exif = read_exif(self._image)
        self.damage = ""
        """Why there may be more frames than were counted."""
        self.count = self._counted()

    def __enter__(self) -> "Frames":
        return self

    def __exit__(self, *_failure: object) -> None:
        self._image.close()

    def picture(self, number: int) -> Any:
        """Give a frame, the first is 1: upright, in colours, not larger than recognition can use.

        Raises:
            FAULTS: it is damaged or too large.
        """
        self._image.seek(number - 1)
        self._image.load()
        picture = _on_white(ImageOps.exif_transpose(self._image))
        excess = (picture.width * picture.height / _MOST_PIXELS) ** 0.5
        return picture if excess <= 1 else picture.reduce(int(excess) + 1)

    def _counted(self) -> int:
        """Count the frames; those of an animation show the same."""
        if self.media_type == "image/gif":
            return 1
        try:
            return int(getattr(self._image, "n_frames", 1))
        except FAULTS as error:
            self.damage = str(error) or type(error).__name__
            return max(1, self._image.tell())


def _on_white(picture: Any) -> Any:
    """Give red, green and blue, with white where the picture is transparent."""
    if picture.mode in ("I;16", "I;16B", "I", "F"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
