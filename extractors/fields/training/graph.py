"""Trains the network over the graph of candidate pairs with DGL (message passing over rivals; binary cross entropy).

The network starts at zero, so that training can only move away from the sum over features where that pays.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.fields.compared import Matrix
from extractors.fields.context import INPUTS, PairGraph
from extractors.fields.network import ROUNDS, ContextNetwork

_HIDDEN, _EPOCHS, _RATE, _DECAY = 8, 8, 5e-3, 1e-3

Case = tuple[PairGraph, Matrix, npt.NDArray[np.float64], npt.NDArray[np.bool_]]
"""Pairs of one example: graph, inputs of the network, log-odds without it, and which pairs are right."""


def train_network(cases: Sequence[Case], seed: int = 0) -> ContextNetwork:
    """Train on the graphs of all examples, one step each; takes a minute or two on one core."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = _model()
    graphs = [_heterograph(case[0]) for case in cases]
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE * 2, total_steps=_EPOCHS * len(cases))
    chance = np.random.default_rng(seed)
    for _ in range(_EPOCHS):
        for place in chance.permutation(len(cases)):
            optimizer.zero_grad()
            _loss(model, graphs[place], cases[place]).backward()
            optimizer.step()
            schedule.step()
    return _as_arrays(model)


def _loss(model: Any, graph: Any, case: Case) -> Any:
    import torch

    _, inputs, scores, right = case
    moved = torch.as_tensor(scores, dtype=torch.float32) + model(graph, torch.as_tensor(inputs))
    wanted = torch.as_tensor(right, dtype=torch.float32)
    binary = torch.nn.functional.binary_cross_entropy_with_logits(moved, wanted, reduction="sum")
    return binary / wanted.sum().clamp(min=1)


def _heterograph(graph: PairGraph) -> Any:
    """Link every pair with a node for each of its groups, which passes on what it heard from all of them."""
    import dgl
    import torch

    pairs = torch.arange(len(graph.rows))
    links: dict[tuple[str, str, str], Any] = {}
    counts = {"pair": len(graph.rows)}
    for name, group in zip(("left", "right"), graph.groups, strict=True):
        ends = torch.as_tensor(group)
        links["pair", f"tells {name}", name] = (pairs, ends)
        links[name, f"{name} tells", "pair"] = (ends, pairs)
        counts[name] = int(group.max(initial=-1)) + 1
    return dgl.heterograph(links, num_nodes_dict=counts)


def _model() -> Any:
    import torch

    class Network(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Linear(INPUTS, _HIDDEN)
            self.rounds = torch.nn.ModuleList(torch.nn.Linear(5 * _HIDDEN, _HIDDEN) for _ in range(ROUNDS))
            self.last = torch.nn.Linear(_HIDDEN, 1)
            torch.nn.init.zeros_(self.last.weight)
            torch.nn.init.zeros_(self.last.bias)

        def forward(self, graph: Any, values: Any) -> Any:
            state = torch.relu(self.first(values))
            for layer in self.rounds:
                state = torch.relu(layer(torch.cat([state, *_heard(graph, state)], dim=1)))
            return self.last(state).squeeze(1)

    return Network()


def _heard(graph: Any, state: Any) -> list[Any]:
    import dgl.function as told

    messages = []
    with graph.local_scope():
        graph.nodes["pair"].data["state"] = state
        for side in ("left", "right"):
            for reduce in (told.mean, told.max):
                graph.update_all(told.copy_u("state", "m"), reduce("m", "heard"), etype=f"tells {side}")
                graph.update_all(told.copy_u("heard", "m"), told.sum("m", "passed"), etype=f"{side} tells")
                messages.append(graph.nodes["pair"].data["passed"])
    return messages


def _as_arrays(model: Any) -> ContextNetwork:
    def layer(linear: Any) -> tuple[Matrix, Matrix]:
        return linear.weight.detach().numpy().T.copy(), linear.bias.detach().numpy().copy()

    return ContextNetwork(layer(model.first), [layer(each) for each in model.rounds], layer(model.last))


def zero_network() -> ContextNetwork:
    """Give a network that moves nothing."""

    def layer(rows: int, columns: int) -> tuple[Matrix, Matrix]:
        return np.zeros((rows, columns), np.float32), np.zeros(columns, np.float32)

    return ContextNetwork(layer(INPUTS, 1), [layer(5, 1) for _ in range(ROUNDS)], layer(1, 1))
