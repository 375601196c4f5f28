"""What is drawn on a PDF page besides its characters: how many paths, and which pictures."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from extractors.pages.content import Box

_MOST_OBJECTS = 20_000
"""Of a page with more, the rest is not looked at: it is a drawing."""
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class PageObjects:
    """Counts and boxes; boxes in the file's coordinates: left, bottom, right, top."""

    texts: int
    paths: int
    images: tuple[Box, ...]

    @property
    def blank(self) -> bool:
        """Tell whether nothing is drawn at all."""
        return not (self.texts or self.paths or self.images)


def objects_of(page: Any) -> PageObjects:
    """Count what is on a page, forms that are drawn on it included."""
    kinds = {pdfium.FPDF_PAGEOBJ_TEXT: 0, pdfium.FPDF_PAGEOBJ_PATH: 0, pdfium.FPDF_PAGEOBJ_SHADING: 0}
    images: list[Box] = []
    get_type, image = pdfium.FPDFPageObj_GetType, pdfium.FPDF_PAGEOBJ_IMAGE
    for number, each in enumerate(_objects(page)):
        if number >= _MOST_OBJECTS:
            break
        kind = get_type(each)
        if kind == image:
            images.append(_bounds(each))
        elif kind in kinds:
            kinds[kind] += 1
    texts, paths, shadings = kinds.values()
    return PageObjects(texts, paths + shadings, tuple(images))


def _objects(page: Any) -> Iterator[Any]:
    """Give all objects; of a form that holds others only these, with places in the form's own coordinates."""
    get_object = pdfium.FPDFPage_GetObject
    for at in range(pdfium.FPDFPage_CountObjects(page.raw)):
        each = get_object(page.raw, at)
        yield each
        if pdfium.FPDFPageObj_GetType(each) == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(each, _DEEPEST)


def _inside(form: Any, depth: int) -> Iterator[Any]:
    for at in range(pdfium.FPDFFormObj_CountObjects(form)):
        each = pdfium.FPDFFormObj_GetObject(form, at)
        yield each
        if depth and pdfium.FPDFPageObj_GetType(each) == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(each, depth - 1)


def _bounds(each: Any) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value
