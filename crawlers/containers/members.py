"""The values of unpacking: what comes out of a container, what does not, and how much may.

They are named tuples because importing `dataclasses` would double the time that the child process takes to start.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bifrost.errors import BifrostError


class Unpackable(BifrostError):
    """A container, or one of its members, cannot be read; the reason is a plain sentence for a reject."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Limits(NamedTuple):
    """How much one container may hold, and what reading it may cost."""

    most_members: int = 10_000
    most_messages: int = 1_000_000
    """The same for mailboxes, where nothing is packed and the number says little."""
    most_bytes: int = 4 << 30
    """Of all members together; a container that is larger itself may hold as much as it is large."""
    most_ratio: float = 200
    """Of unpacked to packed bytes, once more than `ratio_counts_above_bytes` came out."""
    ratio_counts_above_bytes: int = 64 << 20
    longest_name: int = 1000
    seconds: float = 600
    """Both of computing and of waiting for it."""
    memory_mb: int = 512


class Member(NamedTuple):
    """One file of a container; its chunks are read before the next member is asked for, or not at all."""

    name: str
    """Relative, with slashes, without any step upwards; unique within the container."""
    chunks: Iterator[bytes]
    """Raises Unpackable when the member turns out to be damaged, cut off, or too large; the next may be sound."""
    size_bytes: int | None = None
    """As the container states it; None where it does not."""


class Refused(NamedTuple):
    """What is left out of a container, and why."""

    name: str
    """As far as it can be shown; empty where the container as a whole is meant."""
    reason: str
    rest: bool = False
    """True when nothing comes after it although there may be more: what was known of the container is not gone."""
