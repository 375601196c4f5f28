"""Compiled mean, deviation, greatest and least of messages, and their gradients, for states of 8 n floats.

A message is the product of a sender's state and its relation's vector. Arrays are flat.
"""

from typing import Any

import numpy as np

from linker.learning.compiled import compiled
from linker.learning.path_network.lanes import gather_lanes, spread_lanes
from linker.learning.path_network.settings import LANES

AGGREGATES = 4
"""Mean, deviation, greatest, least."""
SMALLEST = np.float32(1e-6)
"""Least variance: below it the root is too steep."""


@compiled
def gather(starts: Any, links: Any, inputs: Any, outputs: Any) -> None:
    """Aggregate messages by receiver.

    `links` are senders and kinds, `inputs` states and relation vectors; `outputs` are results, shape (receivers, 4,
    width), and winners, the links that gave greatest and least, shape (receivers, 2, width). Without a message
    results are 0 and winners -1.
    """
    results, winners = outputs
    width = len(winners) // (2 * (len(starts) - 1))
    for receiver in range(len(starts) - 1):
        first, last = starts[receiver], starts[receiver + 1]
        if first == last:
            results[receiver * 4 * width : (receiver + 1) * 4 * width] = 0
            winners[receiver * 2 * width : (receiver + 1) * 2 * width] = -1
            continue
        for lane in range(0, width, LANES):
            span = (np.uintp(first), np.uintp(last), np.uintp(receiver), np.uintp(lane), np.uintp(width))
            gather_lanes(links, inputs, outputs, span)
        _mean_and_deviation(results, receiver * 4 * width, width, last - first)


@compiled
def spread(starts: Any, links: Any, inputs: Any, known: Any, outputs: Any) -> None:
    """Add the gradients of states and relation vectors to `outputs`.

    `known` are `gather`'s results and winners, and the gradient of the results.
    """
    results, winners, gradient = known
    width = len(winners) // (2 * (len(starts) - 1))
    slopes = np.empty(2 * width, np.float32)
    for receiver in range(len(starts) - 1):
        first, last = starts[receiver], starts[receiver + 1]
        if first == last:
            continue
        _slopes(results, gradient, receiver * 4 * width, last - first, slopes)
        for lane in range(0, width, LANES):
            span = (np.uintp(first), np.uintp(last), np.uintp(lane), np.uintp(width))
            spread_lanes(links, inputs, slopes, outputs, span)
        _reward(receiver, links, inputs, (winners, gradient, width), outputs)


@compiled
def _mean_and_deviation(results: Any, place: int, width: int, messages: int) -> None:
    """Turn a receiver's sum and sum of squares into mean and deviation."""
    number = np.float32(messages)
    for lane in range(width):
        mean = results[place + lane] / number
        variance = results[place + width + lane] / number - mean * mean
        results[place + lane] = mean
        results[place + width + lane] = np.sqrt(max(variance, SMALLEST))


@compiled
def _slopes(results: Any, gradient: Any, place: int, messages: int, slopes: Any) -> None:
    """Give how a message's gradient follows from its value, by the chain rule through mean and deviation."""
    width, number = len(slopes) // 2, np.float32(messages)
    for lane in range(width):
        mean, deviation = results[place + lane], results[place + width + lane]
        steep = gradient[place + width + lane] / (number * deviation)
        if deviation * deviation <= SMALLEST:
            steep = np.float32(0)
        slopes[width + lane] = steep
        slopes[lane] = gradient[place + lane] / number - steep * mean


@compiled
def _reward(receiver: int, links: Any, inputs: Any, known: Any, outputs: Any) -> None:
    """Hand the gradients of greatest and least to the messages that were it."""
    senders, kinds = links
    states, vectors = inputs
    winners, gradient, width = known
    to_states, to_vectors = outputs
    for place in range(2 * width):
        link, lane = winners[receiver * 2 * width + place], np.uintp(place % width)
        change = gradient[(receiver * 4 + 2) * width + place]
        sender = np.uintp(senders[link]) * np.uintp(width) + lane
        kind = np.uintp(kinds[link]) * np.uintp(width) + lane
        to_states[sender] += change * vectors[kind]
        to_vectors[kind] += change * states[sender]
