"""Rules by value: two fields that agree in the examples, as they are, through a transformation, or in a part."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from linker.references import transforms
from linker.references.transforms import TRANSFORMS

Row = Mapping[str, str | None]
Pairs = Sequence[tuple[Sequence[Row], Sequence[Row]]]
"""For each example the records of its two things in two tables; none where a thing is in neither."""

CUTS = (
    *(f"part {number}" for number in (1, 2, 3, 4, -1, -2)),
    *(f"{which} {count}" for which in ("first", "last") for count in (6, 5, 4, 3, 2, 1)),
)
_WHOLE = ("exact", "folded", "compact", "number")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two fields whose values agree through a transformation."""

    start: str
    end: str
    transform: str
    covered: frozenset[int]
    """Numbers of the examples in which they agree."""

    @property
    def cost(self) -> float:
        """Give what the transformation takes from the log-odds."""
        return transforms.cost(self.transform)


def agreements(pairs: Pairs, start_fields: Sequence[str], end_fields: Sequence[str]) -> list[Agreement]:
    """Give for any two fields the simplest transformation through which most examples agree, best pairs first."""
    starts = {name: _Written.of([heads for heads, _ in pairs], name) for name in start_fields}
    ends = {name: _Written.of([tails for _, tails in pairs], name) for name in end_fields}
    found = [
        Agreement(one, other, transforms.joined(*best[0]), best[1])
        for one in start_fields
        for other in end_fields
        if (best := _simplest(starts[one], ends[other]))
    ]
    return sorted(found, key=lambda each: (-len(each.covered), each.cost, each.start, each.end))


@dataclass(frozen=True, slots=True)
class _Written:
    """What every transformation makes of a field's values: for each example a set."""

    by_transform: Mapping[str, Sequence[frozenset[str]]]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Row]], field: str) -> "_Written":
        texts = [[text for row in each if (text := row.get(field))] for each in rows]
        return cls({name: [_all(name, each) for each in texts] for name in (*TRANSFORMS, *CUTS)})


def _all(name: str, texts: Sequence[str]) -> frozenset[str]:
    return frozenset(made for text in texts if (made := transforms.apply(name, text)) is not None)


_Best = tuple[tuple[str, str], frozenset[int]]


def _simplest(start: _Written, end: _Written) -> _Best | None:
    whole = _best(start, end, ((name, name) for name in TRANSFORMS))
    if whole and len(whole[1]) == len(start.by_transform["exact"]):
        return whole
    cut = _best(start, end, _cuts())
    return cut if cut and len(cut[1]) > (len(whole[1]) if whole else 0) else whole


def _cuts() -> Iterator[tuple[str, str]]:
    """Whole values inside longer ones first, then equal parts of both."""
    yield from ((cut, whole) for cut in CUTS for whole in _WHOLE)
    yield from ((whole, cut) for cut in CUTS for whole in _WHOLE)
    yield from ((cut, cut) for cut in CUTS)


def _best(start: _Written, end: _Written, ways: Iterable[tuple[str, str]]) -> _Best | None:
    best: _Best | None = None
    for way in ways:
        sides = zip(start.by_transform[way[0]], end.by_transform[way[1]], strict=True)
        covered = frozenset(number for number, (one, other) in enumerate(sides) if one & other)
        if covered and (best is None or len(covered) > len(best[1])):
            best = way, covered
    return best
