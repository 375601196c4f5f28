"""Records are compared once: answers are judged upon what was staged, as if it had been compared anew."""

import random

import numpy as np
import pytest

from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.resolution.comparison import STAGE, compare, remembered_comparison
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.scoring import judged
from linker.resolution.sides import Sides, load_sides
from linker.resolution.table_pairs import TablePair
from linker.resolution.verdicts import positions

SYLLABLES = ("ka", "lo", "mi", "ter", "gan", "sul", "bro", "ven", "dar", "fi")


@pytest.fixture
def sides(project: Project) -> Sides:
    """Give two tables of 150 firms, of which 120 are in both: more than are compared each with each."""
    chance = random.Random(5)
    firms = [("".join(chance.choices(SYLLABLES, k=4)), "".join(chance.choices(SYLLABLES, k=3))) for _ in range(180)]
    tables = [
        stage_table(
            project,
            source,
            "firms",
            {
                "id": [f"{source}{number}" for number in range(150)],
                "name": [name for name, _ in part],
                "town": [town for _, town in part],
            },
            key=["id"],
        )
        for source, part in (("a", firms[:150]), ("b", firms[30:]))
    ]
    fields = (FieldPair("name", "name", Compared.TEXT, 1.0, True), FieldPair("town", "town", Compared.TEXT, 1.0, False))
    return load_sides(project, TablePair(tables[0], tables[1], fields))


def test_what_was_staged_is_judged_like_what_was_just_compared(project: Project, sides: Sides) -> None:
    said = {("a30", "b0"): True, ("a31", "b1"): False}
    remembered_comparison(project, sides, {})
    staged = judged(sides, remembered_comparison(project, sides, {}), said)
    assert staged.equals(judged(sides, compare(sides, {}), said))


def test_answers_about_candidates_need_no_new_comparison(project: Project, sides: Sides) -> None:
    first = remembered_comparison(project, sides, {})
    known = project.catalog.checkpoints(STAGE)
    answered = remembered_comparison(project, sides, {("a30", "b0"): True, ("gone", "b1"): False})
    assert np.array_equal(answered.candidates.left, first.candidates.left)
    assert project.catalog.checkpoints(STAGE) == known


def test_a_pair_that_was_no_candidate_is_compared_once_people_spoke_of_it(project: Project, sides: Sides) -> None:
    rows = {side: sides.rows(side).to_pylist() for side in ("left", "right")}
    candidates = remembered_comparison(project, sides, {}).candidates
    near = {(rows["left"][one], rows["right"][two]) for one, two in zip(candidates.left, candidates.right, strict=True)}
    far = next((one, two) for one in rows["left"] for two in rows["right"] if (one, two) not in near)
    assert not positions(sides, candidates, {far: True})
    answered = remembered_comparison(project, sides, {far: True})
    assert len(answered.candidates) == len(candidates) + 1
    pairs = judged(sides, answered, {far: True}).to_pylist()
    assert [pair["probability"] for pair in pairs if (pair["left_row"], pair["right_row"]) == far] == [1.0]
