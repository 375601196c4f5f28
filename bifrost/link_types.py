"""What people do to settled link types as a whole: another name, deletion with all links, and back."""

from collections.abc import Callable, Collection, Mapping

from bifrost import review
from bifrost.decisions import effective, latest
from bifrost.errors import UnknownName
from bifrost.model import Decision, Proposal, ProposalKind, Verdict
from bifrost.project import Project

_NAMED = (ProposalKind.LINK_TYPE, ProposalKind.CLAIM)


def rename(project: Project, name: str, new: str, *, by: str, reason: str = "") -> int:
    """Give a link type another name; its links, and the single links that people spoke about, follow.

    Returns the number of entries that were appended: one for each rule that makes such links, and each single link.

    Raises:
        UnknownName: no link type in force has the name.
        ConfigInvalid: the new name cannot name a link type.
    """
    new = review.checked_name(new)
    return _append(project, name, (Verdict.ACCEPT, Verdict.REJECT), lambda each: _renamed(each, new, by, reason))


def delete(project: Project, name: str, *, by: str, reason: str = "") -> int:
    """Delete a link type, also one that policy accepted, with all links that rules, texts and people made of it.

    Returns the number of entries that were appended.

    Raises:
        UnknownName: no link type in force has the name.
    """
    return _append(
        project,
        name,
        (Verdict.ACCEPT,),
        lambda each: Decision(each, Verdict.DELETE, by=by, name=name, reason=reason),
    )


def restore(project: Project, name: str, *, by: str, reason: str = "") -> int:
    """Take back the deletion of a link type and of its single links; what was decided on since stays as it is.

    Returns the number of entries that were appended.

    Raises:
        UnknownName: no deleted link type had the name.
    """
    deleted = {key: entry for key, entry in latest(project.catalog.decisions()).items() if _is_deletion(entry)}
    found = [entry.proposal for entry in deleted.values() if entry.name == name]
    if not found:
        raise UnknownName("deleted link type", name, sorted({entry.name for entry in deleted.values()}))
    return len(project.catalog.append(Decision(each, Verdict.UNDO, by=by, reason=reason) for each in found))


def _append(project: Project, name: str, verdicts: Collection[Verdict], entry: Callable[[Proposal], Decision]) -> int:
    standing = effective(project.catalog.decisions())
    named = {**_in_force(project, standing), **_settled(standing, verdicts)}
    found = [proposal for proposal, own in named.values() if own == name]
    if not any(own == name for _, own in {**_in_force(project, standing), **_settled(standing, _ACCEPTED)}.values()):
        raise UnknownName("link type", name, sorted({own for _, own in named.values()}))
    return len(project.catalog.append(entry(each) for each in found))


_ACCEPTED = (Verdict.ACCEPT,)


def _in_force(project: Project, standing: Mapping[str, Decision]) -> dict[str, tuple[Proposal, str]]:
    """Give proposal id -> (proposal, name) of the types of the latest link that nobody has rejected since."""
    proposals = {each.proposal.id: each.proposal for each in review.current_proposals(project)}
    return {
        key: (proposals[key], counted.link_type.name)
        for counted in review.link_types(project)
        if (key := counted.link_type.proposal) not in standing or standing[key].verdict is not Verdict.REJECT
    }


def _settled(standing: Mapping[str, Decision], verdicts: Collection[Verdict]) -> dict[str, tuple[Proposal, str]]:
    """Give the same of types that people accepted, and of the single links with these verdicts."""
    return {
        key: (each.proposal, each.name or each.proposal.name)
        for key, each in standing.items()
        if each.proposal.kind in _NAMED and each.verdict in verdicts and _follows(each)
    }


def _follows(decision: Decision) -> bool:
    return decision.verdict is Verdict.ACCEPT or decision.proposal.kind is ProposalKind.CLAIM


def _renamed(proposal: Proposal, new: str, by: str, reason: str) -> Decision:
    return Decision(proposal, Verdict.RENAME, by=by, name=new, reason=reason)


def _is_deletion(entry: Decision) -> bool:
    return entry.verdict is Verdict.DELETE
