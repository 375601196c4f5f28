"""What people said about the same fields of another source counts for a link type: a second plant is asked less."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bifrost.asking.lessons import PLAIN
from bifrost.model import Decision, End, Proposal, ProposalKind, Verdict

ACCEPTED, REJECTED = 3.5, -1.0
"""Log-odds that like answers add: even odds become .97, and what was a question is none. A rejection may be about
that source alone, and counts for less."""

Shape = tuple[str, str, str]


@dataclass(frozen=True)
class Precedents:
    """Answers by the shape of the question."""

    said: Mapping[Shape, tuple[Decision, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Precedents":
        """Keep the answers about link types, in the order of the log."""
        found: dict[Shape, tuple[Decision, ...]] = defaultdict(tuple)
        for each in decisions:
            if each.proposal.kind is ProposalKind.LINK_TYPE and each.verdict in PLAIN:
                found[_shape(each.proposal)] += (each,)
        return cls(dict(found))

    def about(self, proposal: Proposal) -> tuple[Decision, ...]:
        """Give the answers about the same tables and fields elsewhere."""
        if proposal.kind is not ProposalKind.LINK_TYPE:
            return ()
        return tuple(each for each in self.said.get(_shape(proposal), ()) if each.proposal.id != proposal.id)

    def log_odds(self, proposal: Proposal) -> float:
        """Give what they add to the log-odds; nothing where people disagreed."""
        verdicts = {each.verdict for each in self.about(proposal)}
        if len(verdicts) != 1:
            return 0.0
        return ACCEPTED if verdicts == {Verdict.ACCEPT} else REJECTED

    def name(self, proposal: Proposal) -> str:
        """Give the name that people gave to the same link elsewhere, the latest one; empty when they gave none."""
        given = [each.name for each in self.about(proposal) if each.verdict is Verdict.ACCEPT and each.name]
        return given[-1] if given else ""


def _shape(proposal: Proposal) -> Shape:
    return proposal.rule.kind.value, _words(proposal.start), _words(proposal.end)


def _words(end: End) -> str:
    """Write an end without its source, and a table without schema, folder and ending of the file."""
    table = end.table.replace("\\", "/").rsplit("/", 1)[-1]
    parts = table.split(".")
    known_ending = len(parts) > 1 and parts[-1].lower() in _ENDINGS
    bare = parts[-2] if known_ending else parts[-1]
    return f"{bare}.{'+'.join(end.fields)}".casefold()


_ENDINGS = frozenset({"csv", "tsv", "txt", "xlsx", "xls", "ods", "parquet", "jsonl", "json"})
