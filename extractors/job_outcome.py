"""How a job in a worker process ends, and what it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bifrost.errors import BifrostError


class Ending(StrEnum):
    """How a job ended."""

    ANSWERED = "answered"
    LIMIT = "limit"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use."""

    seconds: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a worker, or why there is none."""

    ending: Ending
    answer: Mapping[str, Any]
    reason: str = ""
    progress: Any = None
    """What the worker said last about how far it is, in lines of `{"progress": ...}`."""


class WorkerBroken(BifrostError):
    """A worker process does not even start: this is no fault of a file."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the worker process for files does not start: {reason}")
        self.reason = reason
