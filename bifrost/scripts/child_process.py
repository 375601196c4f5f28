"""A script as a child process: with limits, in a process group of its own that is ended as a whole."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import IO

from bifrost.scripts.endings import ending_fault
from bifrost.scripts.faults import ScriptFault
from bifrost.scripts.last_words import LastWords
from bifrost.scripts.limits import Limits

CHUNK_BYTES = 1 << 16
_TICK_SECONDS = 0.2
_ENDING_SECONDS = 0.005
"""Between the end of an answer and that of a process passes little time, and nothing tells when it is over."""
_TAIL_BYTES = 8192


class Child:
    """A running script that was asked one thing. It ends with `close`, and at the latest when nobody holds it."""

    def __init__(
        self,
        command: Sequence[str],
        request: bytes,
        environment: Mapping[str, str],
        limits: Limits,
        last_words: LastWords,
    ) -> None:
        self._limits, self._last_words = limits, last_words
        self._process, folder = _started(limits.around(command), environment)
        self._selector = selectors.DefaultSelector()
        self.close = weakref.finalize(self, _end, self._process, self._selector, folder)
        self._in = self._watched(self._process.stdin, selectors.EVENT_WRITE)
        self._out = self._watched(self._process.stdout, selectors.EVENT_READ)
        self._err = self._watched(self._process.stderr, selectors.EVENT_READ)
        self._request = memoryview(request)
        self._tail = b""
        self._given_bytes = 0
        self._is_complete = False
        self._fault = ScriptFault("its answer was not read to the end")
        self._started = self._heard = time.monotonic()

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Give the next bytes of the answer; none when it is at its end and the script ended with status 0.

        Raises:
            ScriptFault: a limit was reached, or the script ended with another status; also whenever it is asked again.
        """
        if self._is_complete:
            return b""
        if not self.close.alive:
            raise self._fault
        self._heard = time.monotonic()  # what the reader did meanwhile is no silence of the script
        try:
            return self._next(size)
        except ScriptFault as fault:
            self._fault = fault
            self.close()
            raise

    def _next(self, size: int) -> bytes:
        while self._out in self._selector.get_map():
            ready = self._turn()
            if self._out in ready and (data := self._take(size)):
                return data
            if not ready and self._has_ended():
                _kill(self._process)  # who still holds the pipe was left behind
        while not self._has_ended():
            self._turn(_ENDING_SECONDS)
        self._finish()
        return b""

    def _turn(self, seconds: float = _TICK_SECONDS) -> set[int]:
        """Wait for a moment, go on with asking and listening, and keep the limits on time."""
        ready = {key.fd for key, _ in self._selector.select(seconds)}
        if self._in in ready:
            self._ask()
        if self._err in ready:
            self._overhear()
        now = time.monotonic()
        if now - self._started > self._limits.answer_seconds:
            raise self._overdue(f"it took longer than {self._limits.answer_seconds:g} s (answer_seconds)")
        if now - self._heard > self._limits.silence_seconds:
            raise self._overdue(f"it said nothing for {self._limits.silence_seconds:g} s (silence_seconds)")
        return ready

    def _take(self, size: int) -> bytes:
        data = self._received(self._out, size)
        self._tail = (self._tail + data[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        return data

    def _overhear(self) -> None:
        self._last_words.add(self._received(self._err, CHUNK_BYTES))

    def _received(self, pipe: int, size: int) -> bytes:
        data = os.read(pipe, size)
        if not data:
            self._selector.unregister(pipe)
        self._heard = time.monotonic()
        self._given_bytes += len(data)
        if self._given_bytes > self._limits.output_bytes:
            raise ScriptFault(f"its answer is larger than {self._limits.output_bytes >> 20} MB, which is the limit")
        return data

    def _ask(self) -> None:
        try:
            self._request = self._request[os.write(self._in, self._request) :]
        except BrokenPipeError:  # it does not want to know
            self._request = self._request[:0]
        if not self._request and self._process.stdin:
            self._selector.unregister(self._in)
            self._process.stdin.close()

    def _finish(self) -> None:
        """Tell whether the answer of a script that has ended counts."""
        _kill(self._process)  # children that it has left behind
        with contextlib.suppress(BlockingIOError):
            while self._err in self._selector.get_map():
                self._overhear()
        self.close()
        code = self._process.returncode
        if code != 0:
            raise ending_fault(code, self._tail, self._last_words.last(), self._limits.cpu_seconds)
        self._is_complete = True

    def _overdue(self, reason: str) -> ScriptFault:
        said = self._last_words.last()
        return ScriptFault(reason + (f"; its last words: {said}" if said else ""), retryable=True)

    def _has_ended(self) -> bool:
        # Without reaping it: until then nobody else can get the number of its group.
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _watched(self, pipe: IO[bytes] | None, event: int) -> int:
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe.fileno(), event)
        return pipe.fileno()


def _started(command: Sequence[str], environment: Mapping[str, str]) -> "tuple[subprocess.Popen[bytes], str]":
    """Start a process in a folder of its own, which goes when it ends."""
    folder = tempfile.mkdtemp(prefix="bifrost-script-")
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            env={"HOME": folder, "TMPDIR": folder, **environment},
            start_new_session=True,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return process, folder


def _end(process: "subprocess.Popen[bytes]", selector: selectors.BaseSelector, folder: str) -> None:
    if process.returncode is None:
        _kill(process)
        process.wait()
    selector.close()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
