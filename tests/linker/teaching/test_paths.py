"""Paths as types of links: their support goes with what it stands on; those that tell something are proposed."""

from dataclasses import replace

import pytest

from bifrost import link_types, registration, review
from bifrost.decisions import effective
from bifrost.errors import ConfigInvalid
from bifrost.lessons import Correction, Lesson
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import open_project
from linker.paths.steps import Step, as_text, following, from_text
from linker.teaching.correcting import corrected
from linker.teaching.teach import teach


@pytest.fixture
def followed(project, planted):
    """A project with the accepted path from returns to suppliers."""
    pairs = [
        (f"sales/returns/R-{n:04}", f"supply/suppliers/{planted.supplier_of_order(1 + n * 11 % 200)}")
        for n in (5, 40, 77)
    ]
    best, *_ = teach(project, Lesson("supplied by", tuple(pairs)))
    assert best.rule.kind is RuleKind.PATH
    review.decide(project, best.id, Verdict.ACCEPT, by="ann")
    planted.link(project)
    return project


def unit_of(project, name):
    (found,) = [each for each in review.link_types(project) if each.link_type.name == name]
    return project.snapshot().units.get(f"links:{found.link_type.proposal}")


def test_path_links_lie_in_the_graph_of_all_sources_of_the_way_and_name_its_places(followed, planted):
    unit = unit_of(followed, "supplied by")
    assert unit.graph == followed.namer.graph(["sales", "plant", "supply"])
    (row,) = [each for each in followed.staging.table([unit.facts]).to_pylist() if "R-0005" in each["subject"]]
    assert [part in row["place"] for part in ("row R-0005, order_no", "batch_id", "supplier_id")] == [True] * 3
    assert row["confidence"] == pytest.approx(0.9**3)


def test_removing_a_source_of_the_way_takes_exactly_the_path_links_that_stand_on_it(followed, planted):
    assert len(planted.links(followed, "supplied by")) == 90
    settings = (followed.home / "bifrost.yaml").read_text()
    (followed.home / "bifrost.yaml").write_text("\n".join(x for x in settings.split("\n") if "plant.db" not in x))
    followed = open_project(followed.home)
    registration.remove(followed, "plant")
    planted.link(followed)
    assert planted.links(followed, "supplied by") == set()
    assert planted.links(followed, "supplier")


def test_a_link_that_people_rejected_takes_its_path_links_along(followed, planted):
    order, batch = "plant/orders/PO-00056", "supply/batches/B-0033"
    head = followed.namer.base + "entity/"
    name = planted.type_of(followed, "orders", "batches").name
    claim = Proposal(
        ProposalKind.CLAIM, End(iri=head + order), End(iri=head + batch), 1.0, name, Rule(RuleKind.PREDICTED)
    )
    before = planted.links(followed, "supplied by")
    assert ("orders/PO-00056", "batches/B-0033") in planted.links(followed, name)
    review.append(followed, Decision(claim, Verdict.REJECT, by="ann"))
    planted.link(followed)
    assert ("orders/PO-00056", "batches/B-0033") not in planted.links(followed, name)
    gone = before - planted.links(followed, "supplied by")
    assert gone == {link for link in before if link[0] == "returns/R-0005"}
    review.undo(followed, claim.id, by="ann")
    planted.link(followed)
    assert planted.links(followed, "supplied by") == before


def test_renaming_a_link_of_the_way_leaves_the_path_links_as_they_are(followed, planted):
    before = planted.links(followed, "supplied by")
    link_types.rename(followed, "supplier", "delivered by", by="ann")
    planted.link(followed)
    assert planted.links(followed, "supplied by") == before
    assert planted.links(followed, "supplier") == set()
    assert len(planted.links(followed, "delivered by")) == 60


def test_a_deleted_type_goes_with_its_links_and_those_of_its_paths_and_comes_back(followed, planted):
    link_types.delete(followed, "supplier", by="ann")
    planted.link(followed)
    assert planted.links(followed, "supplier") == planted.links(followed, "supplied by") == set()
    assert "supplier" not in {each.link_type.name for each in review.link_types(followed)}
    link_types.restore(followed, "supplier", by="ann")
    planted.link(followed)
    assert (len(planted.links(followed, "supplier")), len(planted.links(followed, "supplied by"))) == (60, 90)


def test_a_turned_reference_leads_the_other_way_and_the_path_goes_on(followed, planted):
    suggested = planted.type_of(followed, "batches", "suppliers")
    forward, paths = planted.links(followed, "supplier"), planted.links(followed, "supplied by")
    own = corrected(followed, suggested, Correction(reverse=True))
    assert own.estimated_links == suggested.estimated_links == 60
    review.correct(followed, suggested.id, own, by="ann", name="delivers")
    planted.link(followed)
    assert planted.links(followed, "delivers") == {(end, start) for start, end in forward}
    assert planted.links(followed, "supplier") == set()
    assert planted.links(followed, "supplied by") == paths
    assert suggested.id not in [each.proposal.id for each in review.open_proposals(followed)]
    review.undo(followed, own.id, by="ann")
    planted.link(followed)
    assert (planted.links(followed, "supplier"), planted.links(followed, "delivers")) == (forward, set())


def test_a_telling_path_is_proposed_and_never_accepted_without_a_person(project):
    proposed = [each for each in review.current_proposals(project) if each.proposal.rule.kind is RuleKind.PATH]
    (found,) = [each for each in proposed if each.proposal.end.table == "suppliers"]
    reasons = {reason.feature: reason for reason in found.proposal.because}
    assert found.proposal.start.table == "returns"
    assert "reason" in reasons["predicts"].value
    assert reasons["predicts"].weight > 1.1
    assert found.proposal.estimated_links == 90
    assert len(proposed) <= 5
    assert {each.route for each in proposed} == {Route.ASK}


PATH = (Step("aaa"), Step("bbb", backward=True))


def test_a_path_survives_its_text():
    assert from_text(as_text(PATH)) == PATH
    for wrong in ("", "a/b/c/d", "a//b"):
        with pytest.raises(ConfigInvalid, match="one to 3 links"):
            from_text(wrong)


def test_paths_follow_corrections():
    suggested = Proposal(ProposalKind.LINK_TYPE, End("a", "t"), End("b", "u"), 0.7, "x", Rule(RuleKind.REFERENCE))
    own = replace(suggested, start=suggested.end, end=suggested.start, rule=Rule(RuleKind.REFERENCE, turned=True))
    decisions = effective([Decision(suggested, Verdict.CORRECT, by="ann", corrected=own)])
    assert following((Step(suggested.id), Step("bbb")), decisions) == (Step(own.id, backward=True), Step("bbb"))
