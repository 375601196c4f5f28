"""The transformations through which differently written identifiers meet, in SQL (DuckDB) and in Python.

A value that a transformation makes nothing of becomes NULL, so that blanks never link.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bifrost.errors import UnknownName

BLANKS = " \t\n\r\f\u00a0\u2007\u202f\u3000"
"""What counts as blank around and inside a value: what people and programs really put there."""

_SQL_BLANKS = "'" + BLANKS + "'"
_INNER_BLANKS = "'[" + BLANKS + "]+'"


@dataclass(frozen=True, slots=True)
class Transform:
    """A way to bring two writings together; `cost` is what it takes from the log-odds of a reference."""

    name: str
    cost: float
    sql: Callable[[str], str]
    apply: Callable[[str], str | None]


def sql(transform: str, column_expression: str) -> str:
    """Give the SQL (DuckDB) that transforms an expression of any scalar type.

    Raises:
        UnknownName: there is no such transformation.
    """
    return _of(transform).sql(column_expression)


def apply(transform: str, value: str) -> str | None:
    """Do to one text what `sql` does to a column."""
    return _of(transform).apply(value)


def sides(transform: str) -> tuple[str, str]:
    """Give what the starting and what the ending side go through: `last_number`, or `part 2 ~ exact`.

    Raises:
        UnknownName: there is no such transformation.
    """
    start, _, end = transform.partition(_BETWEEN)
    return _of(start).name, _of(end or start).name


def joined(start: str, end: str) -> str:
    """Write one transformation for both sides, or both; `sides` reads it."""
    return start if start == end else f"{start}{_BETWEEN}{end}"


def turned(transform: str) -> str:
    """Give the transformation of the same two sides, the other way round."""
    return joined(*reversed(sides(transform)))


def cost(transform: str) -> float:
    """Give what both sides take from the log-odds of a rule."""
    start, end = (_of(name) for name in sides(transform))
    return start.cost if start == end else start.cost + end.cost


def _of(name: str) -> Transform:
    cut = _CUT.fullmatch(name)
    if cut:
        return _cut(name, cut["which"], int(cut["count"]))
    if name not in TRANSFORMS:
        raise UnknownName("transformation", name, [*TRANSFORMS, "part N", "first N", "last N"])
    return TRANSFORMS[name]


def _cut(name: str, which: str, count: int) -> Transform:
    if which == "part":
        return Transform(name, _CUT_COST, partial(_part_sql, count=count), partial(_part, count=count))
    of_text = _first if which == "first" else _last
    return Transform(name, _CUT_COST, partial(_ends_sql, which=which, count=count), partial(of_text, count=count))


_BETWEEN = " ~ "
_CUT = re.compile(r"(?P<which>part|first|last) (?P<count>[1-9]|(?<=part )-[12])")
_CUT_COST = 2.5
_GROUPS = r"\p{L}+|[0-9]+"


def _part_sql(expression: str, count: int) -> str:
    return _compact_sql(f"regexp_extract_all(CAST({expression} AS VARCHAR), '{_GROUPS}')[{count}]")


def _part(value: str, count: int) -> str | None:
    groups = re.findall(r"[^\W\d_]+|[0-9]+", value)
    place = count - 1 if count > 0 else count
    return _compact(groups[place]) if -len(groups) <= place < len(groups) else None


def _ends_sql(expression: str, which: str, count: int) -> str:
    text = _compact_sql(expression)
    function = "left" if which == "first" else "right"
    return f"CASE WHEN length({text}) >= {count} THEN {function}({text}, {count}) END"


def _first(value: str, count: int) -> str | None:
    text = _compact(value) or ""
    return text[:count] if len(text) >= count else None


def _last(value: str, count: int) -> str | None:
    text = _compact(value) or ""
    return text[-count:] if len(text) >= count else None


def _exact_sql(expression: str) -> str:
    return f"nullif(trim(CAST({expression} AS VARCHAR), {_SQL_BLANKS}), '')"


def _exact(value: str) -> str | None:
    return value.strip(BLANKS) or None


def _folded_sql(expression: str) -> str:
    return f"lower(regexp_replace({_exact_sql(expression)}, {_INNER_BLANKS}, ' ', 'g'))"


def _folded(value: str) -> str | None:
    trimmed = _exact(value)
    return None if trimmed is None else _lower(re.sub(f"[{BLANKS}]+", " ", trimmed))


def _compact_sql(expression: str) -> str:
    unpadded = rf"regexp_replace(CAST({expression} AS VARCHAR), '(^|[^0-9])0+([0-9])', '\1\2', 'g')"
    return rf"nullif(lower(regexp_replace({unpadded}, '[^\p{{L}}\p{{Nd}}]+', '', 'g')), '')"


def _compact(value: str) -> str | None:
    unpadded = re.sub(r"(^|[^0-9])0+([0-9])", r"\1\2", value)
    return _lower("".join(each for each in unpadded if each.isalpha() or each.isdecimal())) or None


def _number_sql(expression: str) -> str:
    text = f"CAST({expression} AS VARCHAR)"
    only_one = rf"regexp_full_match({text}, '[^0-9]*[0-9]+[^0-9]*')"
    group = f"regexp_extract({text}, '[0-9]+')"
    return f"CASE WHEN {only_one} THEN {_unpadded_sql(group)} END"


def _number(value: str) -> str | None:
    groups = _digit_groups(value)
    return _unpadded(groups[0]) if len(groups) == 1 else None


def _last_number_sql(expression: str) -> str:
    text = f"CAST({expression} AS VARCHAR)"
    group = f"regexp_extract({text}, '([0-9]+)[^0-9]*$', 1)"
    return f"CASE WHEN {group} <> '' THEN {_unpadded_sql(group)} END"


def _last_number(value: str) -> str | None:
    groups = _digit_groups(value)
    return _unpadded(groups[-1]) if groups else None


def _digit_groups(value: str) -> list[str]:
    return re.findall("[0-9]+", value)


def _unpadded_sql(digits: str) -> str:
    return f"coalesce(nullif(ltrim({digits}, '0'), ''), '0')"


def _unpadded(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _lower(text: str) -> str:
    # One character stays one character, as in the database: str.lower() makes two of a dotted capital I.
    return "".join(each.lower()[0] for each in text)


TRANSFORMS: Mapping[str, Transform] = {
    transform.name: transform
    for transform in (
        Transform("exact", 0.0, _exact_sql, _exact),
        Transform("folded", 0.2, _folded_sql, _folded),
        Transform("compact", 0.5, _compact_sql, _compact),
        Transform("number", 2.0, _number_sql, _number),
        Transform("last_number", 3.0, _last_number_sql, _last_number),
    )
}
"""By name, cheapest first.

exact: as text, without blanks around it. folded: lower case, inner blanks as one. compact: letters and digits only,
lower case, digit groups without leading zeros (`B-0012` -> `b12`, `PO 123` -> `po123`). number: the only digit group
without leading zeros (`batch 12`, `B-0012` -> `12`). last_number: the last of several (`Lot 2024-00012` -> `12`).
Rules that people teach may cut as well: `part N` is the Nth run of letters or digits (-1 the last), `first N` and
`last N` are so many characters of the compact form."""
