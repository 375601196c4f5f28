"""Whether a new model may take the place of the one in force: it must not be worse on what both were kept from."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bifrost.asking.calibration import sigmoid
from linker.learning.models.fitted import FittedModel
from linker.learning.models.held_back import Material
from linker.learning.proposing.answers import beliefs
from linker.learning.proposing.calibration import Scale
from linker.learning.ranking import KnownLinks, rank

LEAST_ANSWERS = 10
"""Answers kept back from which on they decide; with fewer the links kept back do."""
MOST_LINKS = 300
ONE_SIDED = 1.645
"""Standard errors by which a difference must be above zero to be more than chance (95 %)."""
NEVER_SURER = 1e-3

Losses = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean losses of both models on the same cases; lower is better."""

    measured_on: str
    """"answers" (mean -log of the probability given to what people said) or "links" (mean of 1 - 1/rank)."""
    cases: int
    loss: float
    loss_before: float
    worse: bool
    """True where the mean difference is above zero by more than chance explains.

    A bound of zero would keep the model that was luckiest on few cases for good.
    """

    def as_json(self) -> dict[str, Any]:
        """Give what the registry keeps."""
        return asdict(self)


def compare(challenger: FittedModel, incumbent: FittedModel, material: Material) -> Comparison:
    """Measure both on answers that were kept back, or where these are few on links that were."""
    answers = material.answers
    enough = len(answers.accepted) + len(answers.denied) >= LEAST_ANSWERS
    measured = _on_answers if enough else _on_links
    after, before = (measured(model, material) for model in (challenger, incumbent))
    difference = after - before
    cases = len(difference)
    doubt = ONE_SIDED * float(difference.std(ddof=1)) / np.sqrt(cases) if cases > 1 else np.inf
    return Comparison(
        "answers" if enough else "links",
        cases,
        round(float(after.mean()), 4) if cases else 0.0,
        round(float(before.mean()), 4) if cases else 0.0,
        bool(cases and difference.mean() > doubt),
    )


def _on_answers(model: FittedModel, material: Material) -> Losses:
    accepted, denied = material.answers.accepted, material.answers.denied
    asked = np.concatenate([accepted, denied])
    right = np.arange(len(asked)) < len(accepted)
    probability = np.clip(probabilities(model, material, asked), NEVER_SURER, 1 - NEVER_SURER)
    losses: Losses = -np.log(np.where(right, probability, 1 - probability))
    return losses


def probabilities(model: FittedModel, material: Material, asked: NDArray[np.int64]) -> Losses:
    """Give what the model states for links, shape (links, 3), without having been told."""
    seen = material.seen
    belief = beliefs(model.on(seen), seen, asked, seen.triples)
    scales = model.scales_of(seen)
    odds = np.empty(len(asked))
    for relation in np.unique(asked[:, 1]):
        mine = asked[:, 1] == relation
        odds[mine] = scales.get(int(relation), Scale()).log_odds(belief[mine])
    return sigmoid(odds)


def _on_links(model: FittedModel, material: Material) -> Losses:
    seen, links = material.seen, material.links[:MOST_LINKS]
    if not len(links):
        return np.zeros(0)
    known = KnownLinks(seen, np.concatenate([seen.triples, material.links, material.answers.accepted]))
    losses: Losses = 1 - 1 / rank(model.on(seen), links, known)
    return losses
