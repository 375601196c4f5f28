"""The type that pages are set in: DejaVu where the machine has it, otherwise the one that Pillow carries."""

from functools import cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size_pixels: int, *, bold: bool = False) -> Font:
    """Give a font that knows at least plain Latin letters; Pillow's own has neither accents nor a bold face."""
    try:
        return ImageFont.truetype("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf", size_pixels)
    except OSError:
        return ImageFont.load_default(size_pixels)
