"""How far files of many pages are, shown to people; short files are over before that is worth a line."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bifrost.ports import Progress, Task

_SHOWN_AFTER_SECONDS = 3.0


@dataclass(slots=True)
class _Shown:
    since: float
    open: ExitStack = field(default_factory=ExitStack)
    task: Task | None = None
    page: int = 0


class PageTasks:
    """One task for each long file that is being read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files: dict[str, _Shown] = {}

    def hear(self, job: Mapping[str, Any], said: Mapping[str, int]) -> None:
        """Take what a worker says: it begins with a page of so many."""
        shown = self._files.setdefault(job["key"], _Shown(time.monotonic()))
        if shown.task is None:
            if time.monotonic() - shown.since < _SHOWN_AFTER_SECONDS:
                return
            shown.task = shown.open.enter_context(self._progress.task(f"pages of {job['key']}", said["pages"]))
        done = said["page"] - 1
        shown.task.advance(max(0, done - shown.page))
        shown.page = max(done, shown.page)

    def end(self, job: Mapping[str, Any]) -> None:
        """Close the task of a file that has ended, if it has one."""
        shown = self._files.pop(job["key"], None)
        if shown is not None:
            shown.open.close()
