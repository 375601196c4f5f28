"""Presentations (PPTX): texts, tables and notes of every slide."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extract
from extractors.documents.composition import Composition
from extractors.file_types import office_kind
from extractors.office_file import opened
from extractors.pages.content import Box

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class PresentationExtractor:
    """Reads slides in their order; a slide counts as a page."""

    name: ClassVar[str] = "presentation"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        pass

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take Office archives that hold a presentation."""
        return office_kind(item.key, head) == "presentation"

    def extract(self, item: Item, file: Path) -> Extract:
        """Read every slide with its notes."""
        import pptx

        deck = opened(item, file, pptx.Presentation, "presentation")
        composition = Composition(item)
        size = (deck.slide_width or 1, deck.slide_height or 1)
        for number, slide in enumerate(deck.slides, start=1):
            tables = 0
            for shape in _shapes(slide.shapes):
                if shape.has_text_frame:
                    _add_text(composition, shape, number, slide, size)
                elif shape.has_table:
                    tables += 1
                    composition.add_table(_cells(shape.table), place=f"page {number}, table {tables}", page=number)
                elif shape.has_chart:
                    _add_chart(composition, shape, number)
            if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                composition.add(slide.notes_slide.notes_text_frame.text, page=number, kind="note")
        return composition.extract(
            _MEDIA_TYPE, pages=len(deck.slides), title=composition.title or deck.core_properties.title
        )


def _shapes(shapes: Iterable[Any]) -> Iterator[Any]:
    """Give shapes in their order, those inside of groups included."""
    from pptx.shapes.group import GroupShape

    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _add_text(composition: Composition, shape: Any, number: int, slide: Any, size: tuple[int, int]) -> None:
    title = slide.shapes.title
    kind = "heading" if title is not None and shape.shape_id == title.shape_id else "text"
    box = _box(shape, size)
    if kind == "heading":
        composition.add(" ".join(shape.text_frame.text.split()), page=number, kind=kind, box=box)
        return
    for paragraph in shape.text_frame.paragraphs:
        composition.add(paragraph.text.replace("\v", " "), page=number, kind=kind, box=box)


def _box(shape: Any, size: tuple[int, int]) -> Box | None:
    if None in (shape.left, shape.top, shape.width, shape.height):
        return None
    edges = (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
    left, top, right, bottom = (
        min(max(round(edge / length, 5), 0.0), 1.0) for edge, length in zip(edges, size * 2, strict=True)
    )
    return left, top, right, bottom


def _cells(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def _add_chart(composition: Composition, shape: Any, number: int) -> None:
    try:
        composition.add(_chart_text(shape.chart), page=number)
    except (ValueError, KeyError) as error:  # the library knows some kinds of charts only
        composition.reject(f"page {number}", f"a chart cannot be read: {error}")


def _chart_text(chart: Any) -> str:
    """Give what a chart says in words: its title, its series and its categories."""
    texts = [chart.chart_title.text_frame.text] if chart.has_title and chart.chart_title.has_text_frame else []
    for plot in chart.plots:
        texts += [str(category) for category in plot.categories]
        texts += [str(series.name) for series in plot.series if series.name]
    return ", ".join(dict.fromkeys(text for text in texts if text.strip()))
