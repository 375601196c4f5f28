"""One review: questions are asked in an order, answered from the truth, and what is in is compared with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bifrost.asking.bars import bar
from bifrost.asking.beliefs import Answered, Beliefs
from bifrost.asking.calibration import Line, Numbers, Truths, log_odds_of, stated_log_odds
from bifrost.asking.order import Question, in_batches
from bifrost.asking.worth import worth
from linker.evaluation.effort.candidates import NOBODY, Candidates

AT_ONCE = 5
"""Questions between two looks at what the answers taught."""
MOST_LOOKS = 200
"""Reviews of many candidates look so often, and ask more at once."""
AGAIN_AFTER = 10
"""Answers between two trainings of what scores the candidates."""

Lines = Mapping[str, Line]
"""Type of link -> how far what is stated of it is to be trusted."""


@dataclass(frozen=True)
class Reviewer:
    """Who answers, and by what order questions come."""

    seed: int = 0
    errs: float = 0.0
    """Share of wrong answers."""
    by_chance: bool = False
    """True for questions in random order, everything else alike."""
    precision: float = 0.95
    recall: float = 0.95
    earlier: Answered = NOBODY
    """Answers about other data of the same kind."""
    most: int = 5_000
    goes_on: int = 0
    """Answers that are given even when the goal is reached."""
    held_back: float = 0.0
    """Share of the candidates, drawn by chance at the start, that are never asked about and count for no goal."""


@dataclass(frozen=True)
class Point:
    """How far the links were after so many answers."""

    decisions: int
    links: int
    right: int
    unasked: int
    """Links that are in without an answer, also of those held back."""
    unasked_right: int
    true_links: int

    @property
    def precision(self) -> float:
        """Share of the links that are true."""
        return self.right / self.links if self.links else 1.0

    @property
    def recall(self) -> float:
        """Share of the true links that are there."""
        return self.right / self.true_links if self.true_links else 1.0

    def reaches(self, precision: float, recall: float) -> bool:
        """Tell whether the links are as right and as complete as wanted."""
        return self.precision >= precision and self.recall >= recall

    @property
    def unasked_precision(self) -> float:
        """Share of the links taken without asking that are true."""
        return self.unasked_right / self.unasked if self.unasked else 1.0


@dataclass
class Review:
    """A review under way."""

    candidates: Candidates
    reviewer: Reviewer
    said: dict[int, bool] = field(default_factory=dict)
    asked_at: dict[int, float] = field(default_factory=dict)
    """Candidate -> log-odds stated when it was asked."""
    stated: Numbers = field(default_factory=lambda: np.zeros(0))
    trained_on: int = 0

    def points(self) -> Iterator[Point]:
        """Review until the goal is reached or everything is answered; give a point before every batch."""
        self.stated = stated_log_odds(self.candidates.stated({}))
        chance = np.random.default_rng(self.reviewer.seed)
        while True:
            lines = self.lines()
            accepted = self.accepted(lines)
            point = self._point(accepted)
            yield point
            reached = point.reaches(self.reviewer.precision, self.reviewer.recall)
            if (reached and len(self.said) >= self.reviewer.goes_on) or len(self.said) >= self.reviewer.most:
                return
            asked = self._questions(accepted, lines, chance)
            if not asked:
                return
            self._answer(asked, chance)

    def answered(self) -> Answered:
        """Give what was said, with what was stated when it was asked."""
        types = tuple(self.candidates.types[each] for each in self.said)
        stated = np.array([self.asked_at[each] for each in self.said])
        return Answered(
            (*self.reviewer.earlier.types, *types),
            np.concatenate([self.reviewer.earlier.stated, stated]),
            np.concatenate([self.reviewer.earlier.right, np.array([*self.said.values()], bool)]),
        )

    def accepted(self, lines: Lines) -> Truths:
        """Give which candidates are in without an answer; without lines by what is stated."""
        silent = self.silent()
        if not lines:
            taken: Truths = silent & (self.stated >= log_odds_of(self.reviewer.precision))
            return taken
        chosen = np.zeros(len(self.stated), bool)
        for name, members in self.by_type.items():
            mine = members & silent
            stated, together = self.stated[mine], self.candidates.together
            least = bar(lines[name], stated, self.reviewer.precision, together=together)
            chosen |= mine & (self.stated >= least)
        return chosen

    def lines(self, *, anyway: bool = False) -> Lines:
        """Give the line of every type; none while there are too few answers, unless `anyway`."""
        beliefs = Beliefs(self.answered())
        return {name: beliefs.line(name) for name in self.by_type} if beliefs.taught or anyway else {}

    def silent(self) -> Truths:
        """Give which candidates nobody answered."""
        silent = np.ones(len(self.stated), bool)
        silent[[*self.said]] = False
        return silent

    @cached_property
    def held(self) -> Truths:
        """Give which candidates are held back: their truth serves the measure alone."""
        chance = np.random.default_rng([self.reviewer.seed, len(self.candidates.truth)])
        held: Truths = chance.random(len(self.candidates.truth)) < self.reviewer.held_back
        return held

    @cached_property
    def by_type(self) -> dict[str, Truths]:
        """Give which candidates are of each type."""
        column = np.array(self.candidates.types, dtype=object)
        return {name: column == name for name in dict.fromkeys(self.candidates.types)}

    @property
    def _at_once(self) -> int:
        return max(AT_ONCE if self.candidates.together else 1, len(self.stated) // MOST_LOOKS)

    def _questions(self, accepted: Truths, lines: Lines, chance: np.random.Generator) -> list[int]:
        silent = np.flatnonzero(self.silent() & ~self.held)
        if self.reviewer.by_chance:
            return [int(each) for each in chance.permutation(silent[~accepted[silent]])[: self._at_once]]
        value = self._worth(accepted, lines or self.lines(anyway=True))
        if not self.candidates.together:  # Types are asked about only while they are out.
            silent = silent[~accepted[silent]]
        ends = self.candidates.ends[silent].tolist()
        questions = [
            Question(int(each), float(value[each]), tuple(end)) for each, end in zip(silent, ends, strict=True)
        ]
        return in_batches(questions, self._at_once, already=len(self.said), chance=chance)

    def _worth(self, accepted: Truths, lines: Lines) -> Numbers:
        value, silent = np.zeros(len(self.stated)), self.silent()
        for name, members in self.by_type.items():
            mine = members & silent
            value[mine] = worth(lines[name], self.stated[mine], accepted[mine])
        return value if self.candidates.together else value * self.candidates.links

    def _answer(self, asked: list[int], chance: np.random.Generator) -> None:
        for each in asked:
            wrong = chance.random() < self.reviewer.errs
            self.said[each] = bool(self.candidates.truth[each]) != wrong
            self.asked_at[each] = float(self.stated[each])
        if len(self.said) - self.trained_on >= AGAIN_AFTER:
            self.trained_on = len(self.said)
            self.stated = stated_log_odds(self.candidates.stated(self.said))

    def _point(self, accepted: Truths) -> Point:
        links, truth = self.candidates.links, self.candidates.truth
        confirmed = [each for each, same in self.said.items() if same]
        shown = accepted & ~self.held
        return Point(
            len(self.said) + self.candidates.type_questions,
            int(links[shown].sum() + links[confirmed].sum()),
            int(links[shown & truth].sum() + (links * truth)[confirmed].sum()),
            int(links[accepted].sum()),
            int(links[accepted & truth].sum()),
            self.candidates.true_links - int(links[self.held & truth].sum()),
        )
