"""What speaks for two fields: abbreviated names, words and letters in values, the spread of numbers."""

import numpy as np
import pytest

from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from extractors.fields.abbreviations import abbreviation, skeletons
from extractors.fields.compared import Fields, prepare
from extractors.fields.distribution import gram_vector
from extractors.fields.likeness import SHARED_WORDS, likenesses
from extractors.fields.pair_features import BARE_CODES, SPREAD, pair_features
from extractors.fields.profile import profile_tables


def fields_of(project: Project, left: dict[str, list[object]], right: dict[str, list[object]]) -> Fields:
    """Give the fields of two tables, those of the left one first."""
    tables = [stage_table(project, "a", "left", left), stage_table(project, "b", "right", right)]
    return prepare(project.staging.table([profile_tables(project, tables, Silent())]), None)


@pytest.mark.parametrize("short", ["PTHLGCSTG", "pat_sta", "PatSta", "pathologic_stage", "pathologicstage"])
def test_an_abbreviation_is_closer_to_its_name_than_to_others(project: Project, short: str) -> None:
    fields = fields_of(
        project, {short: ["x"]}, {"pathologic stage": ["x"], "shipping date": ["x"], "patient age": ["x"]}
    )
    letters = skeletons(fields)
    part, whole = abbreviation(letters, letters, np.array([0, 0, 0]), np.array([1, 2, 3]))
    assert part.argmax() == whole.argmax() == 0
    assert part[0] > 0.6


def test_typing_errors_leave_the_letters_of_values_alike() -> None:
    clean = ["winston hills", "richlands", "dalkeith", "point clare"]
    noisy = ["winsotn hills", "rchlands", "dalkeiht", "point clrae"]
    other = ["12.50", "13.75", "99.10", "18.00"]
    vectors = [np.array(gram_vector(values)) for values in (clean, noisy, other)]
    assert vectors[0] @ vectors[1] > 0.6 > vectors[0] @ vectors[2]


def test_texts_that_share_uncommon_words_are_told(project: Project) -> None:
    fields = fields_of(
        project,
        {"finding": ["clear cell carcinoma", "renal tumour"]},
        {"diagnosis": ["carcinoma, clear cell type", "tumour of the renal pelvis"], "shape": ["round", "flat"]},
    )
    shared = likenesses(fields, fields)[SHARED_WORDS]
    assert shared[0, 1] > 0.3 > shared[0, 2]


def test_codes_meet_without_their_first_letter(project: Project) -> None:
    codes = [f"T{number}" for number in range(6)]
    fields = fields_of(
        project, {"stage": [f"p{code}" for code in codes]}, {"t": codes, "n": [f"N{n}" for n in range(6)]}
    )
    rows, columns = np.array([0, 0]), np.array([1, 2])
    assert pair_features(fields, fields, rows, columns)[BARE_CODES].tolist() == [1.0, 0.0]


def test_numbers_of_the_same_spread_are_alike(project: Project) -> None:
    heights = [150.0 + number % 40 for number in range(200)]
    moved = [height * 1.01 for height in heights]
    fields = fields_of(project, {"h": heights}, {"height": moved, "weight": [height / 3 for height in heights]})
    alike = pair_features(fields, fields, np.array([0, 0]), np.array([1, 2]))[SPREAD]
    assert alike[0] > 0.7
    assert alike[1] < 0.3
