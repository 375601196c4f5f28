"""How a model is trained, as one value that is part of every model's identity."""

from dataclasses import asdict, dataclass
from typing import Any

OPERATIONS_PER_SECOND = 2e10
"""Nominal speed of one core. A budget in seconds is turned into a number of epochs with it, not with a clock, so that
the same input trains the same model on a fast and on a busy machine."""
OPERATIONS_PER_STEP = 3e8
"""What a step costs however small it is."""


@dataclass(frozen=True, slots=True)
class Training:
    """Sizes, choices and limits of one training."""

    dimensions: int = 64
    layers: int = 2
    composition: str = "multiply"
    scorer: str = "complex"
    dropout: float = 0.1
    identity_dropout: float = 0.1
    learning_rate: float = 0.01
    regularisation: float = 0.01
    """Weight of the N3 norm (Lacroix et al., 2018)."""
    batch_links: int = 1_024
    most_epochs: int = 60
    patience: int = 6
    """Checks without a better held-out MRR before training stops."""
    check_every: int = 2
    """Epochs between two checks (and saved states)."""
    held_out_share: float = 0.1
    held_out_at_most: int = 2_000
    all_against_below: int = 2_000
    """With fewer entities each link competes with all of them; above, with a sample of the answers' types."""
    negatives: int = 512
    sampled_above: int = 200_000
    """With more links each step reads a sampled neighbourhood instead of the whole graph."""
    fanout: int = 10
    denial_weight: float = 1.0
    """Weight of what people rejected against the links' own loss."""
    budget_seconds: float = 15.0
    """Time on one core that a training may take, estimated beforehand."""
    limit_seconds: float | None = None
    """Wall-clock limit; a training that it cuts short cannot be repeated exactly, therefore off by default."""
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """Give what identifies the training."""
        return asdict(self)


def planned_epochs(training: Training, *, entities: int, links: int, questions: int, text_width: int) -> int:
    """Count the epochs that fit into the budget, at least one check's worth and at most `most_epochs`.

    `questions` counts the distinct pairs of subject and relation in both directions.
    """
    steps = -(-links // training.batch_links)
    rivals = entities if entities < training.all_against_below else training.negatives
    forward = questions * rivals * (2 * training.dimensions + 12) + _encoding(training, entities, links, text_width)
    affordable = training.budget_seconds * OPERATIONS_PER_SECOND / (3 * forward + steps * OPERATIONS_PER_STEP + 1)
    return max(training.check_every, min(training.most_epochs, int(affordable)))


def _encoding(training: Training, entities: int, links: int, text_width: int) -> float:
    """Count the operations of one epoch's forward passes through the encoder."""
    width, steps = training.dimensions, -(-links // training.batch_links)
    if links > training.sampled_above:
        read = 2.0 * links * float(training.fanout ** (training.layers - 1))
        return read * (8 * width * width + 2 * width * text_width)
    per_layer = 8 * entities * width * width + 16 * links * width
    return steps * (training.layers * per_layer + 2 * entities * width * text_width)
