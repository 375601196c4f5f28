"""What is inside of archives and mailboxes: read by a child process with limits, because anybody may have made them."""

from pathlib import Path
from typing import TYPE_CHECKING

from crawlers.containers.members import Limits, Member, Refused, Unpackable

if TYPE_CHECKING:
    from crawlers.containers.unpacking import Unpacking

__all__ = ["Limits", "Member", "Refused", "Unpackable", "unpack"]


def unpack(file: Path, key: str, limits: Limits) -> "Unpacking | None":
    """Give what is in a container, or None when the file is none, by its content.

    A process is started only for what its first bytes promise to be a container; it ends with the iteration, or when
    the answer is closed or forgotten. `key` gives a name to what has none of its own, as in `x.csv.gz`.

    Raises:
        Unpackable: it is a container, and nothing of it can be read.
    """
    from crawlers.containers import unpacking  # not needed by the child process, which imports this package, too

    return unpacking.unpack(file, key, limits)
