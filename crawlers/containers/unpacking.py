"""Unpacking seen from the crawl: a child process reads the container, and its members come one after the other."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from crawlers.containers.forms import Form, form_of
from crawlers.containers.frames import FrameReader, Silence
from crawlers.containers.members import Limits, Member, Refused, Unpackable

_COMMAND = (sys.executable, "-P", "-S", "-c", "from crawlers.containers.child import main; main()")
_PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""Nothing else of the environment, which holds secrets, is any business of a process that reads foreign files."""
_LAST_WORDS_BYTES = 4000
_SECONDS_TO_END = 5


def unpack(file: Path, key: str, limits: Limits) -> "Unpacking | None":
    """Do what `crawlers.containers.unpack` says."""
    form = form_of(file)
    if form is None:
        return None
    unpacking = Unpacking(file, form, key, limits)
    if unpacking.is_container():
        return unpacking
    unpacking.close()
    return None


class Unpacking(Iterator[Member | Refused]):
    """The members of a container."""

    def __init__(self, file: Path, form: Form, key: str, limits: Limits) -> None:
        self._form, self._limits = form, limits
        self._child = _Child(file, {"form": form, "key": key, "limits": limits._asdict()})
        self._frames = FrameReader(self._child.output, limits.seconds)
        self._end = weakref.finalize(self, self._child.end)
        self._waiting: list[Refused] = []
        self._within_member = False

    @property
    def is_pack(self) -> bool:
        """Tell archives and mailboxes, which are nothing but their members, from messages, which have a text."""
        return self._form is not Form.MESSAGE

    def is_container(self) -> bool:
        """Hear whether the child takes the file for a container.

        Raises:
            Unpackable: it does, and can read nothing of it.
        """
        try:
            answer = self._frames.header()
        except Silence as silence:
            answer = {"unpackable": self._why(silence)}
        reason = answer.get("unpackable")
        if reason is None:
            return bool(answer["container"])
        self.close()
        if self.is_pack:
            raise Unpackable(reason)
        self._waiting.append(Refused("", reason, rest=True))
        return True

    def __next__(self) -> Member | Refused:
        if self._waiting:
            return self._waiting.pop()
        if not self._end.alive:
            raise StopIteration
        try:
            self._pass_by()
            header = self._frames.header()
        except Silence as silence:
            reason = self._why(silence)
            self.close()
            return Refused("", reason, rest=True)
        return self._piece(header)

    def close(self) -> None:
        """End the process."""
        self._end()

    def _piece(self, header: dict[str, Any]) -> Member | Refused:
        if "member" in header:
            self._within_member = True
            return Member(header["member"], self._chunks(), header["size"])
        if "refused" in header:
            return Refused(header["refused"], header["reason"], header["rest"])
        self.close()
        raise StopIteration

    def _pass_by(self) -> None:
        """Read over what is left of a member that was not taken, or not as a whole."""
        while self._within_member:
            self._next_chunk()

    def _chunks(self) -> Iterator[bytes]:
        while self._within_member:
            try:
                chunk = self._next_chunk()
            except Silence as silence:
                reason = self._why(silence)
                self._within_member = False
                self.close()
                self._waiting.append(Refused("", reason, rest=True))
                raise Unpackable(reason) from silence
            if isinstance(chunk, str):
                raise Unpackable(chunk)
            if chunk:
                yield chunk

    def _next_chunk(self) -> bytes | str:
        """Give bytes of the current member, or why it broke; no bytes at its end."""
        header = self._frames.header()
        if "chunk" in header:
            return self._frames.chunk(header["chunk"])
        self._within_member = False
        return str(header["broken"]) if "broken" in header else b""

    def _why(self, silence: Silence) -> str:
        return silence.reason or self._child.ending(self._limits)


class _Child:
    """The process that reads the container."""

    def __init__(self, file: Path, job: dict[str, Any]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed when the process is gone
        with file.open("rb") as content:
            self._process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                pass_fds=(content.fileno(),),
                start_new_session=True,
                env=_environment(),
            )
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self.output = self._process.stdout
            line = json.dumps({**job, "descriptor": content.fileno()}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):  # it died; its silence will say so
            self._process.stdin.write(line)
            self._process.stdin.close()

    def end(self) -> None:
        """Kill the process if it has not ended."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self.output.close()
        self._errors.close()

    def ending(self, limits: Limits) -> str:
        """Say how the process ended that stopped talking."""
        try:
            code = self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return "the process that reads it fell silent"
        if code == -signal.SIGXCPU:
            return f"reading it took longer than {limits.seconds:g} s"
        said = self._last_words()
        if "MemoryError" in said:
            return f"it needs more memory than {limits.memory_mb} MB"
        how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
        return f"the process that reads it {how}" + (f": {said}" if said else "")

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read(_LAST_WORDS_BYTES).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
