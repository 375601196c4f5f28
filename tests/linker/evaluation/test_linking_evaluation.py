"""Linking is measured on files alone, by the way a run takes, and the truth is not given away."""

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from bifrost.truth_file import TruthUnusable, read_rows
from linker.evaluation.labelling import with_labels
from linker.evaluation.references import evaluate_references
from linker.evaluation.resolution import evaluate_pairs, evaluate_resolution
from linker.evaluation.scores import compared

_SYLLABLES = (
    "an",
    "ber",
    "ca",
    "dmi",
    "el",
    "fa",
    "gre",
    "hu",
    "in",
    "jo",
    "ka",
    "lar",
    "mon",
    "ni",
    "os",
    "pet",
    "ru",
)
_STREETS = ("harbour road", "mill lane", "station street", "church square", "castle hill", "garden walk")
HEADER = ("key", "first_name", "last_name", "street", "born")


def _people(count: int) -> list[tuple[str, str, str, str]]:
    chance = random.Random(3)

    def named(syllables: int) -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(syllables))

    return [
        (named(2), named(3), f"{chance.choice(_STREETS)} {chance.randint(1, 90)}", str(chance.randint(1950, 2004)))
        for _ in range(count)
    ]


def _misspelt(person: Sequence[str]) -> tuple[str, ...]:
    first, last, street, born = person
    return first, last[:2] + last[3:], street.replace("street", "str."), born


def _write(file: Path, rows: Iterable[Sequence[str]], delimiter: str = ",") -> Path:
    with file.open("w", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return file


@pytest.fixture
def people(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Give two files of 60 and 50 people, of whom 40 are in both, and the pairs of their keys."""
    known = _people(70)
    left = _write(tmp_path / "a.csv", [HEADER, *((f"L-{n}", *known[n]) for n in range(60))])
    others = [(f"R-{n}", *_misspelt(known[n])) for n in range(20, 70)]
    right = _write(tmp_path / "b.csv", [HEADER, *others], delimiter="|")
    truth = _write(tmp_path / "gt.csv", [("D1", "D2"), *((f"L-{n}", f"R-{n}") for n in range(20, 60))])
    return left, right, truth


def test_two_files_are_resolved_without_looking_at_their_identifiers(people: tuple[Path, Path, Path]) -> None:
    left, right, truth = people
    measured = evaluate_resolution(left, right, truth=truth)
    assert measured["f1"] >= 0.9
    assert measured["pairs_true"] == 40
    assert measured["labels_used"] == 0
    assert not any("key" in field for field in measured["fields"])


def test_answers_are_asked_for_up_to_the_number_that_is_allowed(people: tuple[Path, Path, Path]) -> None:
    left, right, truth = people
    measured = evaluate_resolution(left, right, truth=truth, labels=6)
    assert measured["labels_used"] == 6
    assert measured["f1"] >= 0.9


def test_one_file_is_searched_for_what_it_holds_twice(tmp_path: Path) -> None:
    known = _people(90)
    twice = [(f"P-{n}", *known[n]) for n in range(90)] + [(f"Q-{n}", *_misspelt(known[n])) for n in range(30)]
    rows = [(key, f"{first} {last}", *others) for key, first, last, *others in twice]
    file = _write(tmp_path / "all.csv", [("key", "name", "street", "born"), *rows])
    truth = _write(tmp_path / "gt.csv", [(f"P-{n}", f"Q-{n}") for n in range(30)])
    measured = evaluate_resolution(file, truth=truth)
    assert measured["pairs_true"] == 30
    assert measured["recall"] >= 0.8
    assert measured["precision"] >= 0.8


def test_a_file_in_which_everybody_stands_several_times_is_resolved_into_crowds(tmp_path: Path) -> None:
    chance = random.Random(11)
    rows, truth = [], []
    for n, (first, last, street, born) in enumerate(_people(60)):
        copies = [(f"P-{n}-{copy}", first, last, street, born) for copy in range(chance.randint(3, 6))]
        for key, *_ in copies[1:]:
            truth.append((copies[0][0], key))
        rows += [(key, *(_misspelt(person) if chance.random() < 0.4 else person)) for key, *person in copies]
    chance.shuffle(rows)
    every = {(one, other) for one, other in _closed(truth) if one < other}
    file = _write(tmp_path / "crowds.csv", [HEADER, *rows])
    measured = evaluate_resolution(file, truth=_write(tmp_path / "gt.csv", sorted(every)))
    assert measured["f1"] >= 0.95


def _closed(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Give all pairs of a star's members."""
    stars: dict[str, set[str]] = {}
    for centre, member in pairs:
        stars.setdefault(centre, {centre}).add(member)
    return {(one, other) for members in stars.values() for one in members for other in members if one != other}


def test_a_truth_that_speaks_of_other_records_is_refused(people: tuple[Path, Path, Path], tmp_path: Path) -> None:
    left, right, _truth = people
    strange = _write(tmp_path / "strange.csv", [("x-1", "y-1"), ("x-2", "y-2")])
    with pytest.raises(TruthUnusable, match="in no field of the table"):
        evaluate_resolution(left, right, truth=strange)


def test_listed_pairs_are_judged_and_the_test_list_answers_no_question(
    people: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    left, right, _truth = people
    folder = tmp_path / "pairs"
    folder.mkdir()
    tables = {"tableA.csv": read_rows(left), "tableB.csv": read_rows(right)}
    for name, rows in tables.items():
        _write(folder / name, [("id", *HEADER[1:]), *rows[1:]])
    header = ("ltable_id", "rtable_id", "label")
    listed = [(f"L-{n}", f"R-{n}", "1") for n in range(20, 60)] + [(f"L-{n}", f"R-{n + 7}", "0") for n in range(20, 60)]
    for name, part in (("train", listed[::3]), ("valid", listed[1::3]), ("test", listed[2::3])):
        _write(folder / f"{name}.csv", [header, *part])
    without, with_few = evaluate_pairs(folder), evaluate_pairs(folder, labels=5)
    assert without["labels_used"] == 0
    assert without["pairs_judged"] == len(listed[2::3])
    assert without["f1"] >= 0.9
    assert 0 < with_few["labels_used"] <= 5
    (folder / "valid.csv").unlink()
    with pytest.raises(TruthUnusable, match="it is not there"):
        evaluate_pairs(folder)


def test_references_between_files_are_found_with_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    chance = random.Random(5)
    codes = [f"SUP-{chance.randint(10_000, 99_999)}" for _ in range(30)]
    _write(folder / "suppliers.csv", [("supplier_code", "name"), *((code, f"firm {code[-3:]}") for code in codes)])
    orders = [(f"O-{n}", chance.choice(codes), str(chance.randint(1, 40))) for n in range(120)]
    _write(folder / "orders.csv", [("order_no", "supplier_code", "amount"), *orders])
    truth = _write(
        tmp_path / "keys.csv",
        [
            ("table", "column", "ref_table", "ref_column"),
            ("Orders", "SUPPLIER_CODE", "suppliers", "supplier_code"),
            ("orders", "amount", "suppliers", "name"),
        ],
    )
    measured = evaluate_references(folder, truth=truth)
    assert (measured["precision"], measured["recall"]) == (1.0, 0.5)
    assert measured["missed"] == ["orders.amount -> suppliers.name"]
    headless = _write(tmp_path / "headless.csv", [("a", "b"), ("c", "d")])
    with pytest.raises(TruthUnusable, match="must name table"):
        evaluate_references(folder, truth=headless)


def test_questions_stop_when_nothing_is_left_to_ask() -> None:
    import pyarrow as pa

    scored = pa.table({"left_row": ["a", "b"], "right_row": ["x", "y"], "probability": [0.4, 0.9]})
    _scores, said = with_labels(lambda _said: scored, lambda pair: True if pair[0] == "a" else None, 10)
    assert said == {("a", "x"): True}


def test_nothing_found_where_nothing_is_true_is_right() -> None:
    assert compared(set(), set()) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert compared({1}, set()) == {"precision": 0.0, "recall": 1.0, "f1": 0.0}
