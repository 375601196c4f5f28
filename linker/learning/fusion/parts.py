"""What is joined: the rules of a graph, scorers trained on it, and the texts of its entities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from linker.learning.graph import Floats
from linker.learning.ranking import Scorer
from linker.learning.rules.incidence import Incidence
from linker.learning.rules.mined import MinedRules


@dataclass(frozen=True)
class Parts:
    """Everything that has an opinion on a link."""

    rules: MinedRules
    scorers: Mapping[str, Scorer] = field(default_factory=dict)
    texts: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """Unit vectors of the entities' texts, shape (entities, width); no rows where texts are not read."""

    @property
    def graph(self) -> Incidence:
        """Give the links that are known."""
        return self.rules.graph
