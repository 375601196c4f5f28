"""Compiled mean, deviation, greatest and least of messages, and their gradients, for states of 8 n floats.

A message is the product of a sender's state and its relation's vector. The inner loops are written in terms of LLVM
vectors: left to itself, the compiler cannot know that the arrays do not overlap, and works float by float, which is
ten times slower.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from linker.learning.path_network.settings import LANES

FLOATS = ir.VectorType(ir.FloatType(), LANES)
PLACES = ir.VectorType(ir.IntType(32), LANES)
AGGREGATES = 4
"""Mean, deviation, greatest, least."""
SMALLEST = np.float32(1e-6)
"""Least variance: below it the root is too steep."""
STARTS = (0.0, 0.0, float("-inf"), float("inf"))


def _pointers(context: Any, builder: Any, kinds: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    return [context.make_array(kind)(context, builder, array).data for kind, array in zip(kinds, arrays, strict=True)]


def _vector(builder: Any, data: Any, place: Any, vector: Any = FLOATS) -> Any:
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())


def _row(builder: Any, data: Any, link: Any, width: Any, lane: Any) -> Any:
    """Give where the row that a link names begins, at a lane."""
    number = builder.zext(builder.load(builder.gep(data, [link])), width.type)
    return builder.add(builder.mul(number, width), lane)


def _everywhere(builder: Any, number: Any) -> Any:
    none = ir.Constant(PLACES, ir.Undefined)
    one = builder.insert_element(none, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, none, ir.Constant(PLACES, [0] * LANES))


def _place(builder: Any, row: Any, width: Any, lane: Any, rows: int) -> Any:
    return builder.add(builder.mul(builder.mul(row, width), ir.Constant(row.type, rows)), lane)


@intrinsic  # type: ignore[misc]
def _gather(
    typing: Any, senders: Any, kinds: Any, states: Any, vectors: Any, results: Any, winners: Any, span: Any
) -> Any:
    """Aggregate the messages of one receiver in one lane group; `span` is (first, last, receiver, lane, width)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _pointers(context, builder, signature.args[:6], arguments[:6])
        first, last, receiver, lane, width = cgutils.unpack_tuple(builder, arguments[6])
        kept = [cgutils.alloca_once(builder, FLOATS) for _ in STARTS]
        for slot, start in zip(kept, STARTS, strict=True):
            builder.store(ir.Constant(FLOATS, [start] * LANES), slot)
        won = [cgutils.alloca_once(builder, PLACES) for _ in range(2)]
        for slot in won:
            builder.store(ir.Constant(PLACES, [-1] * LANES), slot)
        with cgutils.for_range_slice(builder, first, last, ir.Constant(first.type, 1), first.type) as (link, _):
            sender = builder.load(_vector(builder, data[2], _row(builder, data[0], link, width, lane)), align=4)
            vector = builder.load(_vector(builder, data[3], _row(builder, data[1], link, width, lane)), align=4)
            here = _everywhere(builder, builder.trunc(link, ir.IntType(32)))
            _note(builder, builder.fmul(sender, vector), here, kept, won)
        _write(builder, kept, data[4], _place(builder, receiver, width, lane, AGGREGATES), width)
        _write(builder, won, data[5], _place(builder, receiver, width, lane, 2), width)
        return context.get_dummy_value()

    return types.void(senders, kinds, states, vectors, results, winners, span), generate


def _note(builder: Any, message: Any, here: Any, kept: Sequence[Any], won: Sequence[Any]) -> None:
    """Take one message into sum, squares, greatest and least, and remember which was greatest and least."""
    total, squares, greatest, least = (builder.load(slot) for slot in kept)
    above = builder.fcmp_ordered(">", message, greatest)
    below = builder.fcmp_ordered("<", message, least)
    builder.store(builder.fadd(total, message), kept[0])
    builder.store(builder.fadd(squares, builder.fmul(message, message)), kept[1])
    builder.store(builder.select(above, message, greatest), kept[2])
    builder.store(builder.select(below, message, least), kept[3])
    builder.store(builder.select(above, here, builder.load(won[0])), won[0])
    builder.store(builder.select(below, here, builder.load(won[1])), won[1])


def _write(builder: Any, slots: Sequence[Any], data: Any, place: Any, width: Any) -> None:
    for slot in slots:
        value = builder.load(slot)
        builder.store(value, _vector(builder, data, place, value.type), align=4)
        place = builder.add(place, width)


@intrinsic  # type: ignore[misc]
def _spread(
    typing: Any, senders: Any, kinds: Any, states: Any, vectors: Any, slopes: Any, to_states: Any, to_vectors: Any,
    span: Any,
) -> Any:  # fmt: skip
    """Hand the gradients of one receiver's mean and deviation back to senders and relations.

    The gradient of a message m is slopes[0] + slopes[1] * m; `span` is (first, last, lane, width).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _pointers(context, builder, signature.args[:7], arguments[:7])
        first, last, lane, width = cgutils.unpack_tuple(builder, arguments[7])
        level = builder.load(_vector(builder, data[4], lane), align=4)
        slope = builder.load(_vector(builder, data[4], builder.add(lane, width)), align=4)
        with cgutils.for_range_slice(builder, first, last, ir.Constant(first.type, 1), first.type) as (link, _):
            places = [_row(builder, data[number], link, width, lane) for number in range(2)]
            state, vector = (builder.load(_vector(builder, data[2 + n], places[n]), align=4) for n in range(2))
            change = builder.fadd(level, builder.fmul(slope, builder.fmul(state, vector)))
            _add(builder, _vector(builder, data[5], places[0]), builder.fmul(change, vector))
            _add(builder, _vector(builder, data[6], places[1]), builder.fmul(change, state))
        return context.get_dummy_value()

    arrays = (senders, kinds, states, vectors, slopes, to_states, to_vectors)
    return types.void(*arrays, span), generate


def _add(builder: Any, pointer: Any, value: Any) -> None:
    builder.store(builder.fadd(builder.load(pointer, align=4), value), pointer, align=4)


@njit(cache=True, nogil=True)
def _mean_and_deviation(results: Any, place: int, width: int, number: float) -> None:
    """Turn a receiver's sum and sum of squares into mean and deviation."""
    for lane in range(width):
        mean = results[place + lane] / number
        variance = results[place + width + lane] / number - mean * mean
        results[place + lane] = mean
        results[place + width + lane] = np.sqrt(max(variance, SMALLEST))


@njit(cache=True, nogil=True)
def _slopes(results: Any, gradient: Any, place: int, number: float, slopes: Any) -> None:
    """Give how a message's gradient follows from its value, by the chain rule through mean and deviation."""
    width = len(slopes) // 2
    for lane in range(width):
        mean, deviation = results[place + lane], results[place + width + lane]
        steep = gradient[place + width + lane] / (number * deviation)
        if deviation * deviation <= SMALLEST:
            steep = np.float32(0)
        slopes[width + lane] = steep
        slopes[lane] = gradient[place + lane] / number - steep * mean


@njit(cache=True, nogil=True)
def gather(starts: Any, links: Any, inputs: Any, results: Any, winners: Any) -> None:
    """Aggregate messages by receiver.

    `inputs`, states and relation vectors, are flat; `results` is flat of shape (receivers, 4, width), `winners`, the
    links that gave greatest and least, of shape (receivers, 2, width). Without a message all is 0, the winner -1.
    """
    senders, kinds = links
    states, vectors = inputs
    width = len(winners) // (2 * (len(starts) - 1))
    for receiver in range(len(starts) - 1):
        first, last = starts[receiver], starts[receiver + 1]
        if first == last:
            results[receiver * 4 * width : (receiver + 1) * 4 * width] = 0
            winners[receiver * 2 * width : (receiver + 1) * 2 * width] = -1
            continue
        for lane in range(0, width, LANES):
            span = (np.uintp(first), np.uintp(last), np.uintp(receiver), np.uintp(lane), np.uintp(width))
            _gather(senders, kinds, states, vectors, results, winners, span)
        _mean_and_deviation(results, receiver * 4 * width, width, np.float32(last - first))


@njit(cache=True, nogil=True)
def spread(starts: Any, links: Any, inputs: Any, known: Any, outputs: Any) -> None:
    """Add the gradients of states and relation vectors to `outputs`.

    `known` are `gather`'s results and winners, and the gradient of the results.
    """
    senders, kinds = links
    states, vectors = inputs
    results, winners, gradient = known
    to_states, to_vectors = outputs
    width = len(winners) // (2 * (len(starts) - 1))
    slopes = np.empty(2 * width, np.float32)
    for receiver in range(len(starts) - 1):
        first, last = starts[receiver], starts[receiver + 1]
        if first == last:
            continue
        _slopes(results, gradient, receiver * 4 * width, np.float32(last - first), slopes)
        for lane in range(0, width, LANES):
            span = (np.uintp(first), np.uintp(last), np.uintp(lane), np.uintp(width))
            _spread(senders, kinds, states, vectors, slopes, to_states, to_vectors, span)
        for place in range(2 * width):
            link = winners[receiver * 2 * width + place]
            change = gradient[(receiver * 4 + 2) * width + place]
            sender = np.uintp(senders[link]) * np.uintp(width) + np.uintp(place % width)
            kind = np.uintp(kinds[link]) * np.uintp(width) + np.uintp(place % width)
            to_states[sender] += change * vectors[kind]
            to_vectors[kind] += change * states[sender]
