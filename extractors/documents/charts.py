"""The numbers behind charts of presentations, as a table of categories and series."""

from collections.abc import Iterator
from typing import Any

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_MOST_POINTS = 100_000


def chart_title(chart: Any) -> str:
    """Give the title, or an empty text."""
    titles = chart.element.findall(f"{_CHART}chart/{_CHART}title")
    return "".join(piece.text or "" for title in titles for piece in title.iter(_TEXT))


def chart_cells(chart: Any) -> list[list[str]]:
    """Give a row for each category and a column for each series, with names in front; whatever the kind of chart."""
    series = list(chart.element.iter(f"{_CHART}ser"))
    columns = [_points(each, "val", "yVal") for each in series]
    categories: dict[int, str] = {}
    for each in series:
        categories = categories or _points(each, "cat", "xVal")
    places = sorted({place for column in columns for place in column} | set(categories))[:_MOST_POINTS]
    if not places:
        return []
    names = [_name(each) or f"series {number}" for number, each in enumerate(series, start=1)]
    rows = [[categories.get(place, ""), *(column.get(place, "") for column in columns)] for place in places]
    return [["category", *names], *rows]


def _name(series: Any) -> str:
    return " ".join(value for found in series.findall(f"{_CHART}tx") for value in _values(found).values())


def _points(series: Any, *names: str) -> dict[int, str]:
    for name in names:
        for found in series.findall(f"{_CHART}{name}"):
            return _values(found)
    return {}


def _values(element: Any) -> dict[int, str]:
    """Give the values that were kept in the file by their places; of labels in levels the innermost."""
    level = next(element.iter(f"{_CHART}lvl"), element)
    found = dict(_indexed(level))
    direct = element.find(f"{_CHART}v")
    return found or ({} if direct is None else {0: direct.text or ""})


def _indexed(element: Any) -> Iterator[tuple[int, str]]:
    for point in element.iter(f"{_CHART}pt"):
        value = point.find(f"{_CHART}v")
        if value is not None and (point.get("idx") or "").isdigit():
            yield int(point.get("idx")), _plain(value.text or "")


def _plain(text: str) -> str:
    return text.removesuffix(".0")
