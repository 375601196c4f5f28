"""What fields of made-up tables mean: the lines of `concepts.txt`."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Concept:
    """A meaning: what people call it, what narrower meanings are called, and what its values are.

    `choices` lists values with their other writings; where it is empty, `kind` and `arguments` say how values are made.
    """

    names: tuple[str, ...]
    narrower: tuple[str, ...]
    kind: str
    arguments: tuple[str, ...] = ()
    choices: tuple[tuple[str, ...], ...] = ()


Domains = Mapping[str, tuple[Concept, ...]]


def read_concepts() -> Domains:
    """Give the concepts of each domain."""
    found: dict[str, tuple[Concept, ...]] = {}
    domain = ""
    for line in files("extractors.fields.training").joinpath("concepts.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            domain = line.strip("[]")
            found[domain] = ()
        elif line and not line.startswith("#"):
            found[domain] += (_concept(line),)
    return found


def _concept(line: str) -> Concept:
    head, _, values = line.partition(" : ")
    called, *narrower = (part.strip() for part in head.split(">"))
    names = tuple(part.strip() for part in called.split("|"))
    if "," in values:
        choices = tuple(tuple(word.strip() for word in each.split("=")) for each in values.split(","))
        return Concept(names, tuple(narrower), "choice", choices=choices)
    kind, *arguments = values.split()
    return Concept(names, tuple(narrower), kind, tuple(arguments))
