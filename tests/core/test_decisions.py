"""The decision log replayed: corrections, renames, deletions, and the undo of each."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifrost import link_types, names, review
from bifrost.config import Linking
from bifrost.decisions import effective, latest
from bifrost.errors import ConfigInvalid, UnknownName
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import create_project
from bifrost.testing.graphs import snapshot_of
from linker.routing import route

SUGGESTED = Proposal(
    ProposalKind.LINK_TYPE, End("a", "t", ("f",)), End("b", "u", ("k",)), 0.7, "t_of_u", Rule(RuleKind.REFERENCE)
)
OWN = replace(SUGGESTED, start=End("a", "t", ("g",)), model="person", probability=1.0)
OTHER = replace(SUGGESTED, start=End("a", "t", ("h",)), name="other")
CLAIM = Proposal(
    ProposalKind.CLAIM, End(iri="https://x/1"), End(iri="https://x/2"), 1.0, "t_of_u", Rule(RuleKind.PREDICTED)
)


def said(proposal, verdict, name="", corrected=None):
    return Decision(proposal, verdict, by="ann", name=name, corrected=corrected)


def summed_up(log):
    return {key: (each.verdict, each.name) for key, each in effective(log).items()}


CORRECTION = said(SUGGESTED, Verdict.CORRECT, corrected=OWN)


def test_a_correction_rejects_what_was_suggested_and_accepts_the_persons_own():
    assert summed_up([CORRECTION]) == {SUGGESTED.id: (Verdict.REJECT, ""), OWN.id: (Verdict.ACCEPT, "")}
    routed = dict(route([SUGGESTED], effective([CORRECTION]), Linking(precision=0.6)))
    assert routed == {SUGGESTED: Route.DROPPED, OWN: Route.ACCEPTED}


@pytest.mark.parametrize("undone", [SUGGESTED, OWN])
def test_one_undo_of_either_side_restores_both(undone):
    assert effective([CORRECTION, said(undone, Verdict.UNDO)]) == {}
    before = said(SUGGESTED, Verdict.ACCEPT, "first")
    assert summed_up([before, CORRECTION, said(undone, Verdict.UNDO)]) == {SUGGESTED.id: (Verdict.ACCEPT, "first")}


def test_a_correction_of_the_transformation_alone_keeps_the_question_and_changes_the_rule():
    own = replace(SUGGESTED, rule=Rule(RuleKind.REFERENCE, "compact"), model="person")
    decisions = effective([said(SUGGESTED, Verdict.CORRECT, corrected=own)])
    assert own.id == SUGGESTED.id
    assert decisions[own.id].verdict is Verdict.ACCEPT
    (today,) = review.with_own_rules([replace(SUGGESTED, rule=Rule(RuleKind.REFERENCE, "number"))], decisions)
    assert today.rule.transform == "compact"


def test_a_rename_changes_the_name_and_nothing_else():
    accepted, renamed = said(SUGGESTED, Verdict.ACCEPT), said(SUGGESTED, Verdict.RENAME, "new")
    assert summed_up([accepted, renamed]) == {SUGGESTED.id: (Verdict.ACCEPT, "new")}
    by_policy = route([SUGGESTED], effective([renamed]), Linking(precision=0.6))
    assert [(each.name, where) for each, where in by_policy] == [("new", Route.ACCEPTED)]
    assert not review.as_link_type(SUGGESTED, effective([renamed])[SUGGESTED.id]).decided
    asked = route([replace(SUGGESTED, probability=0.4)], effective([renamed]), Linking(precision=0.95))
    assert [where for _, where in asked] == [Route.ASK]


def test_a_renamed_link_type_keeps_what_it_was_decided_under():
    log = [said(CLAIM, Verdict.ACCEPT), said(CLAIM, Verdict.RENAME, "new"), said(CLAIM, Verdict.RENAME, "newest")]
    (standing,) = effective(log).values()
    assert (standing.name, standing.decided_as) == ("newest", "t_of_u")


def test_the_learner_counts_a_prediction_as_right_after_its_type_was_renamed():
    from linker.learning.proposing.verdicts import Verdicts

    claim = replace(CLAIM, model="predicted", probability=0.6)
    confirmed = said(claim, Verdict.ACCEPT)
    renamed = said(claim, Verdict.RENAME, "newer name")
    before = Verdicts.of(effective([confirmed]).values()).shift("https://x/link/t_of_u")
    after = Verdicts.of(effective([confirmed, renamed]).values()).shift("https://x/link/newer_name")
    assert before == after > 0


VERDICTS = (Verdict.ACCEPT, Verdict.REJECT, Verdict.SKIP, Verdict.RENAME, Verdict.CORRECT, Verdict.DELETE)


@st.composite
def logs(draw):
    def entry(number):
        proposal = draw(st.sampled_from([SUGGESTED, OWN, OTHER, CLAIM]))
        verdict = draw(st.sampled_from([*VERDICTS, Verdict.UNDO]))
        corrected = draw(st.sampled_from([OWN, OTHER])) if verdict is Verdict.CORRECT else None
        name = draw(st.sampled_from(["", "x", "y"])) if verdict is not Verdict.RENAME else "renamed"
        return replace(said(proposal, verdict, name, corrected), seq=number)

    return [entry(number) for number in range(draw(st.integers(0, 9)))]


@given(logs())
def test_undoing_the_last_entry_gives_the_state_before_it(log):
    while log and log[-1].verdict is Verdict.UNDO:
        log = log[:-1]
    if log:
        undo = said(log[-1].proposal, Verdict.UNDO)
        assert effective([*log, undo]) == effective(log[:-1])


@given(logs())
def test_the_state_is_the_replay_of_what_was_not_undone(log):
    standing = []
    for entry in log:
        if entry.verdict is not Verdict.UNDO:
            standing.append(entry)
            continue
        about = [
            place
            for place, each in enumerate(standing)
            if entry.proposal.id in (each.proposal.id, each.corrected and each.corrected.id)
        ]
        if about:
            del standing[about[-1]]
    assert effective(log) == effective(standing)


@given(logs())
def test_what_counts_are_plain_answers(log):
    for key, decision in effective(log).items():
        assert decision.verdict not in (Verdict.UNDO, Verdict.CORRECT)
        assert decision.proposal.id == key
    assert set(latest(log)) == set(effective(log))


@pytest.fixture
def project(tmp_path):
    project = create_project(tmp_path, "base: https://kg.example.org/\n")
    accepted = [(SUGGESTED, Route.ACCEPTED), (replace(OTHER, name="t_of_u"), Route.ACCEPTED)]
    project.catalog.move_head("snapshot", snapshot_of(project, {}, accepted).digest)
    return project


def standing(project):
    return effective(project.catalog.decisions())


def test_a_correction_survives_the_catalog(project):
    entry = review.correct(project, SUGGESTED.id, OWN, by="ann", name="given", reason="wrong field")
    assert entry.corrected == OWN
    assert review.find_proposal(project, OWN.id).proposal == OWN
    assert review.find_proposal(project, SUGGESTED.id).as_json()["decision"]["corrected"] == OWN.id
    review.undo(project, OWN.id, by="ann")
    assert standing(project) == {}


def test_a_correction_that_changes_nothing_is_refused(project):
    with pytest.raises(ConfigInvalid, match="changes nothing"):
        review.correct(project, SUGGESTED.id, replace(SUGGESTED, model="person"), by="ann")


def test_a_link_type_is_renamed_in_all_its_rules_and_single_links(project):
    review.append(project, said(CLAIM, Verdict.ACCEPT))
    assert link_types.rename(project, "t_of_u", "new", by="ann") == 3
    assert {each.link_type.name for each in review.link_types(project)} == {"new"}
    assert standing(project)[CLAIM.id].name == "new"
    with pytest.raises(UnknownName, match="known: new"):
        link_types.rename(project, "t_of_u", "newer", by="ann")


def test_a_deleted_link_type_takes_asserted_links_along_and_comes_back_whole(project):
    review.append(project, said(CLAIM, Verdict.ACCEPT, "t_of_u"))
    assert link_types.delete(project, "t_of_u", by="ann") == 3
    assert {each.verdict for each in standing(project).values()} == {Verdict.REJECT, Verdict.DELETE}
    with pytest.raises(UnknownName):
        link_types.delete(project, "t_of_u", by="ann")
    assert link_types.restore(project, "t_of_u", by="ann") == 3
    assert summed_up(project.catalog.decisions()) == {CLAIM.id: (Verdict.ACCEPT, "t_of_u")}
    with pytest.raises(UnknownName, match="no deleted link type"):
        link_types.restore(project, "t_of_u", by="ann")


def test_a_rename_without_a_name_and_a_correction_without_a_proposal_are_refused(project):
    for verdict, sentence in ((Verdict.RENAME, "new name"), (Verdict.CORRECT, "other ends")):
        with pytest.raises(ConfigInvalid, match=sentence):
            review.decide(project, SUGGESTED.id, verdict, by="ann")
    assert project.catalog.decisions() == []


def test_a_taught_proposal_is_found_until_it_is_decided(project):
    taught = replace(OWN, name="mine", model="teaching/1")
    with pytest.raises(UnknownName):
        review.find_proposal(project, taught.id)
    review.remember_taught(project, [taught])
    review.decide(project, taught.id, Verdict.ACCEPT, by="ann")
    assert standing(project)[taught.id].proposal == taught


def test_what_people_say_of_a_name_counts_in_its_source(project):
    wrong = names.correct(project, names.Name("Ultra  Seal", "PERSON", "notes"), "PRODUCT", by="ann")
    names.correct(project, names.Name("N/A", "ORG"), by="ann")
    in_notes, elsewhere = (names.SaidOfNames.of(project, source) for source in ("notes", "mail"))
    assert in_notes.denied == {("ultra seal", "PERSON"), ("n/a", "ORG")}
    assert in_notes.instead == (("ultra seal", "PRODUCT"),)
    assert elsewhere.denied == {("n/a", "ORG")}
    review.undo(project, wrong.proposal.id, by="ann")
    assert names.SaidOfNames.of(project, "notes") == elsewhere
