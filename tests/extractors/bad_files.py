"""Files that are broken, hostile or not what their name says: made by chance from a seed, and by hand."""

import random
from collections.abc import Iterator

from tests.extractors import hostile_files

DAMAGES = {}


def damage(function):
    DAMAGES[function.__name__] = function
    return function


@damage
def truncated(content, chance):
    return content[: max(1, int(len(content) * chance.random()))]


@damage
def bits_flipped(content, chance):
    changed = bytearray(content)
    for _ in range(chance.choice((1, 4, 30))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@damage
def block_zeroed(content, chance):
    start = chance.randrange(len(content))
    length = min(chance.choice((16, 512, 4096)), len(content) - start)
    return content[:start] + bytes(length) + content[start + length :]


@damage
def middle_cut_out(content, chance):
    start, stop = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:start] + content[stop:] or b"\x00"


@damage
def tail_replaced(content, chance):
    start = chance.randrange(len(content))
    return content[:start] + chance.randbytes(len(content) - start)


@damage
def head_replaced(content, chance):
    length = min(chance.choice((1, 8, 100)), len(content))
    return chance.randbytes(length) + content[length:]


@damage
def written_twice(content, chance):
    return content + content[chance.randrange(len(content)) :]


def damaged_files(samples, count, seed) -> Iterator[tuple[str, bytes]]:
    """Give `count` damaged versions of the samples (name -> content), the same for the same seed."""
    chance = random.Random(seed)
    names, damages = sorted(samples), list(DAMAGES)
    for number in range(count):
        # Each round meets every sample with another kind of damage.
        name, kind = names[number % len(names)], damages[(number + number // len(names)) % len(damages)]
        yield f"{kind}/{number}/{name}", DAMAGES[kind](samples[name], chance)


def misnamed_files(samples) -> Iterator[tuple[str, bytes]]:
    """Give each sample under the name of another type."""
    names = sorted(samples)
    for name, other in zip(names, names[3:] + names[:3], strict=True):
        yield f"misnamed/{name}.{other.rpartition('.')[2]}", samples[name]


def hand_made_files() -> Iterator[tuple[str, bytes]]:
    """Give the files that somebody might write to do harm."""
    for make in hostile_files.MAKERS:
        for name, content in make():
            yield f"{make.__name__}/{name}", content
