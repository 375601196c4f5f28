"""Where progress is shown: nowhere, or as bars on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bifrost.ports import Task


class SilentTask:
    """A task that nobody sees."""

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""


class Silent:
    """Shows nothing: for tests, services and machine-readable output."""

    @contextmanager
    def task(self, name: str, total: int | None = None) -> Iterator[Task]:
        """Open a task that nobody sees."""
        yield SilentTask()


SILENT = Silent()


class _BarTask:
    def __init__(self, bars: Any, number: Any) -> None:
        self.bars, self.number = bars, number

    def advance(self, steps: int = 1) -> None:
        self.bars.advance(self.number, steps)


class Bars:
    """Shows one bar per task on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )

    @contextmanager
    def task(self, name: str, total: int | None = None) -> Iterator[Task]:
        """Open a task with a bar of its own."""
        self._bars.start()
        number = self._bars.add_task(name, total=total)
        try:
            yield _BarTask(self._bars, number)
        finally:
            self._bars.stop_task(number)
            if all(task.finished or task.stop_time for task in self._bars.tasks):
                self._bars.stop()
