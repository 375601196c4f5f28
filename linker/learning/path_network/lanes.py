"""The innermost loops in terms of LLVM vectors of 8 floats.

Left to itself, the compiler cannot know that the arrays do not overlap, and works float by float, which is ten times
slower. Values per receiver stay in registers: written back to memory for every link, a masked store of the winners
alone costs more than all the rest.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from linker.learning.path_network.settings import LANES

FLOATS = ir.VectorType(ir.FloatType(), LANES)
PLACES = ir.VectorType(ir.IntType(32), LANES)
STARTS = (0.0, 0.0, float("-inf"), float("inf"))


@intrinsic  # type: ignore[untyped-decorator]
def gather_lanes(typing: Any, links: Any, inputs: Any, outputs: Any, span: Any) -> Any:
    """Aggregate the messages of one receiver in one lane group; `span` is (first, last, receiver, lane, width)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _pointers(context, builder, signature.args[:3], arguments[:3])
        first, last, receiver, lane, width = _unpacked(builder, arguments[3])
        kept = [_slot(builder, ir.Constant(FLOATS, [start] * LANES)) for start in STARTS]
        won = [_slot(builder, ir.Constant(PLACES, [-1] * LANES)) for _ in range(2)]
        with cgutils.for_range_slice(builder, first, last, ir.Constant(first.type, 1), first.type) as (link, _):
            places = [_row(builder, numbers, link, width, lane) for numbers in data[:2]]
            state, vector = (_load(builder, data[2 + n], place) for n, place in enumerate(places))
            here = _everywhere(builder, builder.trunc(link, ir.IntType(32)))
            _note(builder, builder.fmul(state, vector), here, kept, won)
        _write(builder, kept, data[4], _place(builder, receiver, width, lane, len(kept)), width)
        _write(builder, won, data[5], _place(builder, receiver, width, lane, len(won)), width)
        return context.get_dummy_value()

    return types.void(links, inputs, outputs, span), generate


@intrinsic  # type: ignore[untyped-decorator]
def spread_lanes(typing: Any, links: Any, inputs: Any, slopes: Any, outputs: Any, span: Any) -> Any:
    """Hand the gradients of one receiver's mean and deviation back to senders and relations.

    The gradient of a message m is slopes[0] + slopes[1] * m; `span` is (first, last, lane, width).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, values = (signature.args[:2], arguments[:2])
        data = _pointers(context, builder, [*kinds, signature.args[3]], [*values, arguments[3]])
        first, last, lane, width = _unpacked(builder, arguments[4])
        steepness = context.make_array(signature.args[2])(context, builder, arguments[2]).data
        level, slope = (_load(builder, steepness, place) for place in (lane, builder.add(lane, width)))
        with cgutils.for_range_slice(builder, first, last, ir.Constant(first.type, 1), first.type) as (link, _):
            places = [_row(builder, numbers, link, width, lane) for numbers in data[:2]]
            state, vector = (_load(builder, data[2 + n], place) for n, place in enumerate(places))
            change = builder.fadd(level, builder.fmul(slope, builder.fmul(state, vector)))
            for target, place, factor in zip(data[4:], places, (vector, state), strict=True):
                grown = builder.fadd(_load(builder, target, place), builder.fmul(change, factor))
                builder.store(grown, _vector(builder, target, place, FLOATS), align=4)
        return context.get_dummy_value()

    return types.void(links, inputs, slopes, outputs, span), generate


def _pointers(context: Any, builder: Any, kinds: Sequence[Any], pairs: Sequence[Any]) -> list[Any]:
    """Give where the arrays of some pairs begin."""
    return [
        context.make_array(kind)(context, builder, array).data
        for pair_kind, pair in zip(kinds, pairs, strict=True)
        for kind, array in zip(pair_kind, _unpacked(builder, pair), strict=True)
    ]


def _unpacked(builder: Any, values: Any) -> list[Any]:
    return list(cgutils.unpack_tuple(builder, values))


def _slot(builder: Any, start: Any) -> Any:
    """Make a variable, which the compiler keeps in a register."""
    slot = cgutils.alloca_once(builder, start.type)
    builder.store(start, slot)
    return slot


def _vector(builder: Any, data: Any, place: Any, vector: Any) -> Any:
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())


def _load(builder: Any, data: Any, place: Any) -> Any:
    return builder.load(_vector(builder, data, place, FLOATS), align=4)


def _row(builder: Any, numbers: Any, link: Any, width: Any, lane: Any) -> Any:
    """Give where the row that a link names begins, at a lane."""
    number = builder.zext(builder.load(builder.gep(numbers, [link])), width.type)
    return builder.add(builder.mul(number, width), lane)


def _place(builder: Any, receiver: Any, width: Any, lane: Any, rows: int) -> Any:
    return builder.add(builder.mul(builder.mul(receiver, width), ir.Constant(receiver.type, rows)), lane)


def _everywhere(builder: Any, number: Any) -> Any:
    """Put a number into all lanes."""
    none = ir.Constant(PLACES, ir.Undefined)
    one = builder.insert_element(none, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, none, ir.Constant(PLACES, [0] * LANES))


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
