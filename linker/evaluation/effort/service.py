"""`bifrost eval effort`: answers of a simulated reviewer until the links are there, on data whose truth is known."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bifrost.asking.beliefs import Answered
from bifrost.errors import UnknownName
from bifrost.ports import Progress
from bifrost.progress import SILENT
from linker.evaluation.effort.candidates import NOBODY
from linker.evaluation.effort.measures import measures
from linker.evaluation.effort.predicted_links import is_predicted_links, predicted_links
from linker.evaluation.effort.record_pairs import is_record_pairs, record_pairs
from linker.evaluation.effort.reference_keys import is_reference_keys, reference_keys
from linker.evaluation.effort.reviewing import Reviewer

EVEN_IF_REACHED = 60
"""Answers that every review gives, so that calibration and precision are measured on something."""
LAYOUTS = (
    "tables with gt.csv",
    "a SQLite file with foreign_keys.csv",
    "train.txt, valid.txt and test.txt",
    "manufacturing",
)


def evaluate_effort(
    places: Sequence[Path], *, errs: float = 0.0, seeds: int = 3, scale: int = 16, progress: Progress = SILENT
) -> dict[str, Any]:
    """Review every place in turn; what was learned from one is carried to the next of the same kind.

    A place is a folder in one of `LAYOUTS`, or the name of the example. A review ends when 95 % of the true links are
    there at a precision of .95.

    Raises:
        UnknownName: a place has none of the layouts.
        TruthUnusable: a truth does not fit its data.
    """
    earlier: dict[str, Answered] = {}
    found = []
    for place in places:
        started = time.perf_counter()
        measured = _measured(place, Reviewer(errs=errs, goes_on=EVEN_IF_REACHED), seeds, earlier, progress)
        found.append({"data": place.name, **measured, "seconds": round(time.perf_counter() - started, 1)})
    return found[0] if len(found) == 1 else {"places": found}


def _measured(
    place: Path, reviewer: Reviewer, seeds: int, earlier: dict[str, Answered], progress: Progress
) -> dict[str, Any]:
    kind = _kind(place)
    told = Reviewer(errs=reviewer.errs, goes_on=reviewer.goes_on, earlier=earlier.get(kind, NOBODY))
    if kind == "pairs":
        with record_pairs(place, progress) as candidates:
            measured, earlier[kind] = measures(candidates, told, seeds)
    elif kind == "references":
        measured, earlier[kind] = measures(reference_keys(place, progress), told, seeds)
    else:
        measured, earlier[kind] = measures(predicted_links(place), told, seeds)
    return measured


def _kind(place: Path) -> str:
    for name, fits in (("pairs", is_record_pairs), ("references", is_reference_keys), ("links", is_predicted_links)):
        if place.is_dir() and fits(place):
            return name
    raise UnknownName("data for effort", str(place), LAYOUTS)
