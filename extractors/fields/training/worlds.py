"""Makes pairs of tables of which it is known which fields mean the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pyarrow as pa

from extractors.fields.training import names
from extractors.fields.training.composed import composed_concepts
from extractors.fields.training.concepts import Concept, Domains
from extractors.fields.training.values import make_values, phrases, with_errors, with_gaps, written_otherwise


@dataclass
class MadeTable:
    """A table in the making."""

    name: str
    columns: dict[str, list[Any]] = field(default_factory=dict)
    concepts: dict[str, Concept] = field(default_factory=dict)
    """What each column means; columns that are only there to mislead mean nothing."""

    def add(self, name: str, values: list[Any], concept: Concept | None) -> None:
        """Add a column, unless another has the name."""
        if name and name not in self.columns:
            self.columns[name] = values
            if concept is not None:
                self.concepts[name] = concept

    def rows(self) -> pa.Table:
        """Give the rows; a column of several types becomes text."""
        longest = max(map(len, self.columns.values()))
        filled = {name: values + [None] * (longest - len(values)) for name, values in self.columns.items()}
        return pa.table({name: _array(values) for name, values in filled.items()})


@dataclass(frozen=True)
class MadePair:
    """Two tables."""

    source: MadeTable
    target: MadeTable

    def true_pairs(self) -> set[tuple[int, int]]:
        """Give the places of fields that mean the same."""
        left, right = (list(side.columns) for side in (self.source, self.target))
        return {
            (left.index(one), right.index(two))
            for one, meaning in self.source.concepts.items()
            for two, other in self.target.concepts.items()
            if meaning is other
        }


def make_pair(domains: Domains, chance: Random) -> MadePair:
    """Make a pair of one of three kinds: copies of one table, tables of two systems, a table and a wide standard."""
    draw = chance.random()
    if draw < 0.35:
        return _copies(domains, chance)
    return _two_systems(domains, chance) if draw < 0.55 else _standard(domains, chance)


def _copies(domains: Domains, chance: Random) -> MadePair:
    """Split one table by rows and columns; rename the fields of the second half, and write errors into its values."""
    concepts = _some(domains, chance.randint(1, 2), chance.randint(4, 30), chance)
    rows = chance.choice([60, 150, 400])
    verbatim, clean = chance.random() < 0.25, chance.random() < 0.5
    style, prefix = chance.choice(names.STYLES), chance.choice(list(domains))
    spread = chance.choice(["same rows", "some rows", "other rows"])
    left, right = MadeTable("source"), MadeTable("target")
    shared = chance.choice([1.0, 0.7, 0.4])
    for concept in concepts:
        words = chance.choice(concept.names).split()
        values = make_values(concept, rows, chance)
        here, there = _halves(values, spread)
        if chance.random() < 0.15:
            here, there = (with_gaps(each, 0.4, chance) for each in (here, there))
        both = chance.random() < shared
        if both or chance.random() < 0.5:
            left.add(style(words), here, concept)
            if not both:
                continue
        name = style(words) if verbatim else _noisy_name(words, prefix, style, chance)
        right.add(name, there if clean else with_errors(there, 0.2, chance), concept)
    return _shuffled(left, right, chance)


def _two_systems(domains: Domains, chance: Random) -> MadePair:
    """Let two systems name and write the same things in their own ways."""
    concepts = _some(domains, chance.randint(1, 3), chance.randint(8, 25), chance)
    concepts += composed_concepts(chance.randint(0, 15), chance)
    styles = chance.sample(names.STYLES, 2)
    left, right = MadeTable(chance.choice(list(domains))), MadeTable(chance.choice(list(domains)))
    for concept in concepts:
        one, two = (chance.choice(concept.names).split() for _ in "ab")
        if chance.random() < 0.75:
            left.add(styles[0](one), make_values(concept, 100, chance), concept)
        if chance.random() < 0.75:
            there = make_values(concept, chance.choice([50, 200]), chance)
            otherwise = written_otherwise(concept, there, chance) if chance.random() < 0.4 else there
            short = chance.random() < 0.2
            right.add(names.shortened(two, chance) if short else styles[1](two), otherwise, concept)
    return _shuffled(left, right, chance)


def _standard(domains: Domains, chance: Random) -> MadePair:
    """Match a table with a wide standard: many fields, of which only the allowed values are known, or nothing."""
    styles = chance.sample(names.STYLES, 2)
    left, right = MadeTable(chance.choice(list(domains))), MadeTable("standard")
    wide = _some(domains, chance.randint(4, len(domains)), chance.randint(30, 90), chance)
    wide += composed_concepts(chance.randint(20, 100), chance)
    used = chance.sample(wide, min(len(wide), chance.randint(8, 40)))
    for concept in wide:
        called = chance.choice(concept.names)
        for name in _standard_names(concept, called, chance):
            right.add(styles[1](name.split()), _allowed(concept, chance), concept)
        while chance.random() < 0.4:
            misled = names.of_other_meaning(chance.choice(concept.names), chance)
            right.add(styles[1](misled.split()), _allowed(chance.choice(wide), chance), None)
    for concept in used:
        words = chance.choice(concept.names).split()
        values = make_values(concept, 80, chance)
        values = written_otherwise(concept, values, chance) if chance.random() < 0.4 else values
        name = names.shortened(words, chance) if chance.random() < 0.15 else styles[0](_more_or_less(words, chance))
        left.add(name, with_gaps(values, 0.2, chance) if chance.random() < 0.3 else values, concept)
    return _shuffled(left, right, chance)


def _some(domains: Domains, count: int, most: int, chance: Random) -> list[Concept]:
    chosen = chance.sample(sorted(domains), min(count, len(domains)))
    concepts = [concept for domain in chosen for concept in domains[domain]]
    return chance.sample(concepts, min(most, len(concepts)))


def _halves(values: Sequence[Any], spread: str) -> tuple[list[Any], list[Any]]:
    if spread == "same rows":
        return list(values), list(values)
    third = len(values) // 3
    return list(values[: 2 * third]), list(values[third if spread == "some rows" else 2 * third :])


def _noisy_name(words: list[str], prefix: str, style: names.Style, chance: Random) -> str:
    if chance.random() < 0.2:
        return names.decorated(style(names.fewer_words(words, chance)), prefix, chance)
    return names.decorated(names.shortened(words, chance), prefix, chance)


def _standard_names(concept: Concept, called: str, chance: Random) -> list[str]:
    draw = chance.random()
    if draw < 0.2:
        return [names.qualified(called, chance), names.qualified(called, chance)]
    if draw < 0.3 and concept.narrower:
        return list(concept.narrower)
    if draw < 0.55:
        return [names.surrounded(called, chance)]
    return [names.qualified(called, chance)] if draw < 0.62 else [called]


def _more_or_less(words: list[str], chance: Random) -> list[str]:
    draw = chance.random()
    if draw < 0.15:
        return names.fewer_words(words, chance)
    if draw < 0.3:
        return names.surrounded(" ".join(words), chance).split()
    return names.qualified(" ".join(words), chance).split() if draw < 0.35 else words


def _allowed(concept: Concept, chance: Random) -> list[Any]:
    """Give the values that a standard allows; of numbers, dates and names mostly none."""
    said_nothing = chance.sample(["unknown", "not reported", "other", "not applicable"], chance.randint(0, 3))
    if concept.choices:
        return [each[0] for each in concept.choices] + said_nothing
    if concept.kind == "flag":
        return ["yes", "no", *said_nothing]
    if concept.kind == "thing":
        return sorted(set(phrases(concept, chance.choice([10, 40, 150]), chance))) + said_nothing
    if concept.kind in ("country", "city", "code"):
        return sorted({str(each) for each in make_values(concept, 60, chance)}) + said_nothing
    return [] if chance.random() < 0.8 else make_values(concept, 30, chance)


def _shuffled(left: MadeTable, right: MadeTable, chance: Random) -> MadePair:
    for side in (left, right):
        order = list(side.columns)
        chance.shuffle(order)
        side.columns = {name: side.columns[name] for name in order}
    return MadePair(left, right)


def _array(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int} or kinds <= {int, float}:
        return pa.array(values, pa.float64() if float in kinds else pa.int64() if kinds else pa.string())
    return pa.array([None if value is None else str(value) for value in values], pa.string())
