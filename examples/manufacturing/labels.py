"""Writes photographs of drum labels: printed text and a 2D code that holds the batch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from examples.manufacturing.chance import stream
from examples.manufacturing.companies import plain
from examples.manufacturing.fonts import font
from examples.manufacturing.passages import Naming, Thing, batch, material_of, supplier_of
from examples.manufacturing.wear import blurred, noisy, turned
from examples.manufacturing.world import World

MOST_LABELS = 40
"""At most so many drums were photographed, whatever the scale; below that every second batch."""

_PHOTOGRAPH_PIXELS = (960, 640)
_LABEL_PIXELS = (760, 440)
_CODE_PIXELS = 220
_DRUM, _PAPER, _INK = (92, 112, 138), (243, 241, 234), (24, 24, 28)
_FORMATS = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix)


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says; printers in a warehouse know no accents."""

    supplier: Thing
    material: Thing
    batch: Thing
    net_kg: int
    code: str

    def lines(self) -> tuple[tuple[str, int], ...]:
        """Give the printed lines with their sizes in pixels."""
        return (
            (plain(self.supplier.written), 32),
            (self.material.written, 30),
            (f"Net {self.net_kg} kg", 26),
            ("Keep dry. Keep drum closed.", 24),
        )


def write_labels(folder: Path, world: World) -> list[Naming]:
    """Write the photographs and say what they name."""
    (folder / "labels").mkdir(parents=True)
    total = len(world.supplying.batch_supplier)
    chance = stream(world.seed, "labels")
    chosen = np.sort(chance.permutation(total)[: min(MOST_LABELS, total // 2)])
    namings = []
    for position, index in enumerate(chosen.tolist()):
        label = _plan_label(world, index, position)
        item = f"labels/drum-{position + 1:03d}.png"
        _photograph(_draw(label, position), chance).save(folder / item, compress_level=1)
        namings.append(Naming("images", item, (label.batch, label.supplier, label.material)))
    return namings


def _plan_label(world: World, index: int, position: int) -> Label:
    delivered = batch(world, index)
    net_kg = world.supplying.batches.rows["quantity_kg"][index].as_py()
    code = delivered.written if position % 2 == 0 else f"BATCH:{delivered.written};NET:{net_kg}KG"
    return Label(supplier_of(world, index), material_of(world, index), delivered, net_kg, code)


def _draw(label: Label, position: int) -> Image.Image:
    paper = Image.new("RGB", _LABEL_PIXELS, _PAPER)
    draw = ImageDraw.Draw(paper)
    draw.rectangle((8, 8, _LABEL_PIXELS[0] - 9, _LABEL_PIXELS[1] - 9), outline=_INK, width=3)
    for row, (text, size) in enumerate(label.lines()):
        draw.text((36, 40 + row * 58), text, _INK, font(size, bold=row == 0))
    code = _code(label.code, _FORMATS[position // 2 % len(_FORMATS)])
    paper.paste(code, (_LABEL_PIXELS[0] - _CODE_PIXELS - 30, _LABEL_PIXELS[1] - _CODE_PIXELS - 30))
    return paper


def _code(text: str, code_format: zxingcpp.BarcodeFormat) -> Image.Image:
    barcode = zxingcpp.create_barcode(text, code_format)
    modules = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(barcode, scale=4)))
    return modules.resize((_CODE_PIXELS, _CODE_PIXELS), Image.Resampling.NEAREST).convert("RGB")


def _photograph(paper: Image.Image, chance: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", _PHOTOGRAPH_PIXELS, _DRUM)
    margins = [(full - part) // 2 for full, part in zip(_PHOTOGRAPH_PIXELS, paper.size, strict=True)]
    picture.paste(paper, (margins[0], margins[1]))
    skewed = turned(picture, float(chance.uniform(-6, 6)), background=_DRUM)
    return noisy(blurred(_lit(skewed), 0.7), 7, chance)


def _lit(picture: Image.Image) -> Image.Image:
    """Darken towards the right, as under a lamp at the left."""
    light = np.linspace(1.0, 0.82, picture.width, dtype=np.float32)[None, :, None]
    return Image.fromarray((np.asarray(picture, dtype=np.float32) * light).astype(np.uint8))
