"""The file from which a killed training goes on."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

DIGEST_BYTES = 16


@dataclass
class Progress:
    """How far a training is, and the best state so far."""

    epoch: int = 0
    best_mrr: float = -1.0
    best: dict[str, torch.Tensor] | None = None
    worse_checks: int = 0

    def note(self, mrr: float, state: dict[str, torch.Tensor]) -> None:
        """Remember a check's result; a state that is not better counts against going on."""
        if mrr > self.best_mrr:
            self.best_mrr, self.worse_checks = mrr, 0
            self.best = {name: value.detach().clone() for name, value in state.items()}
        else:
            self.worse_checks += 1


def save(path: Path, progress: Progress, model: Any, optimiser: Any) -> None:
    """Write everything that the next epoch needs; the file is replaced as a whole."""
    buffer = io.BytesIO()
    torch.save(
        {
            "epoch": progress.epoch,
            "best_mrr": progress.best_mrr,
            "best": progress.best,
            "worse_checks": progress.worse_checks,
            "model": model.state_dict(),
            "optimiser": optimiser.state_dict(),
        },
        buffer,
    )
    content = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(_digest(content) + content)
    part.replace(path)


def resume(path: Path, model: Any, optimiser: Any) -> Progress:
    """Fill model and optimiser from the file; without one, or with a damaged one, training begins at the start."""
    stored = path.read_bytes() if path.exists() else b""
    content = stored[DIGEST_BYTES:]
    if stored[:DIGEST_BYTES] != _digest(content):
        return Progress()
    saved = torch.load(io.BytesIO(content), weights_only=True)
    model.load_state_dict(saved["model"])
    optimiser.load_state_dict(saved["optimiser"])
    return Progress(saved["epoch"], saved["best_mrr"], saved["best"], saved["worse_checks"])


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()
