"""Blocking: what two records must share to be compared, chosen by what it costs.

A key is a set of parts: whole values, or how a name starts. Keys that few enough pairs share are taken as they are; the
others are made narrower by a further part, as frequent sets are in the search for association rules (Agrawal and
Srikant 1994).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from linker.resolution.field_pairs import Compared
from linker.resolution.patterns.engines import SetEngine
from linker.resolution.patterns.levels import sql_start
from linker.resolution.sides import Sides

PAIRS_PER_RECORD, PAIRS_OF_A_KEY = 12, 3
"""So many pairs for each record are compared in all, and by one key."""
MOST_PARTS = 3
MOST_COUNTED = 60
"""Keys that are counted, the narrowest by estimate first."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The value of a field, or only its first letters."""

    field: int
    start: bool = False

    def sql(self, side: str) -> str:
        """Give what must be equal."""
        value = f"{side}.f{self.field}"
        return sql_start(value) if self.start else value


Key = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Blocking:
    """The chosen keys, the cheapest first, and how many pairs each of them makes by itself."""

    keys: tuple[Key, ...]
    costs: tuple[int, ...]


def choose_keys(engine: SetEngine, sides: Sides) -> Blocking:
    """Take the cheapest keys until enough pairs are compared.

    The relations `left_side` and `right_side` hold the records of both sides.
    """
    records = max(sides.left_count, sides.right_count)
    affordable = _affordable(engine, sides, PAIRS_OF_A_KEY * records)
    chosen: list[tuple[int, Key]] = []
    for cost, key in sorted(affordable):
        if sum(taken for taken, _ in chosen) + cost > PAIRS_PER_RECORD * records:
            break
        chosen.append((cost, key))
    return Blocking(tuple(key for _, key in chosen), tuple(cost for cost, _ in chosen))


def sql_agree(key: Key, left: str = "l", right: str = "r") -> str:
    """Give the condition under which two records share a key."""
    return " AND ".join(f"{part.sql(left)} = {part.sql(right)}" for part in key)


def sql_first_agree(keys: Sequence[Key]) -> list[str]:
    """Give for each key the condition under which it is the first that two records `l` and `r` share."""
    return [
        sql_agree(key) + "".join(f" AND NOT coalesce({sql_agree(other)}, FALSE)" for other in keys[:at])
        for at, key in enumerate(keys)
    ]


def implied(key: Key, others: Iterable[Key]) -> bool:
    """Tell whether whoever shares a key shares one of the others anyway."""
    held = {*key, *(Part(part.field, start=True) for part in key)}
    return any(held.issuperset(other) for other in others)


def _affordable(engine: SetEngine, sides: Sides, most: int) -> list[tuple[int, Key]]:
    comparisons = sides.comparisons / 2 if sides.pair.duplicates else sides.comparisons
    parts = _parts(sides)
    found: list[tuple[int, Key]] = []
    rarity: dict[Part, float] = {}
    open_parts: list[Part] = parts
    counted = 0
    for size in range(1, MOST_PARTS + 1):
        rarer = sorted(
            (_estimate(key, rarity), key) for key in combinations(sorted(open_parts), size) if _of_own_fields(key)
        )
        for share, key in rarer:
            known = [each for _, each in found]
            if implied(key, known) or (size > 1 and share * comparisons > most) or counted >= MOST_COUNTED:
                continue
            counted += 1
            cost = _cost(engine, sides, key)
            if size == 1:
                rarity[key[0]] = cost / max(comparisons, 1)
            if 0 < cost <= most:
                found.append((cost, key))
        open_parts = [part for part in parts if rarity.get(part, 0) * comparisons > most]
    return found


def _parts(sides: Sides) -> list[Part]:
    """Give the starts of names and of identifying texts, then the whole values of all fields."""
    named = [at for at, each in enumerate(sides.pair.fields) if each.name and each.compared is Compared.TEXT]
    if not named:
        named = [sides.pair.fields.index(each) for each in sides.pair.names]
    return [*(Part(at, start=True) for at in named), *(Part(at) for at in range(len(sides.pair.fields)))]


def _of_own_fields(key: Sequence[Part]) -> bool:
    return len({part.field for part in key}) == len(key)


def _estimate(key: Key, rarity: dict[Part, float]) -> float:
    """Give the share of pairs that would share a key if its parts were independent: hardly ever too high."""
    share = 1.0
    for part in key:
        share *= rarity.get(part, 1.0)
    return share


def _cost(engine: SetEngine, sides: Sides, key: Key) -> int:
    def grouped(side: str) -> str:
        values = ", ".join(f"{part.sql('s')} AS v{at}" for at, part in enumerate(key))
        there = " AND ".join(f"{part.sql('s')} IS NOT NULL" for part in key)
        names = ", ".join(f"v{at}" for at in range(len(key)))
        return (
            f"SELECT {names}, CAST(count(*) AS DOUBLE) AS n FROM (SELECT {values} FROM {side}_side AS s "
            f"WHERE {there}) AS t GROUP BY {names}"
        )

    if sides.pair.duplicates:
        query = f"SELECT coalesce(sum(n * (n - 1) / 2), 0) AS cost FROM ({grouped('left')}) AS a"
    else:
        same = " AND ".join(f"a.v{at} = b.v{at}" for at in range(len(key)))
        both = f"({grouped('left')}) AS a JOIN ({grouped('right')}) AS b ON {same}"
        query = f"SELECT coalesce(sum(a.n * b.n), 0) AS cost FROM {both}"
    return int(engine.ask(query)["cost"][0].as_py())
