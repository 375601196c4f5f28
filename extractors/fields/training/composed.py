"""Composes meanings of parts: what is told (status, size, ...) of which thing, so that many names share words."""

from importlib.resources import files
from random import Random

from extractors.fields.training.concepts import Concept

_Part = tuple[list[str], list[str]]
_NAMES = 6
_SCALES = (
    (("low", "L", "1"), ("medium", "M", "2"), ("high", "H", "3"), ("very high", "VH", "4")),
    (("Class I", "I", "C1"), ("Class II", "II", "C2"), ("Class IIa", "IIa", "C2a"), ("Class III", "III", "C3")),
    (("R1", "1", "pR1"), ("R2", "2", "pR2"), ("R3", "3", "pR3"), ("R4", "4", "pR4"), ("RX", "X", "pRX")),
    (("A0", "rA0", "A0 (none)"), ("A1", "rA1", "A1 (slight)"), ("A2", "rA2", "A2 (much)"), ("AX", "rAX", "AX (x)")),
    (("positive", "pos", "+"), ("negative", "neg", "-"), ("doubtful", "borderline", "?")),
    (("complete", "full", "CR"), ("partial", "in part", "PR"), ("no change", "stable", "NC"), ("worse", "less", "PD")),
    (("new", "N", "0"), ("used", "U", "1"), ("damaged", "D", "2"), ("lost", "L", "3")),
    (("good", "A", "satisfactory"), ("fair", "B", "acceptable"), ("poor", "C", "not acceptable")),
)  # fmt: skip


def composed_concepts(count: int, chance: Random) -> list[Concept]:
    """Compose some meanings of few things and few predicates."""
    parts = _parts()
    things = chance.sample(parts["things"], chance.randint(4, 14))
    told = chance.sample(parts["told"], chance.randint(6, 16))
    both = [(thing, predicate) for thing in things for predicate in told]
    surrounding = [each[0][0] for each in parts["surrounding"]]
    return [
        _concept(thing, predicate, surrounding, chance)
        for thing, predicate in chance.sample(both, min(count, len(both)))
    ]


def _concept(thing: _Part, predicate: _Part, surrounding: list[str], chance: Random) -> Concept:
    kind = predicate[1][0]
    more = chance.choice(surrounding) if chance.random() < 0.5 else ""
    names = tuple(_name(chance.choice(thing[0]), chance.choice(predicate[0]), more, chance) for _ in range(_NAMES))
    if kind == "choice":
        return Concept(names, (), kind, choices=chance.choice(_SCALES))
    low = chance.randint(1, 50)
    years = ("2010", "2024") if kind == "date" else (str(low), str(low * chance.randint(2, 60)))
    return Concept(names, (), kind, years)


def _name(thing: str, predicate: str, more: str, chance: Random) -> str:
    """Put the parts in one of the usual orders; what surrounds them is often left out."""
    more = more if chance.random() < 0.6 else ""
    orders = (
        *(f"{thing} {predicate}", f"{thing} {predicate}", f"{more} {thing} {predicate}", f"{predicate} of {thing}"),
        *(f"{thing} {more} {predicate}", f"{predicate} {thing}", f"{thing} {predicate} {more}"),
    )
    return " ".join(chance.choice(orders).split())


def _parts() -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    section = ""
    for line in files("extractors.fields.training").joinpath("parts.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = []
        elif line and not line.startswith("#"):
            names, _, kind = line.partition(" : ")
            found[section].append((names.split("|"), kind.split()))
    return found
