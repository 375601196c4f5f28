"""One worker process seen from outside: what it does, what it says, what it uses, how it ended."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
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


class WorkerBroken(BifrostError):
    """A worker process does not even start: this is no fault of a file."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the worker process for files does not start: {reason}")
        self.reason = reason


class WorkerProcess:
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
            return self._answered(limits)
        if self._process.poll() is not None:
            return self._dead()
        return self._overdue(limits) if self.job is not None else None

    def kill(self) -> None:
        """End the process and what it has started."""
        if self.gone:
            return
        self.gone = True
        for end in (self._process.stdin, self._process.stdout):
            if end is not None and end in (entry.fileobj for entry in self._selector.get_map().values()):
                self._selector.unregister(end)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._errors.close()

    def _send(self, value: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died; `outcome` says how
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()

    def _answered(self, limits: Limits) -> Outcome | None:
        line, self._heard = self._heard.split(b"\n", 1)
        if not self._ready:
            self._ready = True
            return None
        self.job = None
        # What a library has not given back would count against the next file.
        if self._memory_mb() > limits.memory_mb / 2:
            self.kill()
        return Outcome(Ending.ANSWERED, json.loads(line))

    def _overdue(self, limits: Limits) -> Outcome | None:
        if time.monotonic() - self._since > limits.seconds:
            return self._stopped(f"it took longer than {limits.seconds:g} s (extraction.item_timeout_seconds)")
        if self._memory_mb() > limits.memory_mb:
            return self._stopped(f"it needed more memory than {limits.memory_mb} MB (extraction.item_memory_mb)")
        return None

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
