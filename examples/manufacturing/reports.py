"""Writes the quality reports: scanned pages without a text layer, the only place of the measurements."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from examples.manufacturing.archives import WRITTEN_AT
from examples.manufacturing.chance import stream
from examples.manufacturing.fonts import font
from examples.manufacturing.identifiers import days
from examples.manufacturing.passages import Thing, batch
from examples.manufacturing.people import INSPECTORS, persons
from examples.manufacturing.wear import noisy, turned
from examples.manufacturing.world import World

MOST_REPORTS = 60
"""At most so many batches have a report, whatever the scale; below that three of four batches have one."""

_DOTS_PER_INCH = 200
_PAGE_PIXELS = (1654, 2339)
_MARGIN, _TABLE_TOP, _ROW_HEIGHT = 180, 760, 84
_COLUMN_WIDTHS = (440, 270, 270, 314)
_HEADER = ("Parameter", "Value", "Unit", "Limit")
_PAPER, _INK = 246, 25


@dataclass(frozen=True, slots=True)
class Report:
    """What one page says; `rows` are parameter, value, unit, limit."""

    number: str
    batch: Thing
    inspected_on: str
    inspector: str
    rows: tuple[tuple[str, str, str, str], ...]

    @property
    def item(self) -> str:
        """Give the path within the source."""
        return f"reports/{self.number}.pdf"

    def lines(self) -> tuple[str, ...]:
        """Give the lines above the table."""
        return (
            f"Batch: {self.batch.written}",
            f"Inspected on: {self.inspected_on}",
            f"Inspector: {self.inspector}",
        )


def write_reports(folder: Path, world: World) -> list[Report]:
    """Write the reports and say what they measured."""
    (folder / "reports").mkdir(parents=True)
    reports = plan_reports(world)
    for position, report in enumerate(reports):
        page = _scan(_draw(report), np.random.default_rng([world.seed, position]))
        _write_page(folder / report.item, page, report)
    return reports


def plan_reports(world: World) -> list[Report]:
    """Choose batches and write up what was measured of them."""
    chance = stream(world.seed, "reports")
    total = len(world.supplying.batch_supplier)
    chosen = np.sort(chance.permutation(total)[: min(MOST_REPORTS, total * 3 // 4)])
    inspected = days(world.supplying.received_day[chosen] + chance.integers(1, 4, len(chosen))).to_pylist()
    inspectors = persons(INSPECTORS, seed=world.seed)
    return [
        Report(
            number=f"QR-{position + 1:04d}",
            batch=batch(world, index),
            inspected_on=inspected[position],
            inspector=inspectors[position % len(inspectors)],
            rows=_measured(world, index),
        )
        for position, index in enumerate(chosen.tolist())
    ]


def _measured(world: World, index: int) -> tuple[tuple[str, str, str, str], ...]:
    quality = world.quality
    return (
        ("Moisture", f"{quality.moisture_percent[index]:.2f}", "%", f"max {quality.moisture_limit_percent[index]:.2f}"),
        ("Viscosity", f"{quality.viscosity_mpas[index]:.0f}", "mPas", "max 1600"),
        ("Purity", f"{quality.purity_percent[index]:.1f}", "%", "min 97.0"),
        ("Density", f"{quality.density_g_per_cm3[index]:.3f}", "g/cm3", "max 1.400"),
    )


def _draw(report: Report) -> Image.Image:
    page = Image.new("L", _PAGE_PIXELS, _PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((_MARGIN, 200), f"Quality report {report.number}", _INK, font(58, bold=True))
    for position, line in enumerate(report.lines()):
        draw.text((_MARGIN, 390 + position * 78), line, _INK, font(36))
    _draw_table(draw, [_HEADER, *report.rows])
    foot = _TABLE_TOP + _ROW_HEIGHT * (len(report.rows) + 1) + 90
    draw.text((_MARGIN, foot), "Measured in the incoming goods laboratory.", _INK, font(30))
    return page


def _draw_table(draw: ImageDraw.ImageDraw, rows: Sequence[tuple[str, ...]]) -> None:
    edges = [_MARGIN + sum(_COLUMN_WIDTHS[:count]) for count in range(len(_COLUMN_WIDTHS) + 1)]
    bottom = _TABLE_TOP + _ROW_HEIGHT * len(rows)
    for edge in edges:
        draw.line([(edge, _TABLE_TOP), (edge, bottom)], _INK, 3)
    for position in range(len(rows) + 1):
        height = _TABLE_TOP + position * _ROW_HEIGHT
        draw.line([(edges[0], height), (edges[-1], height)], _INK, 3)
    for position, row in enumerate(rows):
        for edge, text in zip(edges, row, strict=False):
            draw.text((edge + 24, _TABLE_TOP + position * _ROW_HEIGHT + 18), text, _INK, font(40, bold=position == 0))


def _scan(page: Image.Image, chance: np.random.Generator) -> Image.Image:
    skewed = turned(page, float(chance.uniform(-1.5, 1.5)), background=_PAPER)
    return noisy(skewed, 2, chance)


def _write_page(path: Path, page: Image.Image, report: Report) -> None:
    written = WRITTEN_AT.timetuple()
    page.save(
        path,
        resolution=_DOTS_PER_INCH,
        quality=75,
        title=report.number,
        producer="Scanner",
        creationDate=written,
        modDate=written,
    )
