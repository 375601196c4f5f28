"""`bifrost eval effort`: what it prints, draws and refuses, and the example from its sources to its links."""

import csv
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bifrost.cli.app import app
from bifrost.cli.session import Session

SVG = "{http://www.w3.org/2000/svg}"


def _run(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["--dir", str(home), "eval", "effort", *arguments], obj=Session(home))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def two_registers(tmp_path):
    """Two lists of people; every second one is in both, with the first letter of the name lost."""
    folder = tmp_path / "registers"
    folder.mkdir()
    firsts = ["Anna", "Boris", "Carla", "David", "Elena", "Farid", "Greta", "Hanno"]
    lasts = ["Abelmann", "Brockhaus", "Czerny", "Dornfeld", "Eisenstein", "Fuchsberger", "Grillparzer", "Humboldt"]
    people = [
        f"{first} {last} {at:03}"
        for at, (first, last) in enumerate((first, last) for first in firsts for last in lasts)
    ]
    both = range(0, len(people), 2)
    tables = {
        "old.csv": [("id", "name"), *((f"o{at}", name) for at, name in enumerate(people))],
        "new.csv": [("id", "name"), *((f"n{at}", people[at][1:]) for at in both)],
        "gt.csv": [("old", "new"), *((f"o{at}", f"n{at}") for at in both)],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def test_the_command_measures_and_draws_both_panels(two_registers, tmp_path):
    picture = tmp_path / "effort.svg"
    found = json.loads(_run(tmp_path, str(two_registers), "--seeds", "2", "--picture", str(picture), "--json"))
    assert found["data"] == "registers"
    assert found["true_links"] == 32
    assert found["seeds"] == len(found["unasked_precision"]) == 2
    assert sum(row["count"] for row in found["reliability"]) == found["held_back"]
    drawn = ElementTree.fromstring(picture.read_text())
    texts = " ".join(each.text or "" for each in drawn.iter(f"{SVG}text"))
    assert "recall by answers" in texts
    assert "share right by probability" in texts
    assert len(list(drawn.iter(f"{SVG}circle"))) == len(found["reliability"])


def test_without_json_the_command_shows_a_table_and_no_curves(two_registers, tmp_path):
    shown = _run(tmp_path, str(two_registers), "--seeds", "1", "--errs", "0.05")
    assert "ratio_to_manual" in shown
    assert "reliability" not in shown


def test_a_place_that_is_none_is_refused_with_what_there_is(tmp_path):
    done = CliRunner().invoke(
        app, ["--dir", str(tmp_path), "eval", "effort", str(tmp_path / "none")], obj=Session(tmp_path)
    )
    assert done.exit_code != 0
    assert "gt.csv" in str(done.exception)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_second_plant_is_asked_less_than_the_first_and_both_graphs_are_right(tmp_path):
    found = json.loads(_run(tmp_path, "manufacturing", "manufacturing", "--scale", "12", "--json"))
    first, second = found["places"]
    for each in (first, second):
        assert each["recall"] >= 0.95
        assert each["precision"] >= 0.95
        assert each["ratio_to_manual"] >= 10
    assert second["decisions"] < first["decisions"]
