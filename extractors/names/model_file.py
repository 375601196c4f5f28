"""A trained token classifier as a folder: weights in half precision, and the heads that they know."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bifrost.errors import BifrostError
from extractors.names.heads import Head, heads_of

HEADS_FILE, _WEIGHTS = "heads.json", "weights.safetensors"
SHIPPED = Path(__file__).parent / "shipped"


class ModelMissing(BifrostError):
    """A folder holds no trained model."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no trained model; bifrost models train makes one")
        self.folder = folder


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Weights by name, and the heads in the order of their columns."""

    weights: Mapping[str, npt.NDArray[Any]]
    heads: tuple[Head, ...]

    @classmethod
    def load(cls, folder: Path) -> "ModelFile":
        """Read a folder.

        Raises:
            ModelMissing: it holds no model.
        """
        from safetensors.numpy import load_file

        if not (folder / _WEIGHTS).exists() or not (folder / HEADS_FILE).exists():
            raise ModelMissing(folder)
        labels = json.loads((folder / HEADS_FILE).read_text(encoding="utf-8"))
        return cls(load_file(folder / _WEIGHTS), heads_of(labels))

    def save(self, folder: Path) -> None:
        """Write a folder."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        halves = {name: np.ascontiguousarray(value, np.float16) for name, value in self.weights.items()}
        save_file(halves, folder / _WEIGHTS)
        labels = {head.name: list(head.labels) for head in self.heads}
        (folder / HEADS_FILE).write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")
