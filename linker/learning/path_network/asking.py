"""Questions made ready for the network: what they read, and what is known of their candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linker.learning.graph import Floats, Integers
from linker.learning.path_network.adjacency import Adjacency, Ranges
from linker.learning.path_network.cones import Question, Reach
from linker.learning.path_network.rounds import Rounds, together


@dataclass(frozen=True)
class Surroundings:
    """The links that are read, and what can be counted in them."""

    adjacency: Adjacency
    ranges: Ranges
    log_degrees: Floats
    """log(1 + links) of every entity."""

    @classmethod
    def of(cls, triples: Integers, *, entities: int, relations: int) -> "Surroundings":
        """Count and sort links, shape (links, 3)."""
        adjacency = Adjacency.of(triples, entities=entities, relations=relations)
        return cls(
            adjacency=adjacency,
            ranges=Ranges.of(triples, entities=entities, relations=relations),
            log_degrees=np.log1p(adjacency.degrees).astype(np.float32),
        )


@dataclass(frozen=True)
class Asked:
    """Several questions with their candidates, row by row, one question after another."""

    subjects: Integers
    relations: Integers
    rounds: Rounds
    candidates: Integers
    questions: Integers
    """The question of each candidate."""
    priors: Floats
    """log(1 + links) and log(1 + links of the asked relation) of each candidate, shape (candidates, 2)."""


@dataclass(frozen=True)
class Candidates:
    """The candidates of one question, and which of them are hidden answers."""

    entities: Integers
    right: Integers
    """Places of hidden answers among `entities`."""


@dataclass(frozen=True)
class Reading:
    """How deep and how completely links are read."""

    layers: int
    kept: float = 1.0
    seed: int = 0


def ask(
    surroundings: Surroundings, reaches: Sequence[Reach], candidates: Sequence[Candidates], reading: Reading
) -> Asked:
    """Gather what the questions of the reaches read."""
    cones = [
        reach.cone(chosen.entities, reading.layers, reading.kept, reading.seed + number)
        for number, (reach, chosen) in enumerate(zip(reaches, candidates, strict=True))
    ]
    questions = [reach.question for reach in reaches]
    return Asked(
        subjects=np.array([question.subject for question in questions]),
        relations=np.array([question.relation for question in questions]),
        rounds=together(cones, 2 * surroundings.adjacency.relations),
        candidates=np.concatenate([chosen.entities for chosen in candidates]),
        questions=np.repeat(np.arange(len(questions)), [len(chosen.entities) for chosen in candidates]),
        priors=np.concatenate(
            [_priors(surroundings, question, chosen) for question, chosen in zip(questions, candidates, strict=True)]
        ),
    )


def _priors(surroundings: Surroundings, question: Question, chosen: Candidates) -> Floats:
    """Count without the hidden links: with them, a count would tell the answer."""
    degrees = np.expm1(surroundings.log_degrees[chosen.entities])
    counts = surroundings.ranges.counts_of(question.relation)[chosen.entities]
    for count in (degrees, counts):
        count[chosen.right] -= 1
    priors: Floats = np.log1p(np.maximum(np.stack([degrees, counts], axis=1), 0)).astype(np.float32)
    return priors
