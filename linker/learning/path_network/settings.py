"""How a path network is built and trained, as one value that is part of its identity."""

from dataclasses import asdict, dataclass
from typing import Any

LANES = 8
"""Floats that one vector instruction of the kernels handles; the width of states is a multiple of it."""

SMALL = 2_000
"""Entities below which a graph is learned in a few hundred steps."""
SPARSE = 5
"""Links for each entity below which paths must be longer to lead anywhere."""


@dataclass(frozen=True, slots=True)
class PathTraining:
    """Sizes, choices and limits of one training; the budget is counted in steps, not by the clock."""

    dimensions: int = 16
    """Width of states, a multiple of 8."""
    layers: int = 3
    """Length of the longest path that is read."""
    steps: int = 600
    questions_per_step: int = 16
    """Links drawn per step; those that share subject and relation are asked as one question."""
    share_asked: float = 0.2
    """Share of a question's further answers that are hidden and asked together with the one that was drawn."""
    hide_all_direct: bool = False
    """Hide every link between subject and asked answer, not only the asked one."""
    rivals_in_range: int = 256
    """Wrong answers drawn from the entities that the relation leads to elsewhere."""
    rivals_near: int = 256
    """Wrong answers drawn from the other entities that paths reach."""
    rivals_elsewhere: int = 32
    """Wrong answers drawn from the rest."""
    link_dropout: float = 0.0
    """Share of links that a training step does not read."""
    learning_rate: float = 0.005
    weight_decay: float = 0.0
    warm_up: int = 50
    """Steps in which the learning rate rises."""
    check_every: int = 200
    """Steps between two checks on held-out links (and saved states)."""
    checked_at_most: int = 250
    """Held-out links that one check ranks in both directions."""
    patience: int = 5
    """Checks without a better held-out MRR before training stops."""
    held_out_share: float = 0.05
    held_out_at_most: int = 2_000
    device: str = "cpu"
    """"cpu" takes the fused kernels, "cuda" tensor operations with the same results."""
    seed: int = 1

    @classmethod
    def for_graph(cls, entities: int, links: int) -> "PathTraining":
        """Choose what did well on graphs of about this size and density."""
        if entities < SMALL:
            return cls()
        if links < SPARSE * entities:
            return cls(layers=5, steps=3_000, rivals_in_range=100, rivals_near=500)
        return cls(steps=6_000, rivals_in_range=100, rivals_near=100, rivals_elsewhere=16)

    def as_json(self) -> dict[str, Any]:
        """Give what identifies the training."""
        return asdict(self)
