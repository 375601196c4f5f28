"""Made-up people, some of them written down more than once with the mistakes that people make; the truth is known."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

FIELDS = ("given_name", "surname", "street", "city", "postcode", "date_of_birth", "phone", "email")
HOUSEHOLD = 0.3
"""Share of people who live with somebody else of the list: the same surname, address and telephone number."""

_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sch",
    "st",
    "t",
    "v",
)
_VOWELS = ("a", "e", "i", "o", "u", "ie", "ei", "au")
_ENDS = ("", "n", "r", "l", "s", "tt", "ck", "nd", "m", "rt")
_HOSTS = ("mail.example", "post.example", "web.example", "net.example", "office.example")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Texts = npt.NDArray[np.object_]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class People:
    """A list of people, and the pairs of identifiers that are one person."""

    table: pa.Table
    """`id` and `FIELDS`, all texts, empty where unknown."""
    pairs: list[tuple[str, str]]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the list and the truth as CSV, and give both files."""
        people, truth = folder / "people.csv", folder / "truth.csv"
        arrow_csv.write_csv(self.table, people)
        with truth.open("w", newline="") as file:
            csv.writer(file).writerows([("left", "right"), *self.pairs])
        return people, truth


def make_people(records: int, *, duplicates: float = 0.2, seed: int = 7) -> People:
    """Make a list of so many records, of which the share `duplicates` repeats another one with mistakes."""
    chance = np.random.default_rng(seed)
    copies = round(records * duplicates)
    columns = _originals(chance, records - copies)
    copied = chance.integers(0, records - copies, copies)
    repeated = {name: values[copied].copy() for name, values in columns.items()}
    fresh = _originals(chance, copies)
    for row in range(copies):
        _spoil(repeated, fresh, row, chance)
    person = np.concatenate([np.arange(records - copies), copied])
    order = chance.permutation(records)
    identifiers = np.char.add("p", np.arange(records).astype(str)).astype(object)
    data = {"id": identifiers}
    data |= {name: np.concatenate([columns[name], repeated[name]])[order] for name in FIELDS}
    return People(
        pa.table({name: pa.array(values, pa.string()) for name, values in data.items()}),
        _pairs(person[order], identifiers),
    )


def _pairs(person: npt.NDArray[np.int64], identifiers: Texts) -> list[tuple[str, str]]:
    order = np.argsort(person, kind="stable")
    starts = np.flatnonzero(np.diff(person[order], prepend=-1))
    groups = np.split(order, starts[1:])
    return [
        (identifiers[one], identifiers[other])
        for group in groups
        for at, one in enumerate(group)
        for other in group[at + 1 :]
    ]


def _originals(chance: Chance, count: int) -> dict[str, Texts]:
    given, surname = _names(chance, 3_000, 2), _names(chance, 30_000, 3)
    streets, cities = _names(chance, 8_000, 3), _names(chance, 1_500, 2)
    household = np.arange(count)
    together = chance.random(count) < HOUSEHOLD
    household[together] = np.maximum(household[together] - 1, 0)
    home = household[household]
    city = _often(chance, len(cities), count)[home]
    number = chance.integers(1, 180, count)[home].astype(str)
    columns = {
        "given_name": given[_often(chance, len(given), count)],
        "surname": surname[_often(chance, len(surname), count)[home]],
        "street": np.char.add(np.char.add(number, " "), streets[_often(chance, len(streets), count)[home]].astype(str)),
        "city": cities[city],
        "postcode": (10_000 + city * 53 + chance.integers(0, 40, count)[home]).astype(str),
        "date_of_birth": (np.datetime64("1935-01-01") + chance.integers(0, 27_000, count)).astype(str),
        "phone": np.char.add("0", chance.integers(10**8, 10**9, count)[home].astype(str)),
    }
    columns = {name: values.astype(object) for name, values in columns.items()}
    columns["email"] = _mails(chance, columns)
    return columns


def _mails(chance: Chance, columns: dict[str, Texts]) -> Texts:
    hosts = np.array(_HOSTS)[chance.integers(0, len(_HOSTS), len(columns["surname"]))]
    tail = chance.integers(1, 100, len(hosts)).astype(str)
    names = np.char.add(np.char.add(columns["given_name"].astype(str), "."), columns["surname"].astype(str))
    mails = np.char.add(np.char.add(np.char.add(names, tail), "@"), hosts).astype(object)
    mails[chance.random(len(hosts)) < 0.4] = ""
    return mails


def _names(chance: Chance, count: int, syllables: int) -> Texts:
    made: dict[str, None] = {}
    while len(made) < count:
        parts = [
            _ONSETS[chance.integers(len(_ONSETS))]
            + _VOWELS[chance.integers(len(_VOWELS))]
            + _ENDS[chance.integers(len(_ENDS))]
            for _ in range(syllables)
        ]
        made["".join(parts)] = None
    return np.array(list(made), object)


def _often(chance: Chance, kinds: int, count: int) -> npt.NDArray[np.int64]:
    """Draw numbers below `kinds`, the first ones most often, as names are spread (Zipf with exponent 0.8)."""
    share = 1 / np.arange(1, kinds + 1) ** 0.8
    return np.searchsorted(np.cumsum(share) / share.sum(), chance.random(count)).clip(max=kinds - 1)


def _spoil(rows: dict[str, Texts], fresh: dict[str, Texts], row: int, chance: Chance) -> None:
    """Make one to three mistakes in a copied record."""
    for _ in range(1 + chance.binomial(2, 0.4)):
        _MISTAKES[chance.choice(len(_MISTAKES), p=_HOW_OFTEN)](rows, fresh, row, chance)


def _typo(rows: dict[str, Texts], _fresh: dict[str, Texts], row: int, chance: Chance) -> None:
    field = FIELDS[chance.integers(len(FIELDS))]
    text = str(rows[field][row])
    if len(text) < 2:
        return
    at = int(chance.integers(len(text) - 1))
    kept = text[:at], text[at + 1 :]
    letter = str(chance.integers(10)) if text[at].isdigit() else _LETTERS[chance.integers(26)]
    kind = chance.integers(4)
    changed = (
        kept[0] + letter + kept[1],
        kept[0] + kept[1],
        kept[0] + letter + text[at:],
        kept[0] + text[at + 1] + text[at] + text[at + 2 :],
    )
    rows[field][row] = changed[kind]


def _forgotten(rows: dict[str, Texts], _fresh: dict[str, Texts], row: int, chance: Chance) -> None:
    rows[FIELDS[chance.integers(2, len(FIELDS))]][row] = ""


def _moved(rows: dict[str, Texts], fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    for field in ("street", "city", "postcode"):
        rows[field][row] = fresh[field][row]


def _new_phone(rows: dict[str, Texts], fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    rows["phone"][row] = fresh["phone"][row]


def _new_mail(rows: dict[str, Texts], fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    rows["email"][row] = fresh["email"][row]


def _initial(rows: dict[str, Texts], _fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    rows["given_name"][row] = str(rows["given_name"][row])[:1]


def _names_swapped(rows: dict[str, Texts], _fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    rows["given_name"][row], rows["surname"][row] = rows["surname"][row], rows["given_name"][row]


def _day_for_month(rows: dict[str, Texts], _fresh: dict[str, Texts], row: int, _chance: Chance) -> None:
    parts = str(rows["date_of_birth"][row]).split("-")
    if len(parts) == 3 and parts[2] <= "12":
        rows["date_of_birth"][row] = f"{parts[0]}-{parts[2]}-{parts[1]}"


_MISTAKES: tuple[Callable[[dict[str, Texts], dict[str, Texts], int, Chance], None], ...] = (
    _typo,
    _forgotten,
    _moved,
    _new_phone,
    _new_mail,
    _initial,
    _names_swapped,
    _day_for_month,
)
_HOW_OFTEN = (0.48, 0.16, 0.08, 0.08, 0.06, 0.06, 0.03, 0.05)
