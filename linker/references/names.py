"""What names say: does a field, or what its values start with, name the table that another field is the key of?"""

from collections.abc import Iterable, Iterator, Mapping

from bifrost.field_words import GENERIC_WORDS, PEOPLE, PERSON_ROLES
from bifrost.model import Reason
from linker.references.columns import LABEL_WORDS, SELF_ROLE_WORDS, Column, Words

NAMED = 5.0
"""What a field adds to the log-odds that is named exactly after the target."""

_HEAD, _ROLE, _SELF_ROLE, _PERSON_ROLE, _STEM, _MENTIONED = 4.5, 3.5, 4.0, 2.5, 2.0, 0.5
_VALUES_NAME, _VALUES_CONFIRM = 4.0, 1.0
_SHORTEST_STEM = 4
_MEANING_FROM, _MEANING_SLOPE, _MEANING_MOST = 0.3, 6.0, 2.0
_MATCH_FROM, _MATCH_MOST = 0.5, 1.0

Similarity = Mapping[tuple[str, str], float]
"""How alike two phrases or two fields are."""


def name_evidence(start: Column, end: Column, similar: Similarity, same: Similarity) -> Iterator[Reason]:
    """Give the strongest thing that the names say, and what the values' own words add."""
    best = max(_by_name(start, end), key=lambda reason: reason.weight, default=None)
    spoken = _values_name(start, end)
    if spoken and (best is None or best.weight < _VALUES_NAME):
        yield Reason("values name the target", spoken, _VALUES_NAME)
    elif spoken:
        yield Reason("values name the target", spoken, _VALUES_CONFIRM)
    if best and not (spoken and best.weight < _VALUES_NAME):
        yield best
    elif best is None and not spoken:
        yield from _by_meaning(start, end, similar)
        yield from _by_match(start, end, same)


def akin(start: Column, end: Column) -> bool:
    """Tell whether the names have anything to do with each other."""
    return next(_by_name(start, end), None) is not None


def phrases(starts: Iterable[Column], ends: Iterable[Column]) -> list[str]:
    """List the phrases whose meanings `name_evidence` may compare."""
    found = {_phrase(start.core) for start in starts if start.refers} | {_phrase(end.table_words) for end in ends}
    return sorted(found - {""})


def _by_name(start: Column, end: Column) -> Iterator[Reason]:
    if start.table == end.table and end.sole_key and set(start.words) & SELF_ROLE_WORDS:
        yield Reason("a role within the same table", start.field, _SELF_ROLE)
    if start.refers and set(start.words) & PERSON_ROLES and end.table_words[-1] in PEOPLE:
        yield Reason("a role that people play", f"{start.field} ~ {end.table.name}", _PERSON_ROLE)
    if start.core:
        feature, weight = _kinship(start.core, end)
        if weight:
            yield Reason(feature, f"{start.field} ~ {end.table.name}.{end.field}", weight)


def _kinship(wanted: Words, end: Column) -> tuple[str, float]:
    """Tell how the words of a field are akin to the target's, and what that weighs."""
    target, head, key = end.table_words, end.table_words[-1:], end.core
    named_key = wanted == key and not _generic(key)
    named_label = end.is_label and wanted[-1] in LABEL_WORDS and wanted[:-1] in (target, head)
    if wanted == target or (named_key and wanted == head):
        return "named after the target", NAMED
    if named_key or named_label or wanted == head:
        return "named after the target", _HEAD
    if any(_ends_with(wanted, each) for each in (target, head, key) if not _generic(each)):
        return "named after a role of the target", _ROLE
    if _same_stem(wanted[0], target[-1]) or _same_stem(wanted[-1], target[-1]):
        return "same stem as the target", _STEM
    if set(wanted) & (set(target) | set(key)) - GENERIC_WORDS:
        return "shares a word with the target", _MENTIONED
    return "", 0.0


def _values_name(start: Column, end: Column) -> str:
    """Give the word before the digits of the values if it is the target's name: `batch 12` names batches."""
    word = start.prefix
    named = {end.table_words[-1:], end.table_words, end.core}
    return word if len(word) >= 3 and (word,) in named else ""


def _by_meaning(start: Column, end: Column, similar: Similarity) -> Iterator[Reason]:
    pair = (_phrase(start.core), _phrase(end.table_words))
    weight = min(_MEANING_MOST, _MEANING_SLOPE * (similar.get(pair, 0.0) - _MEANING_FROM))
    if start.refers and weight > 0:
        yield Reason("close in meaning to the target", " ~ ".join(pair), round(weight, 4))


def _by_match(start: Column, end: Column, same: Similarity) -> Iterator[Reason]:
    """Count a match between sources only: within one, it says again what names and values have said already."""
    probability = same.get((start.id, end.id), 0.0)
    if probability >= _MATCH_FROM and start.table.source != end.table.source:
        yield Reason("fields mean the same", f"{probability:.2f}", round(_MATCH_MOST * probability, 4))


def _phrase(found: Words) -> str:
    return " ".join(found)


def _generic(found: Words) -> bool:
    return all(word in GENERIC_WORDS for word in found)


def _ends_with(found: Words, end: Words) -> bool:
    return bool(end) and len(found) > len(end) and found[-len(end) :] == end


def _same_stem(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) >= _SHORTEST_STEM and short != long and long.startswith(short) and short not in GENERIC_WORDS
