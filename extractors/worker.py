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
        _say(answers, _answer(reader, json.loads(line)))


def _answer(reader: FileReader, job: dict[str, Any]) -> dict[str, Any]:
    item = Item(job["source"], job["key"], ItemKind.FILE, job["content"], job["size_bytes"])
    try:
        return {"manifest": reader.read(item, job["content"], job["extractor"])}
    except ItemUnreadable as error:
        return {"unreadable": error.reason}
    except StorageFull as error:
        return {"full": error.place}
    except RecursionError:
        return {"unreadable": "its parts are nested too deeply"}
    except MemoryError:
        return {"unreadable": "it needs more memory than there is"}
    except Exception as error:  # noqa: BLE001 -- libraries raise anything on broken files; it becomes the file's reject
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
