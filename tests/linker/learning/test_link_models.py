"""Versions of the model of links: what they are kept from, when one is fitted, and which one is in force."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from bifrost.errors import ConfigInvalid
from bifrost.model import Decision, End, Proposal, ProposalKind, Rule, RuleKind, Verdict
from bifrost.progress import SILENT
from bifrost.project import Project, create_project
from linker.learning.encoder.settings import Training
from linker.learning.fusion.joining_line import JoiningLine
from linker.learning.fusion.ranker import Ranker
from linker.learning.graph import TRIPLE, Integers, KnowledgeGraph
from linker.learning.models.fitted import FittedModel
from linker.learning.models.fitting import fit_model
from linker.learning.models.held_back import Material, kept_back, link_keys
from linker.learning.models.promotion import compare
from linker.learning.models.registry import Registry, Version
from linker.learning.models.storing import load_model, store_model
from linker.learning.models.task import Task
from linker.learning.predict import predict_links, refit_links

SUPPLIED = "https://graph.example.org/link/supplied_by"


def task_of(project: Project, world: Any, training: Training, decisions: Sequence[Decision] = ()) -> Task:
    return Task.of(project, world.links_table(), world.entities_table(), decisions, training)


def material_of(task: Task) -> Material:
    return kept_back(task.described, task.answered(task.verdicts), task.training)


def said(head: str, tail: str, verdict: Verdict) -> Decision:
    """Give a person's answer on a predicted supplier."""
    proposal = Proposal(
        ProposalKind.CLAIM,
        End(iri=head),
        End(iri=tail),
        0.7,
        "supplied_by",
        Rule(RuleKind.PREDICTED),
        model="fused/some",
    )
    return Decision(proposal, verdict, by="anna")


def rejections(world: Any, count: int) -> list[Decision]:
    suppliers = [iri for iri, kind, _ in world.entities if kind.endswith("/supplier")]
    wrong = ((head, next(each for each in suppliers if each != tail)) for (head, _), tail in world.missing.items())
    return [said(head, tail, Verdict.REJECT) for head, tail in list(wrong)[:count]]


def named(graph: KnowledgeGraph, triples: Integers) -> set[tuple[str, str, str]]:
    entities = graph.entities.to_pylist()
    return {(entities[head], graph.relation_names[kind], entities[tail]) for head, kind, tail in triples.tolist()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return create_project(tmp_path_factory.mktemp("models") / "home", "{}")


@pytest.fixture(scope="module")
def material(home: Project, world: Any, quick: Training) -> Material:
    return material_of(task_of(home, world, quick))


@pytest.fixture(scope="module")
def fitted(material: Material, quick: Training) -> FittedModel:
    model = fit_model(material, quick)
    assert model is not None
    return model


def scores(model: FittedModel, graph: KnowledgeGraph, heads: Integers) -> Any:
    kinds = np.full(len(heads), graph.relation_names.index(SUPPLIED))
    return model.on(graph).against_all(heads, kinds)


def test_links_and_answers_that_are_kept_back_stay_so_when_the_graph_grows(
    make_world: Any, project: Project, quick: Training
) -> None:
    small, large = make_world(batches=200), make_world(batches=300)
    decisions = [
        *rejections(small, 25),
        *(said(head, tail, Verdict.ACCEPT) for (head, _), tail in small.missing.items()),
    ]
    before, after = (material_of(task_of(project, each, quick, decisions)) for each in (small, large))
    assert set(small.links) < set(large.links)
    kept, grown = named(before.graph, before.links), named(after.graph, after.links)
    assert kept
    assert grown - kept
    assert kept == grown & named(before.graph, before.graph.triples)
    for which in ("accepted", "denied"):
        old, new = getattr(before.answers, which), getattr(after.answers, which)
        assert len(old)
        assert named(before.graph, old) == named(after.graph, new)
    assert not named(before.seen, before.seen.triples) & (kept | named(before.graph, before.answers.accepted))


def test_fitting_again_on_unchanged_data_fits_nothing(project: Project, world: Any, quick: Training) -> None:
    predict_links(project, world.links_table(), world.entities_table(), [], SILENT, training=quick)
    (first,) = Registry(project).entries()
    assert refit_links(project, SILENT, training=quick) == first
    assert Registry(project).entries() == [first]


def test_a_model_is_fitted_anew_after_as_many_answers_as_the_settings_say(
    tmp_path: Path, world: Any, quick: Training
) -> None:
    project = create_project(tmp_path / "home", "linking: {refit_after: 3}")
    versions = []
    for count in (0, 2, 3):
        decisions = rejections(world, count)
        predict_links(project, world.links_table(), world.entities_table(), decisions, SILENT, training=quick)
        versions.append([(each.version.because, each.version.answers) for each in Registry(project).entries()])
    assert versions[0] == versions[1] == [("no model yet", 0)]
    assert versions[2] == [("3 answers since", 3), ("no model yet", 0)]


def test_a_model_with_its_opinions_turned_round_is_worse_and_the_same_one_is_not(
    fitted: FittedModel, material: Material
) -> None:
    turned = replace(fitted, ranker=_turned(fitted.ranker))
    assert compare(turned, fitted, material).worse
    better = compare(fitted, turned, material)
    assert (better.measured_on, better.worse) == ("links", False)
    assert better.loss < better.loss_before
    assert not compare(fitted, fitted, material).worse


def test_a_challenger_that_is_worse_stays_out_of_force(project: Project, world: Any, quick: Training) -> None:
    task = task_of(project, world, quick)
    in_force = _of_one_who_has_seen(task)
    registry = Registry(project)
    version = Version(
        parts=store_model(project.staging, in_force),
        data="its own",
        identity=task.identity,
        links=registry.store_keys(link_keys(task.graph, task.graph.triples)),
        because="it peeped",
    )
    registry.add(version, promoted=True)
    predict_links(project, world.links_table(), world.entities_table(), [], SILENT, training=quick)
    tried = refit_links(project, SILENT, training=quick)
    assert tried.version.compared is not None
    assert (tried.in_force, tried.version.compared["worse"]) == (False, True)
    assert tried.version.compared["loss"] > tried.version.compared["loss_before"]
    assert registry.in_force() == version
    found = predict_links(project, world.links_table(), world.entities_table(), [], SILENT, training=quick)
    assert {each.model for each in found} == {version.name}
    # Nor is another one fitted at the next link: the latest still serves as the record of what was tried.
    assert len(registry.entries()) == 2


def test_a_stored_model_scores_as_the_one_that_was_stored(
    home: Project, fitted: FittedModel, material: Material
) -> None:
    loaded = load_model(home.staging, store_model(home.staging, fitted))
    heads = material.links[:20, 0]
    assert np.array_equal(scores(loaded, material.seen, heads), scores(fitted, material.seen, heads))
    assert (loaded.scales, loaded.metrics) == (fitted.scales, fitted.metrics)


def test_loading_a_model_draws_no_random_numbers(home: Project, fitted: FittedModel, material: Material) -> None:
    parts, before = store_model(home.staging, fitted), torch.random.get_rng_state()
    load_model(home.staging, parts).on(material.seen)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_new_things_and_new_types_of_links_are_scored_by_a_model_that_never_saw_them(
    make_world: Any, project: Project, fitted: FittedModel, quick: Training
) -> None:
    grown = make_world(batches=300)
    batches = [iri for iri, kind, _ in grown.entities if kind.endswith("/batch")]
    new, seen = batches[240:], set(make_world(batches=240).links)
    truth = {head: tail for head, name, tail in grown.links if name == SUPPLIED and head in new}
    grown.links = [link for link in grown.links if link in seen or link[0] not in truth or link[1] != SUPPLIED]
    for one, other in pairwise(batches):
        grown.link(one, "after", other)
    graph = task_of(project, grown, quick).described
    heads = graph.numbered(_rows([(head, SUPPLIED, tail) for head, tail in truth.items()]))
    assert len(heads) > 30
    given = scores(fitted, graph, heads[:, 0])
    suppliers = np.flatnonzero(graph.entity_types == graph.entity_types[heads[0, 2]])
    best = suppliers[np.argmax(given[:, suppliers], axis=1)]
    assert np.isfinite(given).all()
    assert (best == heads[:, 2]).mean() > 0.4
    assert "https://graph.example.org/link/after" in graph.relation_names


def test_a_model_made_under_other_settings_is_not_put_in_force(project: Project, world: Any, quick: Training) -> None:
    tables = world.links_table(), world.entities_table()
    predict_links(project, *tables, [], SILENT, training=quick)
    predict_links(project, *tables, [], SILENT, training=replace(quick, dimensions=16))
    latest, first = Registry(project).entries()
    assert (latest.in_force, latest.version.because) == (True, "settings changed")
    with pytest.raises(ConfigInvalid, match="other settings"):
        Registry(project).use(first.version.name)
    Registry(project).use(latest.version.name)


def test_texts_that_appear_are_read_by_the_model_that_is_there(project: Project, world: Any, quick: Training) -> None:
    links, entities = world.links_table(), world.entities_table()
    written = entities.append_column("text", pa.array([f"of {label}" for label in entities["label"].to_pylist()]))
    for described in (entities, written):
        assert predict_links(project, links, described, [], SILENT, training=quick)
    assert [each.version.because for each in Registry(project).entries()] == ["no model yet"]


def test_a_graph_whose_texts_the_model_cannot_read_is_refused_with_what_to_do(
    fitted: FittedModel, material: Material
) -> None:
    wider = replace(material.seen, features=np.zeros((len(material.seen.entities), 7), np.float32))
    with pytest.raises(ConfigInvalid, match="bifrost run"):
        fitted.on(wider)


def _turned(ranker: Ranker) -> Ranker:
    line = ranker.fitted
    assert isinstance(line, JoiningLine)
    return Ranker(line._replace(weights=-line.weights))


def _of_one_who_has_seen(task: Task) -> FittedModel:
    """Fit on the links that all others are kept from, and keep it from others."""
    material = material_of(task)
    keys = link_keys(task.graph, material.graph.triples)
    others = material.graph.triples[np.argsort(keys)[-len(material.links) :]]
    thorough = replace(task.training, most_epochs=60, budget_seconds=30.0, identity_dropout=0.0, dropout=0.0)
    model = fit_model(replace(material, links=others), thorough)
    assert model is not None
    return model


def _rows(links: list[tuple[str, str, str]]) -> pa.Table:
    return pa.table(dict(zip(TRIPLE, map(list, zip(*links, strict=True)), strict=True)))
