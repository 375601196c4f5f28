"""Messages to their receivers, with gradients: by the fused kernels on CPU, by tensor operations elsewhere."""

from typing import Any

import torch

from linker.learning.path_network import kernels
from linker.learning.path_network.cones import Layer


def aggregate(states: torch.Tensor, vectors: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Give mean, deviation, greatest and least of each receiver's messages, shape (receivers, 4, width).

    A message is states[sender] * vectors[kind]. Of equal messages the first one takes the gradient.
    """
    chosen = Fused if states.device.type == "cpu" else Gathered
    result: torch.Tensor = chosen.apply(states, vectors, layer)
    return result


class Fused(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """One pass over the links, without a value per link in memory."""

    @staticmethod
    def forward(context: Any, states: torch.Tensor, vectors: torch.Tensor, layer: Layer) -> torch.Tensor:
        """Aggregate by `kernels.gather`."""
        receivers, width = len(layer.own), states.shape[1]
        results = torch.empty(receivers, kernels.AGGREGATES, width)
        winners = torch.empty(receivers, 2, width, dtype=torch.int32)
        links = (layer.senders, layer.kinds)
        if receivers:
            kernels.gather(layer.starts, links, _flat(states, vectors), _flat(results, winners))
        context.layer = layer
        context.save_for_backward(states, vectors, results, winners)
        return results

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> Any:
        """Hand gradients back by `kernels.spread`."""
        states, vectors, results, winners = context.saved_tensors
        outputs = torch.zeros_like(states), torch.zeros_like(vectors)
        layer = context.layer
        if len(layer.own):
            links, known = (layer.senders, layer.kinds), _flat(results, winners, gradient)
            kernels.spread(layer.starts, links, _flat(states, vectors), known, _flat(*outputs))
        return *outputs, None


class Gathered(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """The same by tensor operations on any device, with a value per link in memory."""

    @staticmethod
    def forward(context: Any, states: torch.Tensor, vectors: torch.Tensor, layer: Layer) -> torch.Tensor:
        """Aggregate by scattering."""
        links = _links(layer, states.device)
        senders, kinds, receivers = links
        messages = states[senders] * vectors[kinds]
        nothing = messages.new_zeros(len(layer.own), states.shape[1])
        number = _number(receivers, nothing)
        lanes = receivers.unsqueeze(1).expand_as(messages)
        mean = nothing.index_add(0, receivers, messages) / number
        variance = nothing.index_add(0, receivers, messages.square()) / number - mean.square()
        deviation = variance.clamp(min=float(kernels.SMALLEST)).sqrt() * torch.bincount(
            receivers, minlength=len(nothing)
        ).clamp(max=1).unsqueeze(1)
        extremes = [nothing.scatter_reduce(0, lanes, messages, how, include_self=False) for how in ("amax", "amin")]
        winners = torch.stack([_first(messages, extreme, lanes) for extreme in extremes], dim=1)
        context.save_for_backward(states, vectors, mean, deviation, winners, *links)
        return torch.stack([mean, deviation, *extremes], dim=1)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> Any:
        """Hand gradients back by gathering."""
        states, vectors, mean, deviation, winners, senders, kinds, receivers = context.saved_tensors
        messages = states[senders] * vectors[kinds]
        to_mean, to_deviation, *extremes = gradient.unbind(1)
        steep = to_deviation / (_number(receivers, mean) * deviation)
        steep = torch.where(deviation.square() <= kernels.SMALLEST, 0.0, steep)
        level = to_mean / _number(receivers, mean) - steep * mean
        change = level[receivers] + steep[receivers] * messages
        for extreme, winner in zip(extremes, winners.unbind(1), strict=True):
            row, lane = torch.nonzero(winner >= 0, as_tuple=True)
            change = change.index_put((winner[row, lane], lane), extreme[row, lane], accumulate=True)
        to_states = torch.zeros_like(states).index_add_(0, senders, change * vectors[kinds])
        to_vectors = torch.zeros_like(vectors).index_add_(0, kinds, change * states[senders])
        return to_states, to_vectors, None


def _flat(*tensors: torch.Tensor) -> tuple[Any, ...]:
    return tuple(tensor.detach().contiguous().view(-1).numpy() for tensor in tensors)


def _links(layer: Layer, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    starts = torch.from_numpy(layer.starts)
    receivers = torch.repeat_interleave(torch.arange(len(layer.own)), starts[1:] - starts[:-1])
    senders, kinds = (torch.from_numpy(array).long() for array in (layer.senders, layer.kinds))
    return senders.to(device), kinds.to(device), receivers.to(device)


def _number(receivers: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Count each receiver's messages, at least 1, shape (receivers, 1)."""
    return torch.bincount(receivers, minlength=len(rows)).clamp(min=1).unsqueeze(1)


def _first(messages: torch.Tensor, extreme: torch.Tensor, lanes: torch.Tensor) -> torch.Tensor:
    """Give the first link whose message is the extreme, -1 where there is none."""
    links = torch.arange(len(messages), device=messages.device).unsqueeze(1).expand_as(messages)
    matching = torch.where(messages == extreme.gather(0, lanes), links, len(messages))
    none = torch.full_like(extreme, len(messages), dtype=torch.long)
    first = none.scatter_reduce_(0, lanes, matching, "amin", include_self=True)
    return torch.where(first == len(messages), -1, first)
