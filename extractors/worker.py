"""The worker process: reads one file at a time, as jobs come in on standard input, one line of JSON each."""

import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from bifrost.config import Extraction
from bifrost.errors import ItemUnreadable, StorageFull
from bifrost.model import Item, ItemKind
from bifrost.staging import Staging
from extractors.process_limits import lacked_memory
from extractors.reading import FileReader

COMMAND = (sys.executable, "-P", "-c", "from extractors.worker import main; main()")

_DIE_WITH_PARENT = 1
"""The option of Linux' `prctl` that sends a signal when the parent process ends."""


def main() -> None:
    """Answer jobs until standard input ends."""
    _end_with_parent()
    answers = _private_output()
    start = json.loads(sys.stdin.readline())
    reader = FileReader(
        Staging(Path(start["staging"])), Extraction.model_validate(start["settings"]), Path(start["cache"])
    )
    _say(answers, {"ready": True})
    for line in sys.stdin:
        _say(answers, _answer(reader, json.loads(line), answers))


def _answer(reader: FileReader, job: dict[str, Any], answers: TextIO) -> dict[str, Any]:
    def say(page: int, pages: int) -> None:
        _say(answers, {"progress": {"page": page, "pages": pages}})

    given_up = {int(page): reason for page, reason in job.get("given_up", {}).items()}
    item = Item(job["source"], job["key"], ItemKind.FILE, job["content"], job["size_bytes"])
    try:
        return {"manifest": reader.read(item, job["extractor"], say=say, given_up=given_up)}
    except StorageFull as error:
        return {"full": error.place}
    except RecursionError:
        return {"unreadable": "its parts are nested too deeply"}
    except Exception as error:  # noqa: BLE001 -- libraries raise anything on broken files; it becomes the file's reject
        if lacked_memory(error):
            return {"limit": "memory"}
        if isinstance(error, ItemUnreadable):
            return {"unreadable": error.reason}
        return {"unreadable": f"{type(error).__name__}: {_first_line(error)}"}


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "without a message"


def _private_output() -> TextIO:
    """Keep standard output for answers, and send what libraries print to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _say(answers: TextIO, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
