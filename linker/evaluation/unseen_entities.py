"""How well links of entities are found that training never saw, given a few of their links as context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bifrost.ports import Progress
from linker.learning.fusion.fitting import TEXT
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.predictor import Predictor
from linker.learning.fusion.ranker import fit_ranker
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.ranking import KnownLinks, Scorer, measures, rank
from linker.learning.rules.mined import MinedRules, mine
from linker.learning.text_neighbours import TextNeighbours

CONTEXT_LINKS = 3
MOST_QUESTIONS = 4_000
"""Links that are asked about, in both directions; a sample of them where there are more."""


@dataclass(frozen=True)
class Hidden:
    """Links seen in training, links given as context of the unseen entities, and links asked about."""

    seen: Integers
    context: Integers
    asked: Integers


def evaluate_unseen(graph: KnowledgeGraph, links: Integers, *, share: float, progress: Progress) -> dict[str, Any]:
    """Keep a share of the entities from training, and rank their links with and without the entities' texts.

    The ranker learns from other entities that are kept from its rules in the same way. Links between two unseen
    entities are left out. `links` are all that are known, shape (links, 3).
    """
    chance = np.random.default_rng(1)
    order = chance.permutation(len(graph.entities))
    count = max(1, int(share * len(order)))
    hidden = _hide(links, order[:count], chance)
    lessons = _hide(hidden.seen, order[count : 2 * count], chance)
    known = KnownLinks(graph, links)
    with progress.task("unseen entities", 4) as steps:
        final, first = (_mined(graph, each.seen) for each in (hidden, lessons))
        steps.advance()
        found = {}
        for name, spoken in {"with_features": True, "without_features": False}.items():
            taught = _parts(graph, first, lessons, spoken=spoken)
            model = Predictor(
                _parts(graph, final, hidden, spoken=spoken), fit_ranker([(taught, lessons.asked[:MOST_QUESTIONS])])
            )
            found[name] = measures(rank(model, hidden.asked[:MOST_QUESTIONS], known))
            steps.advance()
        alone = TextNeighbours(graph.features, final.on(np.concatenate([hidden.seen, hidden.context])).graph)
        found["text_alone"] = measures(rank(alone, hidden.asked[:MOST_QUESTIONS], known))
        steps.advance()
    asked = min(len(hidden.asked), MOST_QUESTIONS)
    return {**found, "unseen_entities": count, "context_links": CONTEXT_LINKS, "links_asked": asked}


def _hide(links: Integers, entities: Integers, chance: np.random.Generator) -> Hidden:
    """Take entities out: their first few links in a random order are context, the others are asked about."""
    ends = np.isin(links[:, [0, 2]], entities)
    touching = chance.permutation(links[ends.sum(axis=1) == 1])
    owner = np.where(np.isin(touching[:, 0], entities), touching[:, 0], touching[:, 2])
    order = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[order], owner[order], "left")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - first
    shown = place < CONTEXT_LINKS
    return Hidden(links[~ends.any(axis=1)], touching[shown], touching[~shown])


def _mined(graph: KnowledgeGraph, seen: Integers) -> MinedRules:
    return mine(seen, entities=len(graph.entities), relations=len(graph.relation_names))


def _parts(graph: KnowledgeGraph, rules: MinedRules, hidden: Hidden, *, spoken: bool) -> Parts:
    given = rules.on(np.concatenate([hidden.seen, hidden.context]))
    if not spoken:
        return Parts(given)
    scorers: Mapping[str, Scorer] = {TEXT: TextNeighbours(graph.features, given.graph)}
    return Parts(given, scorers, graph.features)
