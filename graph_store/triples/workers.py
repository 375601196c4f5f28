"""A small pool of warm query processes: a query costs milliseconds, and one that takes too long is killed."""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import graph_store
from graph_store.triples.query_worker import frame, read_frame

_AT_ONCE = 4


class TimedOut(Exception):
    """The answer did not come in time; the process is gone."""


class Died(Exception):
    """The process ended while it ran a query: it ran out of memory, or was killed."""


class Process:
    """One query process; used by one thread at a time."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "graph_store.triples.query_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def ask(self, request: Mapping[str, Any], deadline: float) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait for its answer until `deadline` (monotonic seconds).

        Raises:
            TimedOut: it did not come.
            Died: it will never come.
        """
        incoming = _Timed(_pipe(self._child.stdout), deadline)
        try:
            outgoing = _pipe(self._child.stdin)
            outgoing.write(frame(dict(request)))
            outgoing.flush()
            answer = read_frame(incoming)
        except BrokenPipeError:
            answer = None
        if answer is None:
            raise Died
        return answer

    @property
    def alive(self) -> bool:
        """Tell whether it still runs."""
        return self._child.poll() is None

    def stop(self) -> None:
        """End the process at once."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            _close(_pipe(pipe))


class Pool:
    """Lends processes; at most four work at a time."""

    def __init__(self) -> None:
        self._idle: list[Process] = []
        self._free = threading.Semaphore(_AT_ONCE)

    def ask(self, request: Mapping[str, Any], timeout_seconds: float) -> tuple[dict[str, Any], bytes]:
        """Run a request in any process; raises TimedOut, also while waiting for a free one, and Died."""
        deadline = time.monotonic() + timeout_seconds
        with self._lent(deadline) as process:
            try:
                answer = process.ask(request, deadline)
            except BaseException:
                process.stop()
                raise
            self._idle.append(process)
            return answer

    def close(self) -> None:
        """End the idle processes."""
        while self._idle:
            self._idle.pop().stop()

    @contextmanager
    def _lent(self, deadline: float) -> Iterator[Process]:
        if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimedOut
        try:
            yield self._warm() or Process()
        finally:
            self._free.release()

    def _warm(self) -> Process | None:
        while True:
            try:
                process = self._idle.pop()
            except IndexError:
                return None
            if process.alive:
                return process
            process.stop()


class _Timed:
    """A pipe that is read until a deadline."""

    def __init__(self, pipe: IO[bytes], deadline: float) -> None:
        self._handle, self._deadline = pipe.fileno(), deadline
        self._poll = select.poll()  # unlike select, it takes handles of any number
        self._poll.register(self._handle, select.POLLIN)

    def read(self, size: int) -> bytes:
        """Read exactly `size` bytes, fewer only at the end of the stream."""
        parts: list[bytes] = []
        missing = size
        while missing:
            if not self._poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000):
                raise TimedOut
            part = os.read(self._handle, min(missing, 1 << 20))
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _environment() -> dict[str, str]:
    """Give the child what it needs to start, and no secret that the parent's environment may hold."""
    place = Path(graph_store.__file__).parent.parent
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PYTHONPATH": str(place)}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # both were asked for
    return pipe


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was not sent is not needed
        return
