"""What a training step asks: drawn links as questions, some of their answers hidden, and rivals of the answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linker.learning.graph import Floats, Integers
from linker.learning.path_network.adjacency import both_ways
from linker.learning.path_network.asking import Asked, Candidates, Reading, Surroundings, ask
from linker.learning.path_network.cones import Question, Reach
from linker.learning.path_network.settings import PathTraining

IN_RANGE, NEAR, ELSEWHERE, KNOWN = range(4)


@dataclass(frozen=True)
class Lesson:
    """The questions of a step with what is right."""

    asked: Asked
    right: NDArray[np.bool_]
    log_shares: Floats
    """log of how many rivals each candidate stands for."""
    weights: Floats
    """Links that each question was drawn for."""


class Lessons:
    """Draws the questions of each step; what is drawn follows from seed and step alone."""

    def __init__(self, surroundings: Surroundings, triples: Integers, training: PathTraining) -> None:
        self.surroundings, self.training = surroundings, training
        every = both_ways(triples, surroundings.adjacency.relations)
        keys = every[:, 0] * (2 * surroundings.adjacency.relations) + every[:, 1]
        order = np.lexsort((every[:, 2], keys))
        self.links = every[order]
        self.starts = np.searchsorted(keys[order], keys[order], "left")
        self.ends = np.searchsorted(keys[order], keys[order], "right")
        self.order: tuple[int, Integers] | None = None
        self.limits = (training.rivals_in_range, training.rivals_near, training.rivals_elsewhere)

    def draw(self, step: int) -> Lesson:
        """Give the lesson of a step."""
        chance = np.random.default_rng((self.training.seed, step))
        drawn = self._links(step)
        firsts, weights = np.unique(self.starts[drawn], return_counts=True)
        parts = [self._question(first, drawn[self.starts[drawn] == first], chance) for first in firsts]
        reaches, candidates, shares = zip(*parts, strict=True)
        right = [np.zeros(len(chosen.entities), np.bool_) for chosen in candidates]
        for marks, chosen in zip(right, candidates, strict=True):
            marks[chosen.right] = True
        reading = Reading(self.training.layers, 1 - self.training.link_dropout, step * len(drawn))
        asked = ask(self.surroundings, reaches, candidates, reading)
        return Lesson(asked, np.concatenate(right), np.concatenate(shares), weights.astype(np.float32))

    def _links(self, step: int) -> Integers:
        """Give the step's share of a random order of all links; each epoch has its own order."""
        size = min(self.training.questions_per_step, len(self.links))
        epoch, place = divmod(step, len(self.links) // size)
        return self._order(epoch)[place * size : (place + 1) * size]

    def _order(self, epoch: int) -> Integers:
        if self.order is None or self.order[0] != epoch:
            chance = np.random.default_rng((self.training.seed, 1 << 32, epoch))
            self.order = epoch, chance.permutation(len(self.links))
        return self.order[1]

    def _question(self, first: int, drawn: Integers, chance: np.random.Generator) -> tuple[Reach, Candidates, Floats]:
        places = np.arange(first, self.ends[first])
        hidden = (chance.random(len(places)) < self.training.share_asked) | np.isin(places, drawn)
        known = self.links[places, 2]
        subject, relation = (int(number) for number in self.links[first, :2])
        question = Question(subject, relation, known[hidden], self.training.hide_all_direct)
        reach = Reach(self.surroundings.adjacency, question, self.training.layers - 1)
        rivals, shares = self._rivals(reach, known, chance)
        answers = known[hidden]
        entities = np.concatenate([answers, rivals])
        log_shares = np.concatenate([np.zeros(len(answers), np.float32), shares])
        return reach, Candidates(entities, np.arange(len(answers))), log_shares

    def _rivals(self, reach: Reach, known: Integers, chance: np.random.Generator) -> tuple[Integers, Floats]:
        """Draw rivals of each kind, evenly within the kind."""
        kinds = np.full(self.surroundings.adjacency.entities, ELSEWHERE, np.int8)
        kinds[reach.entities] = NEAR
        kinds[self.surroundings.ranges.members_of(reach.question.relation)] = IN_RANGE
        kinds[known] = KNOWN
        rivals, shares = [], []
        for kind, most in enumerate(self.limits):
            members = np.flatnonzero(kinds == kind)
            chosen = members if len(members) <= most else chance.choice(members, most, replace=False)
            rivals.append(chosen)
            shares.append(np.full(len(chosen), np.log(len(members) / max(len(chosen), 1) or 1), np.float32))
        return np.concatenate(rivals), np.concatenate(shares)
