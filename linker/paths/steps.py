"""The way that a path takes: up to three link types, each forward or backward, as text and as SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bifrost.errors import ConfigInvalid
from bifrost.model import Decision, End, LinkType, Verdict

LONGEST = 3
_BACKWARD, _THEN = "^", "/"


@dataclass(frozen=True, slots=True)
class Step:
    """One link type, followed forward or backward; `link` is the id of its proposal, so that renames do not matter."""

    link: str
    backward: bool = False

    def __str__(self) -> str:
        return f"{_BACKWARD if self.backward else ''}{self.link}"

    def leads(self, link_type: LinkType) -> tuple[End, End]:
        """Give where the step starts and where it ends."""
        ends = link_type.start, link_type.end
        return ends[::-1] if self.backward else ends


Path = tuple[Step, ...]


def as_text(path: Sequence[Step]) -> str:
    """Write a path as in SPARQL: `a/^b` follows a, then b backward."""
    return _THEN.join(map(str, path))


def from_text(text: str) -> Path:
    """Read what `as_text` writes.

    Raises:
        ConfigInvalid: it is no path of one to three links.
    """
    steps = tuple(Step(part.removeprefix(_BACKWARD), part.startswith(_BACKWARD)) for part in text.split(_THEN))
    if not 1 <= len(steps) <= LONGEST or not all(step.link for step in steps):
        raise ConfigInvalid("path", [f"{text!r} is no path: give one to {LONGEST} links such as a/^b"])
    return steps


def in_words(path: Sequence[Step], names: Mapping[str, str]) -> str:
    """Write a path with the names of its link types."""
    return " / ".join(f"{'inverse of ' if step.backward else ''}{names.get(step.link, step.link)}" for step in path)


def following(path: Path, decisions: Mapping[str, Decision]) -> Path:
    """Give the path over what people put in the place of its link types since."""
    return tuple(_corrected(step, decisions.get(step.link)) for step in path)


def _corrected(step: Step, decision: Decision | None) -> Step:
    if decision is None or decision.corrected is None or decision.verdict is not Verdict.REJECT:
        return step
    suggested, own = decision.proposal, decision.corrected
    turned = (own.start, own.end) == (suggested.end, suggested.start)
    return Step(own.id, step.backward != turned)


def walks_sql(relations: Sequence[tuple[str, bool]]) -> str:
    """Give the SQL for all walks over relations (name, backward) without an entity twice.

    A relation has the columns subject, object, confidence, seen. The walks have n0 to nK (entities), confidence (the
    product), and seen (the places of all links).
    """
    count = len(relations)
    sides = [("object", "subject") if backward else ("subject", "object") for _, backward in relations]
    joins = " ".join(
        f"JOIN {relations[k][0]} l{k} ON l{k}.{sides[k][0]} = l{k - 1}.{sides[k - 1][1]}" for k in range(1, count)
    )
    nodes = [f"l0.{sides[0][0]}", *(f"l{k}.{sides[k][1]}" for k in range(count))]
    condition = " AND ".join(f"{one} <> {other}" for one, other in combinations(nodes, 2))
    columns = ", ".join(f"{node} AS n{k}" for k, node in enumerate(nodes))
    confidence = " * ".join(f"l{k}.confidence" for k in range(count))
    seen = " || '; ' || ".join(f"l{k}.seen" for k in range(count))
    return (
        f"SELECT {columns}, {confidence} AS confidence, {seen} AS seen "
        f"FROM {relations[0][0]} l0 {joins} WHERE {condition}"
    )
