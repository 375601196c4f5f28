"""What the model in force says, over a project that was really linked."""

import threading
from typing import Any

import pytest

from bifrost import plugins, review
from bifrost.errors import ConfigInvalid, EntityMissing, ModelMissing, UnknownName
from bifrost.iris import SAME_AS
from bifrost.model import Route, Verdict
from bifrost.ports import Scope
from bifrost.predictions import LinkAsked, LinkPredictions, LinksWanted
from bifrost.progress import SILENT
from bifrost.project import Project
from bifrost.runner import run_stages
from bifrost.snapshots import Snapshot, Unit
from bifrost.testing.graphs import Fact, facts_table

BASE = "https://kg.example.org/entity/plant"


def ask(project: Project) -> LinkPredictions:
    predictions: LinkPredictions = plugins.load(plugins.SERVICES, "link_predictions")(project)
    return predictions


def supplied_by(project: Project, batch: str) -> list[str]:
    from graph_store.entities import entity

    view = entity(project, batch)
    assert view is not None
    return [link.entity.iri for link in view.links if link.predicate.iri.endswith("/supplier")]


def test_most_planted_links_are_the_likeliest_tails(untouched: Any) -> None:
    found = {batch: ask(untouched.project).tails(batch, "supplier", 1)[0].object for batch in untouched.missing}
    right = sum(found[batch] == truth for batch, truth in untouched.missing.items())
    assert right / len(untouched.missing) > 0.6


def test_a_link_is_as_likely_however_it_is_asked(untouched: Any) -> None:
    model = ask(untouched.project)
    for batch in [*untouched.missing][:5]:
        (best,) = model.tails(batch, "supplier", 1)
        (scored,) = model.score([LinkAsked(batch, "supplier", best.object)])
        among = {each.subject: each for each in model.heads("supplier", best.object, 50)}
        (related,) = (each for each in model.relations(batch, best.object, 5) if each.link_type == "supplier")
        assert best == scored == related == among[batch]


def test_what_is_asked_together_makes_no_difference(untouched: Any) -> None:
    model, batch = ask(untouched.project), untouched.supplied
    asked = [LinkAsked(batch, "supplier", f"{BASE}/suppliers/S-{number:02d}") for number in range(10)]
    asked += [LinkAsked(batch, "supplier", f"{BASE}/warehouses/W-00"), LinkAsked(batch, "warehouse", batch)]
    alone = [model.score([each])[0] for each in asked]
    together = model.score(asked)
    assert [each.probability for each in together] == pytest.approx([each.probability for each in alone], abs=1e-3)
    assert sum(each.known for each in together) == 1


def test_tails_and_heads_are_new_and_the_best_come_first(untouched: Any) -> None:
    model = ask(untouched.project)
    tails = model.tails(untouched.supplied, "supplier", 20)
    heads = model.heads("supplier", untouched.gap[1], 20)
    for found in (tails, heads):
        assert not any(each.known for each in found)
        probabilities = [each.probability for each in found]
        assert probabilities == sorted(probabilities, reverse=True)
    assert len(tails) == 9
    assert {each.subject for each in heads} <= untouched.missing.keys()


def test_a_probability_is_calibrated_only_where_the_link_can_be_missing(untouched: Any) -> None:
    model, (batch, truth) = ask(untouched.project), untouched.gap
    assert model.score([LinkAsked(batch, "supplier", truth)])[0].calibrated
    assert not any(each.calibrated for each in model.tails(untouched.supplied, "supplier", 3))


def test_relations_tell_those_that_two_things_have_from_new_ones(untouched: Any) -> None:
    model, batch = ask(untouched.project), untouched.supplied
    (held,) = supplied_by(untouched.project, batch)
    assert [(each.link_type, each.known) for each in model.relations(batch, held, 5)] == [("supplier", True)]
    assert model.relations(held, batch, 5) == []


def test_a_prediction_is_explained_by_rules_of_the_graph(untouched: Any) -> None:
    batch, truth = untouched.gap
    (told,) = ask(untouched.project).score([LinkAsked(batch, "supplier", truth)], explain=True)
    rules = [each for each in told.because if each.feature == "rule"]
    assert any("-material->" in each.value and 0 < each.weight <= 1 for each in rules)
    (untold,) = ask(untouched.project).score([LinkAsked(batch, "supplier", truth)])
    assert untold.because == ()


def test_names_of_types_are_taken_as_people_write_them_and_as_iris(untouched: Any) -> None:
    model, (batch, _) = ask(untouched.project), untouched.gap
    by_name = model.tails(batch, "Supplier", 2)
    assert by_name == model.tails(batch, "https://kg.example.org/link/supplier", 2)


def test_a_merged_record_is_asked_about_by_the_name_that_it_had(plant: Any) -> None:
    project, (batch, truth) = plant.project, plant.gap
    graph, snapshot, old = project.namer.graph(["plant"]), project.snapshot(), f"{BASE}/vendors/V-7"
    merged = facts_table([Fact(old, SAME_AS, truth, "", "plant", graph=graph)])
    unit = Unit(graph, project.staging.put_table(merged).digest, 1)
    units = {**snapshot.units, "redirects:plant/vendors": unit}
    stored = Snapshot.store(project.staging, units, identity=snapshot.identity, proposals=snapshot.proposals)
    with pytest.raises(EntityMissing):
        ask(project).score([LinkAsked(batch, "supplier", old)])
    project.catalog.move_head("snapshot", stored.digest)
    (scored,) = ask(project).score([LinkAsked(batch, "supplier", old)])
    assert scored == ask(project).score([LinkAsked(batch, "supplier", truth)])[0]


def test_what_is_not_there_is_named(untouched: Any, unlinked: Project) -> None:
    model, (batch, truth) = ask(untouched.project), untouched.gap
    with pytest.raises(EntityMissing, match="S-99"):
        model.heads("supplier", f"{BASE}/suppliers/S-99", 3)
    with pytest.raises(UnknownName, match="known: material, supplier, warehouse"):
        model.tails(batch, "owner", 3)
    with pytest.raises(ConfigInvalid, match="give two of subject, link type and object"):
        LinksWanted(object=truth).of(model)
    with pytest.raises(ModelMissing, match="fit-links"):
        ask(unlinked)


def test_a_proposal_is_a_question_until_somebody_accepts_it(plant: Any) -> None:
    project, (batch, truth) = plant.project, plant.gap
    (proposal,) = ask(project).propose([LinkAsked(batch, "supplier", truth)])
    asked = review.find_proposal(project, proposal.id)
    assert (asked.open, asked.proposal.model) == (True, ask(project).model)
    assert supplied_by(project, batch) == []
    review.decide(project, proposal.id, Verdict.ACCEPT, by="anna")
    run_stages(project, Scope(), SILENT, ("link", "publish"))
    assert supplied_by(project, batch) == [truth]
    assert ask(project).score([LinkAsked(batch, "supplier", truth)])[0].known
    with pytest.raises(ConfigInvalid, match="the graph has it already"):
        ask(project).propose([LinkAsked(batch, "supplier", truth)])


def test_an_improbable_link_that_was_requested_is_asked_too_and_outlives_a_link(plant: Any) -> None:
    project, (batch, truth) = plant.project, plant.gap
    worst = ask(project).tails(batch, "supplier", 10)[-1]
    assert worst.probability < project.settings.linking.ask_above
    (proposal,) = ask(project).propose([LinkAsked.of(worst)])
    other = LinkAsked(batch, "supplier", truth)
    ask(project).propose([other])
    review.decide(project, ask(project).propose([other])[0].id, Verdict.SKIP, by="anna")
    run_stages(project, Scope(), SILENT, ("link",))
    found = review.find_proposal(project, proposal.id)
    assert (found.route, found.open) == (Route.ASK, True)
    assert proposal.id in {each.proposal.id for each in review.open_proposals(project)}


def test_what_somebody_rejected_is_neither_predicted_nor_asked_again(plant: Any) -> None:
    project, (batch, truth) = plant.project, plant.gap
    link = LinkAsked(batch, "supplier", truth)
    (proposal,) = ask(project).propose([link])
    review.decide(project, proposal.id, Verdict.REJECT, by="anna")
    assert truth not in {each.object for each in ask(project).tails(batch, "supplier", 10)}
    assert batch not in {each.subject for each in ask(project).heads("supplier", truth, 100)}
    with pytest.raises(ConfigInvalid, match="somebody answered this question"):
        ask(project).propose([link])


def test_a_request_with_one_wrong_link_asks_nothing(plant: Any) -> None:
    project, (batch, truth) = plant.project, plant.gap
    (held,) = supplied_by(project, plant.supplied)
    before = [each.proposal for each in review.open_proposals(project)]
    with pytest.raises(ConfigInvalid, match="the graph has it already"):
        ask(project).propose([LinkAsked(batch, "supplier", truth), LinkAsked(plant.supplied, "supplier", held)])
    assert [each.proposal for each in review.open_proposals(project)] == before


def test_many_who_ask_at_once_load_the_model_once(plant: Any) -> None:
    ready, found = threading.Barrier(4), []

    def load() -> None:
        ready.wait(20)
        found.append(ask(plant.project))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len({id(each.reading) for each in found}) == 1  # type: ignore[attr-defined]


def test_an_answer_shifts_what_the_next_question_hears(plant: Any) -> None:
    project, gaps = plant.project, [*plant.missing]
    model = ask(project)
    chosen = [LinkAsked.of(model.tails(batch, "supplier", 1)[0]) for batch in gaps]
    before = {each.subject: each.probability for each in model.score(chosen)}
    for each in model.propose(chosen[:8]):
        review.decide(project, each.id, Verdict.REJECT, by="anna")
    after = ask(project).score(chosen[8:])
    assert sum(each.probability - before[each.subject] for each in after) < 0


def test_a_model_put_back_in_force_answers_at_once(plant: Any) -> None:
    project = plant.project
    registry = plugins.load(plugins.SERVICES, "link_versions")(project)
    first = ask(project).model
    missing = [LinkAsked(batch, "supplier", truth) for batch, truth in plant.missing.items()]
    for each in ask(project).propose(missing[:5]):
        review.decide(project, each.id, Verdict.ACCEPT, by="anna")
    fitted = plugins.load(plugins.SERVICES, "refit_links")(project, SILENT)
    second = fitted.version.name
    assert second != first
    assert fitted.version.answers == 5
    for name in (first, second, first):
        registry.use(name)
        assert ask(project).model == name
        (proposal,) = ask(project).propose([LinkAsked.of(ask(project).tails([*plant.missing][-1], "supplier", 1)[0])])
        assert proposal.model == name
    assert [each.version.name for each in registry.entries() if each.in_force] == [first]
    with pytest.raises(UnknownName, match=f"known: .*{first}"):
        registry.use("fused/none")
    run_stages(project, Scope(), SILENT, ("link",))
    proposed = {each.proposal.model for each in review.open_proposals(project) if each.proposal.model}
    assert proposed >= {first}
    assert second not in proposed
