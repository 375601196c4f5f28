"""Proposals of missing links, from tables and decisions to the reviewer's list."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bifrost.errors import StagingDamaged
from bifrost.model import Decision, Proposal, ProposalKind, RuleKind, Verdict
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from linker.learning.encoder.settings import Training
from linker.learning.models.registry import Registry, Version
from linker.learning.predict import Predictions, predict_links
from linker.learning.serving.service import link_predictions

Predict = Callable[..., list[Proposal]]


@pytest.fixture
def predict(project: Project, world: Any, quick: Training) -> Predict:
    def run(*decisions: Decision, links: pa.Table | None = None) -> list[Proposal]:
        given = world.links_table() if links is None else links
        return predict_links(project, given, world.entities_table(), decisions, Silent(), training=quick)

    return run


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, world: Any, quick: Training) -> list[Proposal]:
    """Give what is proposed before anybody said anything."""
    project = create_project(tmp_path_factory.mktemp("before") / "home", "{}")
    return predict_links(project, world.links_table(), world.entities_table(), [], Silent(), training=quick)


def _says(proposal: Proposal, verdict: Verdict) -> Decision:
    return Decision(proposal, verdict, by="anna")


def test_missing_links_are_proposed_typed_calibrated_and_explained(before: list[Proposal], world: Any) -> None:
    right = [world.missing.get((each.start.iri, _predicate(each))) == each.end.iri for each in before]
    stated = sum(each.probability for each in before) / len(before)
    assert len(before) >= 15
    assert sum(right) / len(right) > 0.6
    assert abs(sum(right) / len(right) - stated) < 0.25
    for each in before:
        assert (each.kind, each.rule.kind) == (ProposalKind.CLAIM, RuleKind.PREDICTED)
        assert 0.5 <= each.probability <= 1
        assert each.model.startswith("fused/")
        features = [reason.feature for reason in each.because]
        assert features[0] == "unfilled reference"
        assert "path" in features
        assert "rule" in features
        assert "calibrated log-odds" in features


def test_links_that_exist_are_not_proposed_and_ids_are_unique(before: list[Proposal], world: Any) -> None:
    assert not {(each.start.iri, _predicate(each), each.end.iri) for each in before} & set(world.links)
    assert len({each.id for each in before}) == len(before)


def test_the_same_input_gives_the_same_proposals_in_another_project(
    before: list[Proposal], project: Project, world: Any, quick: Training
) -> None:
    shuffled = world.links_table().sort_by([("object", "descending"), ("subject", "ascending")])
    again = predict_links(project, shuffled, world.entities_table(), [], Silent(), training=quick)
    assert [each.as_json() for each in again] == [each.as_json() for each in before]


def test_rejected_claims_are_not_asked_again_and_their_kind_falls(predict: Predict, before: list[Proposal]) -> None:
    rejected = before[:6]
    after = {each.id: each for each in predict(*(_says(each, Verdict.REJECT) for each in rejected))}
    assert not after.keys() & {each.id for each in rejected}
    probability = {each.id: each.probability for each in before[6:]}
    change = [(after[key].probability if key in after else 0.5) - value for key, value in probability.items()]
    assert sum(change) / len(change) < -0.05


def test_accepted_claims_are_learned_and_their_kind_rises(predict: Predict, before: list[Proposal]) -> None:
    accepted = before[-6:]
    after = {each.id: each for each in predict(*(_says(each, Verdict.ACCEPT) for each in accepted))}
    assert not after.keys() & {each.id for each in accepted}
    shifts = [reason.weight for each in after.values() for reason in each.because if reason.feature == "verdicts"]
    assert shifts
    assert min(shifts) > 0


def test_a_pair_answered_for_another_link_type_is_not_asked_again(predict: Predict, before: list[Proposal]) -> None:
    renamed = Decision(before[0], Verdict.ACCEPT, by="anna", name="invoiced by")
    assert before[0].id not in {each.id for each in predict(renamed)}


def test_an_undone_rejection_leaves_the_first_answer(predict: Predict, before: list[Proposal]) -> None:
    predict(_says(before[0], Verdict.REJECT))
    assert predict() == before


def test_unchanged_input_is_answered_from_staging(
    project: Project, predict: Predict, world: Any, quick: Training, tmp_path: Path
) -> None:
    found = predict()
    version, kept = _in_force(project), _kept(project)
    assert all(project.staging.has(file) for file in version.files)
    assert version.metrics["held_out_mrr"] > 0
    assert list(kept.proposals) == found
    assert not list(project.cache_folder("learning").iterdir())
    _store(tmp_path, world)
    code = f"""
import sys
from pathlib import Path
import pyarrow.parquet as pq
from bifrost.progress import Silent
from bifrost.project import open_project
from linker.learning.predict import predict_links
from linker.learning.encoder.settings import Training
tables = [pq.read_table(Path({str(tmp_path)!r}) / name) for name in ("links.parquet", "entities.parquet")]
found = predict_links(open_project(Path({str(project.home)!r})), *tables, [], Silent(), training={quick!r})
assert len(found) == {len(found)}, found
assert not {{"torch", "dgl"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_lost_manifest_is_made_again(project: Project, predict: Predict, before: list[Proposal]) -> None:
    assert predict() == before
    project.staging.sweep(set())
    assert predict() == before


def test_a_damaged_model_is_named_and_fitted_again(project: Project, predict: Predict, before: list[Proposal]) -> None:
    assert predict() == before
    weights = project.staging.path(_in_force(project).parts["weights"])
    whole = weights.read_bytes()
    weights.chmod(0o644)
    weights.write_bytes(whole[:1_000])
    with pytest.raises(StagingDamaged, match=weights.name):
        link_predictions(project)
    assert predict() == before
    assert weights.read_bytes() == whole


def test_a_small_graph_asks_nothing_and_loads_nothing(project: Project, predict: Predict, world: Any) -> None:
    assert predict(links=world.links_table().slice(0, 49)) == []
    assert project.catalog.checkpoints("learn") == {}


def test_a_graph_without_gaps_is_not_trained_on(make_world: Any, project: Project, quick: Training) -> None:
    full = make_world(hidden=0.0)
    found = predict_links(project, full.links_table(), full.entities_table(), [], Silent(), training=quick)
    assert found == []
    assert _kept(project).model == ""
    assert Registry(project).entries() == []


def test_a_link_type_with_many_tails_is_completed_within_its_pattern(
    make_world: Any, project: Project, quick: Training
) -> None:
    full, gaps = make_world(batches=0), set()
    ends = [[full.add(kind, number, "") for number in range(24)] for kind in ("machine", "part")]
    for number, machine in enumerate(ends[0]):
        for other, part in enumerate(ends[1]):
            if number % 2 == other % 2 and (7 * number + 3 * other) % 61:
                full.link(machine, "takes", part)
            elif number % 2 == other % 2:
                gaps.add((machine, part))
    training = replace(quick, most_epochs=40, batch_links=64)
    found = predict_links(project, full.links_table(), full.entities_table(), [], Silent(), training=training)
    assert {(each.start.iri, each.end.iri) for each in found} & gaps
    assert {(each.start.iri, each.end.iri) for each in found} <= gaps
    assert all(each.because[0].feature != "unfilled reference" for each in found)


def _kept(project: Project) -> Predictions:
    return Predictions.load(project.staging, project.catalog.checkpoints("learn")["links"][1])


def _in_force(project: Project) -> Version:
    version = Registry(project).in_force()
    assert version is not None
    return version


def _predicate(proposal: Proposal) -> str:
    return f"https://graph.example.org/link/{proposal.name}"


def _store(folder: Path, world: Any) -> None:
    import pyarrow.parquet as pq

    pq.write_table(world.links_table(), folder / "links.parquet")
    pq.write_table(world.entities_table(), folder / "entities.parquet")
