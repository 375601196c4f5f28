"""Rules, vectors and texts joined: better than the parts, repeatable, resumable, and never proposing what is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from linker.learning import checkpointing
from linker.learning.embedding import EmbeddingSettings, train_embedding
from linker.learning.fusion.candidates import candidates
from linker.learning.fusion.features import column_names, features
from linker.learning.fusion.fitting import EMBEDDING, RULES, TEXT, Fitting, fit
from linker.learning.fusion.parts import Parts
from linker.learning.graph import Integers, KnowledgeGraph, build_graph
from linker.learning.ranking import KnownLinks, Scorer, rank
from linker.learning.rules.alone import RulesAlone
from linker.learning.rules.mined import mine

BRIEF = EmbeddingSettings(width=32, epochs=6, batch_questions=64, regularisation=0.01, check_every=2)
GROUPS = 12


def _world(seed: int = 0) -> tuple[KnowledgeGraph, Integers, Integers]:
    """People of groups trade within and between groups by a pattern, with noise; give graph, valid and test links."""
    chance = np.random.default_rng(seed)
    people, rows = 60, set()
    for person in range(people):
        rows.add((person, 0, people + person % GROUPS))
        for _ in range(8):
            other = int(chance.integers(people))
            if (other - person) % GROUPS in (1, 5) or chance.random() < 0.03:
                rows.add((person, 1, other))
                if chance.random() < 0.8:
                    rows.add((other, 2, person))
        for step in (1, 5):
            other = (person + step + GROUPS * int(chance.integers(5))) % people
            rows |= {(person, 1, other), (other, 2, person)}
    every = np.array(sorted(rows))
    order = chance.permutation(len(every))
    valid, test, seen = np.split(every[order], [60, 120])
    return _graph(people + GROUPS, seen), valid, test


def _graph(entities: int, links: Integers) -> KnowledgeGraph:
    names = [f"entity/{number:03d}" for number in range(entities)]
    table = pa.table({"iri": names, "type": [""] * entities, "label": names})
    empty = pa.table({name: pa.array([], pa.string()) for name in ("subject", "predicate", "object")})
    return build_graph(empty, table, relations=["group", "buys", "sells"]).with_triples(links)


def _mrr(scorer: Scorer, graph: KnowledgeGraph, valid: Integers, test: Integers) -> float:
    known = KnownLinks(graph, np.concatenate([graph.triples, valid, test]))
    return float((1 / rank(scorer, test, known)).mean())


@pytest.fixture(scope="module")
def split() -> tuple[KnowledgeGraph, Integers, Integers]:
    return _world()


def test_the_whole_is_better_than_each_part(split: tuple[KnowledgeGraph, Integers, Integers]) -> None:
    graph, valid, test = split
    model = fit(graph, valid, Fitting((RULES, EMBEDDING), embedding=BRIEF))
    whole = _mrr(model, graph, valid, test)
    assert whole > _mrr(RulesAlone(model.parts.rules), graph, valid, test)
    assert whole > _mrr(model.parts.scorers[EMBEDDING], graph, valid, test)


def test_the_same_links_give_the_same_scores(split: tuple[KnowledgeGraph, Integers, Integers]) -> None:
    graph, valid, test = split
    asked = (test[:, 0], test[:, 1])
    first, second = (fit(graph, valid, Fitting((RULES,))).against_all(*asked) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_features_have_their_names_and_known_answers_are_no_candidates(
    split: tuple[KnowledgeGraph, Integers, Integers],
) -> None:
    graph, _, _ = split
    rules = mine(graph.triples, entities=len(graph.entities), relations=3)
    texts = np.eye(len(graph.entities), dtype=np.float32)
    parts = Parts(rules, {EMBEDDING: train_embedding(graph, replace(BRIEF, epochs=1))}, texts)
    asked = candidates(parts, 1, np.arange(60))
    given = features(parts, asked)
    assert given.shape == (*asked.answers.shape, len(column_names(parts)))
    assert np.isfinite(given).all()
    known = {(head, tail) for head, kind, tail in graph.triples.tolist() if kind == 1}
    assert not {(row, int(a)) for row in range(60) for a in asked.answers[row] if a >= 0} & known
    for row in asked.answers:
        listed = row[row >= 0]
        assert len(np.unique(listed)) == len(listed)


def test_every_entity_is_ranked_and_candidates_come_first(split: tuple[KnowledgeGraph, Integers, Integers]) -> None:
    graph, valid, _ = split
    model = fit(graph, valid, Fitting((RULES,)))
    scores = model.against_all(np.array([3]), np.array([1]))[0]
    close = candidates(model.parts, 1, np.array([3])).answers[0]
    close = close[close >= 0]
    others = np.setdiff1d(np.arange(len(graph.entities)), close)
    assert np.isfinite(scores).all()
    assert scores[close].min() > scores[others].max()


def test_a_killed_training_of_vectors_goes_on_and_ends_the_same(
    split: tuple[KnowledgeGraph, Integers, Integers], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, path = split[0], tmp_path / "embedding.checkpoint"
    asked = (np.arange(10), np.full(10, 1))
    undisturbed = train_embedding(graph, BRIEF).against_all(*asked)
    save = checkpointing.save

    def killed(*arguments: object) -> None:
        save(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpointing, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            train_embedding(graph, BRIEF, path)
    np.testing.assert_array_equal(train_embedding(graph, BRIEF, path).against_all(*asked), undisturbed)


def test_texts_help_where_links_are_missing(split: tuple[KnowledgeGraph, Integers, Integers]) -> None:
    graph, valid, test = split
    lonely = test[test[:, 1] == 0][:, 0]
    seen = graph.triples[~np.isin(graph.triples[:, [0, 2]], lonely).any(axis=1)]
    texts = np.zeros((len(graph.entities), GROUPS), np.float32)
    texts[np.arange(60), np.arange(60) % GROUPS] = 1
    texts[np.arange(60, 60 + GROUPS), np.arange(GROUPS)] = 1
    spoken = KnowledgeGraph(**{**graph.with_triples(seen).__dict__, "features": texts})
    asked = test[test[:, 1] == 0]
    silent = _mrr(fit(spoken, valid, Fitting((RULES,))), graph, valid, asked)
    assert _mrr(fit(spoken, valid, Fitting((RULES, TEXT))), graph, valid, asked) > silent + 0.1
