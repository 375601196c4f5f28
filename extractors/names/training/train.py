"""Training of the token classifier, in steps that can be stopped and go on."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from extractors.names.heads import heads_of
from extractors.names.training.batches import NO_TAG, Batch, Prepared, epoch, prepare
from extractors.names.training.network import TokenClassifier
from extractors.names.training.recipe import Recipe
from extractors.names.wordpieces import WordPieces

_WARM_UP, _COOL_DOWN = 0.05, 0.4
_AVERAGE = 0.998
_HEADS_FASTER = 3.0
_NORM = 1.0
_SAVE_SECONDS = 300
_SAY_STEPS = 50


@dataclass
class _State:
    """What a training that was stopped goes on from."""

    network: TokenClassifier
    optimiser: Any
    average: dict[str, Any]
    step: int = 0

    def load(self, checkpoint: Path) -> None:
        state = torch.load(checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        self.average, self.step = state["average"], state["step"]

    def save(self, checkpoint: Path) -> None:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        unfinished = checkpoint.with_suffix(".unfinished")
        torch.save(
            {
                "network": self.network.trained(),
                "optimiser": self.optimiser.state_dict(),
                "average": self.average,
                "step": self.step,
            },
            unfinished,
        )
        unfinished.replace(checkpoint)

    def advance(self, batch: Batch, rate: float) -> float:
        """Take one step, and give its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * rate
        loss = _loss(self.network, batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _NORM)
        self.optimiser.step()
        self.step += 1
        keep = min(_AVERAGE, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.network.trained().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - keep)
        return float(loss.item())


def train(recipe: Recipe, data: Path, checkpoint: Path, say: Callable[[str], None]) -> TokenClassifier:
    """Train as the recipe says, or go on from `checkpoint`; gives the network with its averaged weights.

    The rate is warmed up, held, and cooled down to nothing; weights are averaged over steps (Polyak and Juditsky
    1992), which smooths what single steps do.
    """
    torch.manual_seed(recipe.seed)
    pieces = WordPieces()
    heads = heads_of(recipe.labels())
    prepared = prepare(recipe, data, heads, pieces)
    network = TokenClassifier(sum(head.tags for head in heads), dropout=recipe.dropout).train()
    average = {name: value.clone() for name, value in network.trained().items()}
    state = _State(network, _optimiser(network, recipe), average)
    if checkpoint.exists():
        state.load(checkpoint)
        say(f"going on after step {state.step}")
    per_epoch = len(epoch(prepared, recipe, pieces, 0))
    total = int(per_epoch * recipe.epochs)
    first, began, saved, losses = state.step, time.monotonic(), time.monotonic(), []
    for batch in _batches(prepared, recipe, pieces, range(state.step, total)):
        losses.append(state.advance(batch, _rate(state.step / total)))
        if state.step % _SAY_STEPS == 0:
            left = (time.monotonic() - began) / (state.step - first) * (total - state.step) / 60
            loss = sum(losses) / len(losses)
            place = f"step {state.step} of {total}, epoch {state.step / per_epoch:.2f}"
            say(f"{place}, loss {loss:.4f}, {left:.0f} min left")
            losses = []
        if time.monotonic() - saved > _SAVE_SECONDS:
            state.save(checkpoint)
            saved = time.monotonic()
    network.load_state_dict(state.average, strict=False)
    return network.requires_grad_(False).eval()  # type: ignore[no-any-return]  # torch is not followed


def _batches(prepared: Sequence[Prepared], recipe: Recipe, pieces: WordPieces, steps: range) -> Iterator[Batch]:
    """Give the batch of each step, the same one however often training was stopped before."""
    per_epoch = len(epoch(prepared, recipe, pieces, 0))
    number, batches = -1, list[Batch]()
    for step in steps:
        if step // per_epoch != number:
            number = step // per_epoch
            batches = epoch(prepared, recipe, pieces, number)
        yield batches[min(step % per_epoch, len(batches) - 1)]


def _optimiser(network: TokenClassifier, recipe: Recipe) -> Any:
    fast = [*network.heads.parameters(), *network.shapes.parameters()]
    known = {id(parameter) for parameter in fast}
    slow = [each for each in network.parameters() if each.requires_grad and id(each) not in known]
    groups = [
        {"params": slow, "peak": recipe.learning_rate, "weight_decay": 0.01},
        {"params": fast, "peak": recipe.learning_rate * _HEADS_FASTER, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), foreach=True)


def _rate(progress: float) -> float:
    """Warm up, hold, and cool down by one minus the root of the way (Hägele et al. 2024)."""
    if progress < _WARM_UP:
        return (progress + 1e-3) / _WARM_UP
    if progress < 1 - _COOL_DOWN:
        return 1.0
    return 1.0 - math.sqrt((progress - (1 - _COOL_DOWN)) / _COOL_DOWN) * 0.98


def _loss(network: TokenClassifier, batch: Batch) -> Any:
    """Sum over the heads of what each has wrong, over the units of the largest."""
    scores = network(batch.pieces, batch.shapes, batch.mask)
    losses, most = [], 1
    for head, tags in batch.tags.items():
        known = tags != NO_TAG
        losses.append(cross_entropy(scores[known][:, head.columns], tags[known], reduction="sum"))
        most = max(most, int(known.sum()))
    return sum(losses) / most
