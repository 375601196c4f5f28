"""From a graph and people's answers to a fitted model.

Held-out links serve twice without anything being asked what it was fitted on: they are halved by their heads, a ranker
is fitted on each half, and what the model's beliefs are worth is observed on the other half (cross-fitting). The
ranker in use is fitted on both.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linker.learning.encoder.settings import Training
from linker.learning.encoder.training import Lessons, train
from linker.learning.fusion.parts import Parts
from linker.learning.fusion.predictor import Predictor
from linker.learning.fusion.ranker import NothingToLearn, Ranker, lessons_of, ranker_of
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.models.fitted import FittedModel, Vocabulary, parts_of
from linker.learning.models.held_back import Material
from linker.learning.proposing.calibration import Observed, Scale, fit_scales, observe
from linker.learning.proposing.questions import Question, open_questions


def fit_model(
    material: Material,
    training: Training,
    *,
    skipped_types: Collection[str] = (),
    checkpoint: Path | None = None,
) -> FittedModel | None:
    """Train the encoder, fit the ranker and the scales; None where too little is held out to fit anything on."""
    seen, taught = material.seen, material.taught
    lessons = Lessons(taught.accepted, taught.denied)
    trained = train(seen, training, lessons=lessons, held_out=material.links, checkpoint=checkpoint)
    parts = parts_of(trained.model, seen)
    questions = open_questions(seen, skipped_types)
    try:
        ranker, scales = _joined(parts, seen, material.links, questions)
    except NothingToLearn:
        return None
    named = {seen.relation_names[relation]: scale for relation, scale in scales.items()}
    return FittedModel(trained.model, Vocabulary.of(seen), ranker, named, trained.metrics)


def _joined(
    parts: Parts, seen: KnowledgeGraph, links: Integers, questions: list[Question]
) -> tuple[Ranker, dict[int, Scale]]:
    second = _second_half(links[:, 0])
    halves = [links[~second], links[second]]
    if not all(len(half) for half in halves):
        raise NothingToLearn
    lessons = [lessons_of(parts, half) for half in halves]
    observed: list[list[Observed]] = []
    for half, (fitted_on, asked_of) in enumerate(((0, 1), (1, 0))):
        scorer = Predictor(parts, ranker_of([lessons[fitted_on]]))
        mine = [_of_half(question, second=half == 0) for question in questions]
        observed.append([observe(scorer, seen, question, halves[asked_of]) for question in mine])
    return ranker_of(lessons), fit_scales(questions, [Observed.joined(pair) for pair in zip(*observed, strict=True)])


def _of_half(question: Question, *, second: bool) -> Question:
    heads = question.heads[_second_half(question.heads) == second]
    return replace(question, heads=heads)


def _second_half(heads: Integers) -> NDArray[np.bool_]:
    """Halve entities as if by chance, but always alike."""
    return ((heads.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(63)).astype(bool)
