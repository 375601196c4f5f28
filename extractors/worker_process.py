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
from typing import Any

from extractors.job_outcome import Ending, Limits, Outcome, WorkerBroken
from extractors.process_limits import descendants, hold_to, resident_mb
from extractors.standard_error import StandardError

_CHILDREN_POLL_SECONDS = 1.0
"""Between two looks at the programs that a worker has started; each of them has the limits of its worker, too."""
_OUT_OF_MEMORY = ("MemoryError", "bad_alloc")
"""Last words of a process that was refused memory."""

_GIVEN_UP = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGSEGV)
"""How libraries end a process when memory is refused to them."""


class WorkerProcess:
    """One process, what it is doing, and what it has said."""

    def __init__(self, command: Sequence[str], start: Mapping[str, Any], selector: selectors.BaseSelector) -> None:
        self._errors = StandardError()
        self._folder = tempfile.TemporaryDirectory(prefix="bifrost-worker-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors.file,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "TMPDIR": self._folder.name,
                "OMP_NUM_THREADS": "1",
                "OMP_THREAD_LIMIT": "1",
            },
        )
        self._selector = selector
        self._heard = b""
        self._ready = self.gone = False
        self.job: Mapping[str, Any] | None = None
        self.attempt = 0
        self._since = self._looked = self._most_mb = 0.0
        self.progress: Any = None
        """What the worker said last about how far it is with its job."""
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
        self.progress, self._most_mb = None, 0.0
        self._errors.begin(str(job.get("key", "")))
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
        while b"\n" in self._heard:
            line, self._heard = self._heard.split(b"\n", 1)
            answer = json.loads(line)
            if not self._ready:
                self._ready = True
                hold_to(self._process.pid, limits.memory_mb)
            elif "progress" in answer:
                self.progress = answer["progress"]
            else:
                return self._answered(answer, limits)
        if self._process.poll() is not None:
            return self._dead(limits)
        return self._overdue(limits) if self.job is not None else None

    def kill(self) -> None:
        """End the process and what it has started."""
        if self.gone:
            return
        self.gone = True
        for end in (self._process.stdin, self._process.stdout):
            if end is not None and end in (entry.fileobj for entry in self._selector.get_map().values()):
                self._selector.unregister(end)
        for pid in [*descendants(self._process.pid), self._process.pid]:  # some lead groups of their own
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._errors.close()
        self._folder.cleanup()

    def _send(self, value: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died; `outcome` says how
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()

    def _answered(self, answer: Mapping[str, Any], limits: Limits) -> Outcome:
        if answer.get("limit") == "memory":
            return self._stopped(_too_much(limits))  # and who was refused memory may be in any state
        self.job = None
        self._errors.log()
        # What a library has not given back would count against the next file.
        if resident_mb(self._process.pid) > limits.memory_mb / 2:
            self.kill()
        return Outcome(Ending.ANSWERED, answer, progress=self.progress)

    def _overdue(self, limits: Limits) -> Outcome | None:
        if time.monotonic() - self._since > limits.seconds:
            return self._stopped(f"it took longer than {limits.seconds:g} s (extraction.item_timeout_seconds)")
        if self._is_too_large(limits.memory_mb):
            return self._stopped(_too_much(limits))
        return None

    def _is_too_large(self, most_mb: int) -> bool:
        used_mb = resident_mb(self._process.pid)
        self._most_mb = max(self._most_mb, used_mb)
        if used_mb > most_mb:
            return True
        if time.monotonic() - self._looked < _CHILDREN_POLL_SECONDS:
            return False
        self._looked = time.monotonic()
        return used_mb + sum(map(resident_mb, descendants(self._process.pid))) > most_mb

    def _stopped(self, reason: str) -> Outcome:
        self.kill()
        return Outcome(Ending.LIMIT, {}, reason, self.progress)

    def _dead(self, limits: Limits) -> Outcome:
        code, said = self._process.returncode, self._errors.last_words()
        self.kill()
        if not self._ready:
            raise WorkerBroken(said or f"status {code}")
        gave_up = -code in _GIVEN_UP and self._most_mb > limits.memory_mb / 2
        if gave_up or any(sign in said for sign in _OUT_OF_MEMORY):
            return Outcome(Ending.LIMIT, {}, _too_much(limits), self.progress)
        if code < 0:
            reason = f"the worker was killed by signal {-code} ({signal.Signals(-code).name}) while reading it"
        else:
            reason = f"the worker ended with status {code} while reading it" + (f": {said}" if said else "")
        return Outcome(Ending.DIED, {}, reason, self.progress)


def _too_much(limits: Limits) -> str:
    return f"it needed more memory than {limits.memory_mb} MB (extraction.item_memory_mb)"
