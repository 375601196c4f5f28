"""Names for link types: what a person would call the link, readable and unique within the table it starts from."""

from collections.abc import Iterator
from itertools import count

from bifrost.field_words import PREPOSITIONS, core
from linker.references.columns import Words


def suggest(field_words: Words, target_words: Words, taken: set[str]) -> str:
    """Suggest a name and add it to those that are taken: supplier id -> `supplier`, reports to -> `reports_to`.

    Without words of a field the target names the link.
    """
    target = "_".join(target_words) or "record"
    name = _from_field(field_words)
    free = next(variant for variant in _variants(name or target, target) if variant not in taken)
    taken.add(free)
    return free


def _from_field(found: Words) -> str:
    return "_".join(found if found[-1:] and found[-1] in PREPOSITIONS else core(found))


def _variants(name: str, target: str) -> Iterator[str]:
    yield name
    if name != target:
        yield f"{name}_{target}"
    yield from (f"{name}_{number}" for number in count(2))
