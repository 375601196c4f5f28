"""What people say of names in texts: that a text is a name of a label, is none, or is one of another label."""

from dataclasses import dataclass

from bifrost import review
from bifrost.decisions import effective
from bifrost.errors import ConfigInvalid
from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Verdict
from bifrost.project import Project

LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Name:
    """A text with the label that it was given, in the documents of one source; without a source in all."""

    text: str
    label: str
    source: str = ""

    @property
    def proposal(self) -> Proposal:
        """Give the question whether the text is a name of the label, however it is capitalised."""
        return Proposal(
            kind=ProposalKind.NAME,
            start=End(source=self.source, fields=(folded(self.text),)),
            end=End(fields=(self.label,)),
            probability=1.0,
            name=self.text,
            rule=Rule(RuleKind.MENTION),
            model="person",
        )


@dataclass(frozen=True, slots=True)
class SaidOfNames:
    """Everything that people said of names, by folded text and label."""

    denied: frozenset[tuple[str, str]]
    instead: tuple[tuple[str, str], ...]
    """Folded text and the label that it has."""

    @classmethod
    def of(cls, project: Project, source: str) -> "SaidOfNames":
        """Read what counts for the documents of a source."""
        denied, instead = set(), {}
        for decision in effective(project.catalog.decisions()).values():
            asked = decision.proposal
            if asked.kind is not ProposalKind.NAME or asked.start.source not in ("", source):
                continue
            key = asked.start.fields[0], asked.end.fields[0]
            if decision.verdict is Verdict.REJECT:
                denied.add(key)
            elif decision.verdict is Verdict.ACCEPT:
                instead[key[0]] = key[1]
        return cls(frozenset(denied), tuple(sorted(instead.items())))

    def __bool__(self) -> bool:
        return bool(self.denied or self.instead)


def correct(project: Project, name: Name, instead: str = "", *, by: str, reason: str = "") -> Decision:
    """Say that a text is no name of its label, or is one of another; the next extraction honours it.

    Raises:
        ConfigInvalid: the text is no line of up to 200 characters, or both labels are the same.
    """
    if not folded(name.text) or len(name.text) > LONGEST_TEXT or not name.label:
        raise ConfigInvalid("name", [f"give a text of 1 to {LONGEST_TEXT} characters and the label that it was given"])
    if not instead:
        return review.append(project, Decision(name.proposal, Verdict.REJECT, by=by, reason=reason))
    own = Name(name.text, instead, name.source).proposal
    if own.id == name.proposal.id:
        raise ConfigInvalid("instead", ["the other label is the same"])
    return review.append(project, Decision(name.proposal, Verdict.CORRECT, by=by, reason=reason, corrected=own))


def folded(text: str) -> str:
    """Give a text in lower case with single spaces: how names are compared."""
    return " ".join(text.lower().split())
