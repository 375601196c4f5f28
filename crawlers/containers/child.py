"""The child process: reads one container, and tells its parent what is inside. It can do nothing else."""

import json
import math
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from crawlers.containers.budget import Budget, OverLimit
from crawlers.containers.forms import Form
from crawlers.containers.frames import LONGEST_CHUNK, FrameWriter
from crawlers.containers.members import Limits, Member, Refused, Unpackable
from crawlers.containers.reading import NoContainer, pieces_of
from crawlers.containers.safe_names import SafeNames, shown

_LONGEST_REASON = 300
_ERROR_FILE_BYTES = 1 << 20
_OPEN_FILES = 64


def main() -> None:
    """Take the job from standard input, and answer on standard output."""
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    limits = Limits(**job["limits"])
    _confine(limits)
    with os.fdopen(job["descriptor"], "rb") as file, suppress(BrokenPipeError):
        frames = FrameWriter(sys.stdout.buffer)
        Telling(frames, limits).run(file, Form(job["form"]), job["key"])
        frames.flush()


class Telling:
    """Tells what is in a container."""

    def __init__(self, frames: FrameWriter, limits: Limits) -> None:
        self._frames, self._limits = frames, limits
        self._names = SafeNames(limits.longest_name)

    def run(self, file: BinaryIO, form: Form, key: str) -> None:
        """Say whether it is a container, then member after member, then that this was all."""
        most = self._limits.most_messages if form is Form.MBOX else self._limits.most_members
        budget = Budget(self._limits, os.fstat(file.fileno()).st_size, most_members=most)
        pieces = pieces_of(file, form, key, budget, self._limits)
        try:
            piece = next(pieces, None)
        except NoContainer:
            self._frames.say(container=False)
            return
        except Exception as error:  # noqa: BLE001 -- libraries raise anything on broken files; it becomes a reject
            self._frames.say(unpackable=self._reason(error))
            return
        self._frames.say(container=True)
        self._tell_all(piece, pieces, budget)
        self._frames.say(done=True)

    def _tell_all(self, piece: Member | Refused | None, following: Iterator[Member | Refused], budget: Budget) -> None:
        try:
            while piece is not None:
                self._tell(piece, budget)
                piece = next(following, None)
        except Exception as error:  # noqa: BLE001 -- as above
            self._frames.say(refused="", reason=self._reason(error), rest=True)

    def _tell(self, piece: Member | Refused, budget: Budget) -> None:
        budget.count_member()
        if isinstance(piece, Refused):
            self._refuse(piece.name, piece.reason)
            return
        objection = budget.objection(piece.size_bytes)
        if objection:
            self._refuse(piece.name, f"with it, {objection}")
            return
        try:
            name = self._names.give(piece.name)
        except Unpackable as error:
            self._refuse(piece.name, error.reason)
            return
        self._frames.say(member=name, size=piece.size_bytes)
        self._send(piece.chunks, budget)

    def _send(self, chunks: Iterator[bytes], budget: Budget) -> None:
        try:
            for chunk in _gathered(chunks, budget):
                self._frames.chunk(chunk)
        except OverLimit as error:
            self._frames.say(broken=error.reason)
            raise
        except Exception as error:  # noqa: BLE001 -- libraries raise anything on broken files; it becomes a reject
            self._frames.say(broken=self._reason(error))
        else:
            self._frames.say(end=True)

    def _refuse(self, name: str, reason: str) -> None:
        self._frames.say(refused=shown(name), reason=reason, rest=False)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, Unpackable):
            return error.reason
        if isinstance(error, EOFError):
            return "it is cut off"
        if isinstance(error, MemoryError):
            return f"it needs more memory than {self._limits.memory_mb} MB"
        if isinstance(error, RecursionError):
            return "its parts are nested too deeply"
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return f"it is damaged: {shown(lines[0])[:_LONGEST_REASON]}"


def _gathered(chunks: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """Put small chunks together, such as lines of mail."""
    waiting = bytearray()
    for chunk in chunks:
        budget.spend(len(chunk))
        if not waiting and len(chunk) >= LONGEST_CHUNK:
            yield chunk
            continue
        waiting += chunk
        if len(waiting) >= LONGEST_CHUNK:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _confine(limits: Limits) -> None:
    """Let the system end this process when it computes too long, and refuse it more memory and files."""
    seconds = math.ceil(limits.seconds)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_mb << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _ERROR_FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # The hard limit on time would kill without a reason.
        resource.setrlimit(what, (allowed, hard if what == resource.RLIMIT_CPU else allowed))


if __name__ == "__main__":
    main()
