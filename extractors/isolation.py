"""Work on files that may be broken or hostile: in processes of their own, with limits on time and memory."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bifrost.errors import BifrostError

_POLL_SECONDS = 0.1
_MOST_ATTEMPTS = 2
"""A worker may have been killed for something that is not the file's fault, so a second one tries."""


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


class WorkerBroken(BifrostError):
    """A worker process does not even start: this is no fault of a file."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the worker process for files does not start: {reason}")
        self.reason = reason


class WorkerPool:
    """Processes that answer jobs, one line of JSON for one; they are started when there is work, and replaced when they fail."""

    def __init__(self, command: Sequence[str], start: Mapping[str, Any], *, workers: int, limits: Limits) -> None:
        self._command, self._start = command, start
        self._workers, self._limits = workers, limits

    def run(self, jobs: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
        """Give every job with its outcome, in the order in which they end.

        Raises:
            WorkerBroken: a worker ended before it took a job.
        """
        waiting = deque((job, 1) for job in jobs)
        running: list[_Worker] = []
        with selectors.DefaultSelector() as selector:
            try:
                while waiting or any(worker.job is not None for worker in running):
                    while waiting and len(running) < self._workers:
                        running.append(_Worker(self._command, self._start, selector))
                    for worker in running:
                        if waiting and worker.idle:
                            worker.give(*waiting.popleft())
                    for key, _events in selector.select(_POLL_SECONDS):
                        key.data.take()
                    for worker in list(running):
                        yield from self._settled(worker, waiting)
                    running = [worker for worker in running if not worker.gone]
            finally:
                for worker in running:
                    worker.kill()

    def _settled(
        self, worker: "_Worker", waiting: deque[tuple[Mapping[str, Any], int]]
    ) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
        job, attempt = worker.job, worker.attempt
        outcome = worker.outcome(self._limits)
        if outcome is None or job is None:
            return
        if outcome.ending is Ending.DIED and attempt < _MOST_ATTEMPTS:
            waiting.appendleft((job, attempt + 1))
            return
        yield job, outcome


class _Worker:
    """One process, what it is doing, and what it has said."""

    def __init__(self, command: Sequence[str], start: Mapping[str, Any], selector: selectors.BaseSelector) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed when the worker is gone
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "OMP_NUM_THREADS": "1",
                "OMP_THREAD_LIMIT": "1",
            },
        )
        self._selector = selector
        self._heard = b""
        self._ready = self.gone = False
        self.job: Mapping[str, Any] | None = None
        self.attempt = 0
        self._since = 0.0
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        selector.register(self._process.stdout, selectors.EVENT_READ, self)
        self._send(start)

    @property
    def idle(self) -> bool:
        """Tell whether the worker waits for a job."""
        return self._ready and self.job is None and not self.gone

    def give(self, job: Mapping[str, Any], attempt: int) -> None:
        """Hand over a job."""
        self.job, self.attempt, self._since = job, attempt, time.monotonic()
        self._send(job)

    def take(self) -> None:
        """Read what the worker says."""
        assert self._process.stdout is not None
        data = self._process.stdout.read()
        if data:
            self._heard += data
        elif data == b"":
            self._selector.unregister(self._process.stdout)

    def outcome(self, limits: Limits) -> Outcome | None:
        """Give the outcome of the job if it has ended, or must end now."""
        if b"\n" in self._heard:
            line, self._heard = self._heard.split(b"\n", 1)
            if not self._ready:
                self._ready = True
                return None
            return self._ended(Outcome(Ending.ANSWERED, json.loads(line)), limits)
        if self._process.poll() is not None:
            return self._dead()
        if self.job is None:
            return None
        if time.monotonic() - self._since > limits.seconds:
            return self._stopped(f"it took longer than {limits.seconds:g} s (extraction.item_timeout_seconds)")
        if self._memory_mb() > limits.memory_mb:
            return self._stopped(f"it needed more memory than {limits.memory_mb} MB (extraction.item_memory_mb)")
        return None

    def kill(self) -> None:
        """End the process and what it has started."""
        if self.gone:
            return
        self.gone = True
        for end in (self._process.stdin, self._process.stdout):
            if end is not None and end in (entry.fileobj for entry in self._selector.get_map().values()):
                self._selector.unregister(end)
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.communicate()
        self._errors.close()

    def _send(self, value: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died; `outcome` says how

    def _ended(self, outcome: Outcome, limits: Limits) -> Outcome:
        self.job = None
        # What a library has not given back would count against the next file.
        if self._memory_mb() > limits.memory_mb / 2:
            self.kill()
        return outcome

    def _stopped(self, reason: str) -> Outcome:
        self.kill()
        return Outcome(Ending.LIMIT, {}, reason)

    def _dead(self) -> Outcome:
        code, said = self._process.returncode, self._last_words()
        self.kill()
        if code < 0:
            reason = f"the worker was killed by signal {-code} ({signal.Signals(-code).name}) while reading it"
        else:
            reason = f"the worker ended with status {code} while reading it" + (f": {said}" if said else "")
        if not self._ready:
            raise WorkerBroken(said or f"status {code}")
        return Outcome(Ending.DIED, {}, reason)

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _memory_mb(self) -> float:
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):  # ended meanwhile, or a system without /proc
            return 0.0
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
