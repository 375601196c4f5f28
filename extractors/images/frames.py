"""The frames of a picture file as recognition wants them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from extractors.images.exif import Exif, read_exif

_MOST_PIXELS = 40_000_000


def frames(file: Path | BinaryIO) -> Iterator[tuple[str, Exif, Any]]:
    """Give media type, EXIF and picture of each frame, upright and not larger than recognition can use."""
    from PIL import Image, ImageOps, ImageSequence

    with Image.open(file) as image:
        media_type = Image.MIME.get(image.format or "", "image/unknown")
        exif = read_exif(image)
        # The frames of an animation show the same.
        shown: Any = [image] if media_type == "image/gif" else ImageSequence.Iterator(image)
        for frame in shown:
            frame.load()
            picture = _on_white(ImageOps.exif_transpose(frame))
            excess = (picture.width * picture.height / _MOST_PIXELS) ** 0.5
            yield media_type, exif, picture if excess <= 1 else picture.reduce(int(excess) + 1)


def _on_white(picture: Any) -> Any:
    """Give red, green and blue, with white where the picture is transparent."""
    from PIL import Image

    if picture.mode in ("I;16", "I;16B", "I", "F"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
