"""`bifrost eval effort`: answers of a simulated reviewer until the links are there, on data whose truth is known."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bifrost.asking.beliefs import Answered
from bifrost.errors import UnknownName
from bifrost.model import Decision
from bifrost.ports import Progress
from bifrost.progress import SILENT
from linker.evaluation.effort.candidates import NOBODY
from linker.evaluation.effort.measures import measures
from linker.evaluation.effort.picture import drawn
from linker.evaluation.effort.predicted_links import is_predicted_links, predicted_links
from linker.evaluation.effort.record_pairs import is_record_pairs, record_pairs
from linker.evaluation.effort.reference_keys import is_reference_keys, reference_keys
from linker.evaluation.effort.reviewing import Reviewer
from linker.evaluation.effort.whole_project import NAME, Plant, measured_plant

EVEN_IF_REACHED = 60
"""Answers that every review gives, so that calibration and precision are measured on something."""
FIRST_SEED = 7
LAYOUTS = (
    "tables with gt.csv",
    "a SQLite file with foreign_keys.csv",
    "train.txt, valid.txt and test.txt",
    "manufacturing",
)


@dataclass
class _Carried:
    """What one place taught, for the next of the same kind."""

    answered: dict[str, Answered] = field(default_factory=dict)
    plants: int = 0
    decisions: list[Decision] = field(default_factory=list)


def evaluate_effort(
    *places: Path,
    errs: float = 0.0,
    seeds: int = 3,
    scale: int = 16,
    picture: Path | None = None,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Review every place in turn; what was learned from one is carried to the next of the same kind.

    A place is a folder in one of `LAYOUTS`, or the name of the example; the example given twice is two plants. A
    review ends when 95 % of the true links are there at a precision of .95. `picture` is an SVG that is written.

    Raises:
        UnknownName: a place has none of the layouts.
        TruthUnusable: a truth does not fit its data.
    """
    carried = _Carried()
    found = []
    for place in places:
        started = time.perf_counter()
        reviewer = Reviewer(errs=errs, goes_on=EVEN_IF_REACHED)
        if place.name == NAME and not place.is_dir():
            measured = _plant(carried, Plant(scale, seed=FIRST_SEED + carried.plants), errs, progress)
        else:
            measured = _candidates(place, reviewer, seeds, carried, progress)
        found.append({"data": place.name, **measured, "seconds": round(time.perf_counter() - started, 1)})
    if picture:
        picture.write_text(drawn(found))
    return found[0] if len(found) == 1 else {"places": found}


def _plant(carried: _Carried, plant: Plant, errs: float, progress: Progress) -> dict[str, Any]:
    prefixed = replace(plant, prefix=f"plant{carried.plants + 1}_" if carried.plants else "")
    measured, said = measured_plant(prefixed, errs=errs, earlier=carried.decisions, progress=progress)
    carried.plants += 1
    carried.decisions += said
    return measured


def _candidates(place: Path, reviewer: Reviewer, seeds: int, carried: _Carried, progress: Progress) -> dict[str, Any]:
    kind = _kind(place)
    told = replace(reviewer, earlier=carried.answered.get(kind, NOBODY))
    if kind == "pairs":
        with record_pairs(place, progress) as pairs:
            measured, carried.answered[kind] = measures(pairs, told, seeds)
    else:
        found = reference_keys(place, progress) if kind == "references" else predicted_links(place)
        measured, carried.answered[kind] = measures(found, told, seeds)
    return measured


def _kind(place: Path) -> str:
    for name, fits in (("pairs", is_record_pairs), ("references", is_reference_keys), ("links", is_predicted_links)):
        if place.is_dir() and fits(place):
            return name
    raise UnknownName("data for effort", str(place), LAYOUTS)
