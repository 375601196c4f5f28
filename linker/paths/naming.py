"""Names for paths: what stands at the end, by way of what lies before it."""

from collections.abc import Collection, Sequence
from itertools import count

from bifrost.field_words import table_words
from bifrost.model import LinkType
from linker.paths.steps import Step


def name_of(chain: Sequence[tuple[Step, LinkType]], taken: Collection[str]) -> str:
    """Suggest a free name that tells the way: return -> batch -> supplier is `supplier_via_batch`."""
    *_, before, last = [_role(step, link_type) for step, link_type in chain]
    name = f"{last}_via_{before}" if before != last else last
    return next(each for number in count(1) if (each := name if number == 1 else f"{name}_{number}") not in taken)


def _role(step: Step, link_type: LinkType) -> str:
    """Name what a step leads to: as the link calls it, and backward as its table is called."""
    table = step.leads(link_type)[1].table
    return "_".join(table_words(table)[-2:]) or "record" if step.backward else link_type.name
