"""The manifest of a trained model: what it learned from, how well, and what it proposed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bifrost.model import Proposal
from bifrost.staging import Staging

KIND = "compgcn"


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """One version of the model; it is named by its weights, which lie in staging."""

    weights: str = ""
    """Digest of the weights' file; empty when nothing was missing, and nothing was trained."""
    data: str = ""
    """Digest of everything that the model depends on."""
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()

    @property
    def name(self) -> str:
        """Name the model in proposals."""
        return model_name(self.weights)

    def store(self, staging: Staging) -> str:
        """Write the manifest and return its digest."""
        return staging.put_json(
            {
                "weights": self.weights,
                "data": self.data,
                "training": dict(self.training),
                "metrics": dict(self.metrics),
                "proposals": [proposal.as_json() for proposal in self.proposals],
            }
        )

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "ModelManifest":
        """Read what `store` wrote."""
        value = staging.json(digest)
        proposals = tuple(Proposal.from_json(entry) for entry in value["proposals"])
        return cls(value["weights"], value["data"], value["training"], value["metrics"], proposals)


def model_name(weights: str) -> str:
    """Name a model after its kind and its weights."""
    return f"{KIND}/{weights[:8]}"
