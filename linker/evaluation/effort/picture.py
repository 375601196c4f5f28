"""The effort curve and the calibration of one or more measurements, as one SVG without any library."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

SIDE, GAP, EDGE = 260, 80, 50
OURS, CHANCE, FRAME = "#1f6f8b", "#c0792a", "#888888"

Place = tuple[float, float]


def drawn(measured: Sequence[Mapping[str, Any]]) -> str:
    """Draw a row for each measurement: recall by answers, and what is right by what is stated."""
    rows = [_row(each, number) for number, each in enumerate(measured)]
    width, height = 2 * SIDE + GAP + 2 * EDGE, len(rows) * (SIDE + GAP) + EDGE
    style = 'font-family="sans-serif" font-size="12"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {style}>'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(rows)}</svg>\n'
    )


def _row(measured: Mapping[str, Any], number: int) -> str:
    top = EDGE + number * (SIDE + GAP)
    name = escape(str(measured["data"]))
    curve = _panel(EDGE, top, f"{name}: recall by answers") + _curves(measured, top)
    if "reliability" not in measured:
        return curve
    left = EDGE + SIDE + GAP
    held_back = f"{measured['held_back']:,} held back"
    panel = _panel(left, top, f"share right by probability: {held_back}, ECE {measured['ece']}")
    panel += _across(left, top, "stated probability", "1")
    diagonal = _line([(left, top + SIDE), (left + SIDE, top)], FRAME)
    return curve + panel + diagonal + "".join(_bins(measured["reliability"], left, top))


def _curves(measured: Mapping[str, Any], top: float) -> str:
    most = max(point["decisions"] for name in ("curve", "random_curve") for point in measured[name]) or 1
    lines = []
    for name, colour, label, at in (("curve", OURS, "by worth", 20), ("random_curve", CHANCE, "by chance", 38)):
        places = [
            (EDGE + SIDE * point["decisions"] / most, top + SIDE * (1 - point["recall"])) for point in measured[name]
        ]
        lines.append(_line(places, colour))
        lines.append(f'<text x="{EDGE + SIDE - 70}" y="{top + SIDE - at}" fill="{colour}">{label}</text>')
    return "".join(lines) + _across(EDGE, top, "answers", f"{most:,.0f}")


def _across(left: float, top: float, label: str, end: str) -> str:
    y = top + SIDE + 16
    middle = f'<text x="{left + SIDE / 2:.0f}" y="{y:.0f}" text-anchor="middle">{label}</text>'
    return (
        f'<text x="{left}" y="{y:.0f}">0</text>{middle}'
        f'<text x="{left + SIDE}" y="{y:.0f}" text-anchor="end">{end}</text>'
    )


def _bins(rows: Iterable[Mapping[str, float]], left: float, top: float) -> Iterable[str]:
    """Draw a circle for each bin, the larger the more candidates lie in it."""
    for row in rows:
        size = 2 + min(row["count"], 1_000) ** 0.5 / 4
        across, down = left + SIDE * row["stated"], top + SIDE * (1 - row["right"])
        yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{size:.1f}" fill="{OURS}" fill-opacity="0.7"/>'


def _panel(left: float, top: float, title: str) -> str:
    frame = f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{FRAME}"/>'
    marks = f'<text x="{left - 6}" y="{top + 10}" text-anchor="end">1</text><text x="{left - 6}" y="{top + SIDE}" '
    return f'{frame}<text x="{left}" y="{top - 8}">{title}</text>{marks}text-anchor="end">0</text>'


def _line(places: Sequence[Place], colour: str) -> str:
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
