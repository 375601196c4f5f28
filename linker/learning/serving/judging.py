"""What the model in force says of single links, in the light of every answer that people gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bifrost.asking.calibration import sigmoid
from bifrost.model import Verdict
from bifrost.predictions import PredictedLink
from linker.learning.graph import Integers
from linker.learning.models.task import answered_links
from linker.learning.naming import link_name
from linker.learning.proposing.answers import Logits, beliefs
from linker.learning.proposing.calibration import Scale
from linker.learning.proposing.proposals import Guess
from linker.learning.proposing.questions import Question, is_functional
from linker.learning.proposing.verdicts import Verdicts
from linker.learning.serving.reading import Reading

UNSCALED = Scale()


@dataclass(frozen=True)
class Judge:
    """A model over its graph, and the answers that count."""

    reading: Reading
    verdicts: Verdicts

    @cached_property
    def answered(self) -> Integers:
        """Give the links that somebody accepted or rejected, shape (links, 3)."""
        return answered_links(self.reading.graph, self.verdicts, Verdict.ACCEPT, Verdict.REJECT)

    @cached_property
    def settled(self) -> Integers:
        """Give the links that nobody need be asked about: the graph has them, or somebody answered."""
        return np.concatenate([self.reading.graph.triples, self.answered])

    def guesses(self, links: Integers) -> list[Guess]:
        """Say how likely each link is."""
        graph, nobody = self.reading.graph, np.zeros(0, np.int64)
        kinds = [int(kind) for kind in np.unique(links[:, 1])]
        shifts = {kind: self.verdicts.shift(graph.relation_names[kind]) for kind in kinds}
        questions = {kind: Question(kind, is_functional(graph, kind), nobody, nobody) for kind in kinds}
        return [
            Guess(
                questions[kind],
                head,
                tail,
                float(odds),
                round(float(sigmoid(odds + shifts[kind])), 4),
                self._scale(kind),
                shifts[kind],
            )
            for (head, kind, tail), odds in zip(links.tolist(), self._log_odds(links), strict=True)
        ]

    def likeliest(self, links: Integers, count: int) -> Integers:
        """Give the likeliest of the links, the best first."""
        order = np.argsort([-guess.probability for guess in self.guesses(links)], kind="stable")
        return links[order.astype(np.int64)[:count]]

    def described(self, links: Integers, *, explain: bool) -> list[PredictedLink]:
        """Say of each link what people want to know."""
        known = self.reading.among(links, self.reading.graph.triples).tolist()
        calibrated = self._calibrated(links) | np.array(known, bool)
        scaled = [kind in self.reading.scales for kind in links[:, 1].tolist()]
        return [
            self._described(guess, known=there, calibrated=bool(sure and has), explain=explain)
            for guess, there, sure, has in zip(self.guesses(links), known, calibrated, scaled, strict=True)
        ]

    def _described(self, guess: Guess, *, known: bool, calibrated: bool, explain: bool) -> PredictedLink:
        graph = self.reading.graph
        return PredictedLink(
            subject=str(graph.entities[guess.head].as_py()),
            subject_label=graph.label(guess.head),
            link_type=link_name(graph.relation_names[guess.question.relation]),
            object=str(graph.entities[guess.tail].as_py()),
            object_label=graph.label(guess.tail),
            probability=guess.probability,
            calibrated=calibrated,
            known=known,
            because=tuple(self.reading.grounds.reasons(*guess.ends)) if explain else (),
        )

    def _calibrated(self, links: Integers) -> np.ndarray:
        """Tell which links are of subjects that may lack one: scores were observed on such alone."""
        filled = {int(kind): self.reading.filled(int(kind)) for kind in np.unique(links[:, 1])}
        heads, kinds = links[:, 0], links[:, 1]
        lacking: np.ndarray = np.ones(len(links), bool)
        for kind, having in filled.items():
            lacking &= ~((kinds == kind) & np.isin(heads, having))
        return lacking

    def _log_odds(self, links: Integers) -> Logits:
        """Give calibrated log-odds before verdicts."""
        belief = beliefs(self.reading.predictor, self.reading.graph, links, self.settled)
        scales: Sequence[Scale] = [self._scale(kind) for kind in links[:, 1].tolist()]
        slopes, offsets = (np.array([getattr(each, name) for each in scales]) for name in ("slope", "offset"))
        odds: Logits = slopes * belief + offsets
        return odds

    def _scale(self, kind: int) -> Scale:
        return self.reading.scales.get(kind, UNSCALED)
