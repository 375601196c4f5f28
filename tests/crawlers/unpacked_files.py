"""Unpacking as tests look at it: everything that came out, and everything that did not."""

from dataclasses import dataclass, field
from pathlib import Path

from crawlers.containers import Limits, Refused, Unpackable, unpack


@dataclass
class Seen:
    """What came out of a container."""

    contents: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    """Members that began well."""
    rest: bool = False
    """Whether there may be more than was seen."""


def look_into(file: Path, key: str = "", limits: Limits | None = None) -> Seen:
    found = unpack(file, key or file.name, limits or Limits())
    assert found is not None, "it is no container"
    seen = Seen()
    for piece in found:
        if isinstance(piece, Refused):
            seen.refused[piece.name] = piece.reason
            seen.rest = seen.rest or piece.rest
            continue
        try:
            seen.contents[piece.name] = b"".join(piece.chunks)
        except Unpackable as error:
            seen.broken[piece.name] = error.reason
    return seen


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def children() -> set[int]:
    """Give the processes that this one has started."""
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
