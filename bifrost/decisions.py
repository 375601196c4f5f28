"""Which decisions count: a pure replay of the append-only log."""

from collections.abc import Iterable
from dataclasses import replace

from bifrost.model import Decision, ProposalKind, Verdict

_Stacks = dict[str, list[Decision]]


def effective(log: Iterable[Decision]) -> dict[str, Decision]:
    """Give proposal id -> what people say of it now, as a plain answer that every learner understands.

    An undo takes back the latest entry on its proposal that was not undone, and with a correction both of its sides.
    A correction rejects what was suggested and accepts the person's own proposal; a deleted link type is rejected; a
    rename changes the name of what stands and nothing else.
    """
    return {key: answer for key, stack in _stacks(log).items() if (answer := _answer(key, stack))}


def latest(log: Iterable[Decision]) -> dict[str, Decision]:
    """Give proposal id -> the entry that an undo would take back."""
    return {key: stack[-1] for key, stack in _stacks(log).items() if stack}


def is_own(decision: Decision) -> bool:
    """Tell whether the person's own proposal was accepted: its rule counts, whatever is found today."""
    own = decision.corrected is not None or decision.proposal.model.startswith(OWN_MODELS)
    return own and decision.verdict is Verdict.ACCEPT


OWN_MODELS = ("person", "teaching/")
"""Models of proposals that people made, or let be made out of their examples."""


def _stacks(log: Iterable[Decision]) -> _Stacks:
    stacks: _Stacks = {}
    for entry in log:
        if entry.verdict is not Verdict.UNDO:
            for key in _keys(entry):
                stacks.setdefault(key, []).append(entry)
        elif stack := stacks.get(entry.proposal.id):
            _withdraw(stacks, stack[-1])
    return stacks


def _keys(entry: Decision) -> set[str]:
    return {entry.proposal.id, *((entry.corrected.id,) if entry.corrected else ())}


def _withdraw(stacks: _Stacks, entry: Decision) -> None:
    for key in _keys(entry):
        stack = stacks[key]
        last = max(place for place, each in enumerate(stack) if each is entry)
        del stack[last]


def _answer(key: str, stack: Iterable[Decision]) -> Decision | None:
    standing: Decision | None = None
    for entry in stack:
        standing = _after(standing, entry, key)
    return standing


def _after(standing: Decision | None, entry: Decision, key: str) -> Decision:
    if entry.verdict is Verdict.RENAME and standing:
        before = standing.decided_as or standing.name or standing.proposal.name
        return replace(standing, name=entry.name, seq=entry.seq, decided_as=before)
    if entry.verdict is Verdict.RENAME:
        return replace(entry, decided_as=entry.proposal.name)
    if entry.corrected and entry.corrected.id == key:
        return replace(entry, proposal=entry.corrected, verdict=Verdict.ACCEPT)
    if entry.verdict is Verdict.CORRECT or _deletes_type(entry):
        return replace(entry, verdict=Verdict.REJECT)
    if entry.verdict is Verdict.ACCEPT and not entry.name and standing and standing.verdict is Verdict.RENAME:
        return replace(entry, name=standing.name)
    return entry


def _deletes_type(entry: Decision) -> bool:
    # A single link that went with its type is not thereby wrong: nothing is to be learned from it.
    return entry.verdict is Verdict.DELETE and entry.proposal.kind is ProposalKind.LINK_TYPE
