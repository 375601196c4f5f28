"""What a scanner or a camera does to a clean picture: it turns it a little and adds noise."""

import numpy as np
from PIL import Image, ImageFilter


def turned(picture: Image.Image, degrees: float, *, background: int | tuple[int, ...]) -> Image.Image:
    """Turn about the centre without changing the size."""
    return picture.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=background)


def blurred(picture: Image.Image, radius_pixels: float) -> Image.Image:
    """Soften as a lens does."""
    return picture.filter(ImageFilter.GaussianBlur(radius_pixels))


def noisy(picture: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Add grey noise with the given standard deviation in steps of 255."""
    pixels = np.asarray(picture, dtype=np.float32)
    grain = chance.standard_normal(pixels.shape[:2], dtype=np.float32) * strength
    worn = pixels + (grain if pixels.ndim == 2 else grain[:, :, None])
    return Image.fromarray(np.clip(worn, 0, 255).astype(np.uint8))
