"""What is asked about two fields shows the values that mean the same."""

from pathlib import Path

import pyarrow as pa

from bifrost.extraction import Extraction
from bifrost.project import create_project
from bifrost.schemas import MATCHES, VALUE_MATCHES
from linker.evidence import read_evidence

LEFT, RIGHT = ("hr", "staff", "sex"), ("payroll", "people", "gender")


def test_a_question_about_two_coded_fields_shows_which_values_mean_the_same(tmp_path: Path) -> None:
    project = create_project(tmp_path, "{}\n")
    match = dict(zip(MATCHES.names, (*LEFT, *RIGHT, 0.8, 0.9, "[]"), strict=True))
    values = [
        dict(zip(VALUE_MATCHES.names, (*LEFT, one, *RIGHT, two, probability), strict=True))
        for one, two, probability in (("F", "female", 0.7), ("M", "male", 0.9))
    ]
    extraction = Extraction(
        matches=project.staging.put_table(pa.Table.from_pylist([match], MATCHES)).digest,
        value_matches=project.staging.put_table(pa.Table.from_pylist(values, VALUE_MATCHES)).digest,
    )
    [asked] = read_evidence(project, extraction.store(project.staging), {}).same_fields([])
    assert asked.examples == (("M", "male"), ("F", "female"))
