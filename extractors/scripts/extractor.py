"""Files of types that only their owner knows, read by the scripts that the settings name."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import ClassVar

from bifrost.config import Extraction, FileScript
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract
from bifrost.scripts.child_process import Child
from bifrost.scripts.command import NoCommand, command_line, setup_digest
from bifrost.scripts.faults import ScriptFault, plain
from bifrost.scripts.json_answer import json_lines
from bifrost.scripts.last_words import LastWords
from bifrost.scripts.limits import Limits
from extractors.file_types import suffix
from extractors.scripts.answer import Answer

PROTOCOL = 1
_LONGEST_LINE_BYTES = 16 << 20
_OPEN_FILES = 256
_VERSION_DIGITS = 12


class ScriptExtractor:
    """Hands a copy of the file to the first script that accepts it, and believes only answers that are complete."""

    name: ClassVar[str] = "scripts"
    version: int
    """Differs whenever a script's text or settings do, so that its files are read again."""

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._scripts, self._workplace = settings.scripts, cache / "scripts"
        told = [script.model_dump() for script in self._scripts]
        words = [word for script in self._scripts for word in script.command]
        self.version = 1 + int(setup_digest(words, Path("/"), told)[:_VERSION_DIGITS], 16)

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take the files that a script is configured for."""
        return self._script(item, head) is not None

    def extract(self, item: Item, file: Path) -> Extract:
        """Ask the script."""
        with file.open("rb") as stream:
            script = self._script(item, stream.read(4096))
        if script is None:
            raise ItemUnreadable(item.source, item.key, "no script is configured for it (extraction.scripts)")
        if not file.stat().st_size:
            raise ItemUnreadable(item.source, item.key, "the file is empty")
        answer, last_line = Answer(item.key, script.media_type), 0
        with self._copied(item, file) as copy:
            try:
                with closing(_started(script, item, copy)) as child:
                    for line in json_lines(child, _LONGEST_LINE_BYTES):
                        answer.take(line)
                        last_line = line.number
            except (ScriptFault, NoCommand) as fault:
                reason = _reason(script, fault, last_line)
                raise ItemUnreadable(item.source, item.key, reason) from fault
        return answer.extract()

    def _script(self, item: Item, head: bytes) -> FileScript | None:
        return next((script for script in self._scripts if _fits(script, item, head)), None)

    @contextmanager
    def _copied(self, item: Item, file: Path) -> Iterator[Path]:
        """Give a copy under the item's own name: what a script does to it harms nothing that is kept."""
        self._workplace.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._workplace) as folder:
            copy = Path(folder) / (PurePosixPath(item.key).name or "file")
            shutil.copyfile(file, copy)
            copy.chmod(0o444)
            yield copy


def _fits(script: FileScript, item: Item, head: bytes) -> bool:
    wanted = script.accepts
    named = not wanted.suffixes or suffix(item.key) in wanted.suffixes
    return named and head.startswith(bytes.fromhex(wanted.magic))


def _started(script: FileScript, item: Item, copy: Path) -> Child:
    limits = Limits(
        answer_seconds=script.timeout_seconds,
        silence_seconds=script.timeout_seconds,
        cpu_seconds=max(1, round(script.timeout_seconds)),
        memory_mb=script.memory_mb,
        output_bytes=script.output_mb << 20,
        open_files=_OPEN_FILES,
    )
    asked = {
        "protocol": PROTOCOL,
        "verb": "extract",
        "file": str(copy),
        "source": item.source,
        "key": item.key,
        "settings": script.settings,
    }
    return Child(
        [*command_line(script.command, Path("/")), "extract", str(copy)],
        json.dumps(asked).encode() + b"\n",
        {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        limits,
        LastWords(lambda line: _log(script, line)),
    )


def _log(script: FileScript, line: str) -> None:
    """Say it on the worker's standard error, which the run logs."""
    sys.stderr.write(f"script {script.name}: {plain(line)}\n")


def _reason(script: FileScript, fault: Exception, last_line: int) -> str:
    said = (
        plain(str(fault))
        .replace("(answer_seconds)", "(timeout_seconds)")
        .replace("(silence_seconds)", "(timeout_seconds)")
    )
    where = f"; its last good line was {last_line}" if last_line and not said.startswith("line ") else ""
    return f"script {script.name!r}: {said}{where}"
