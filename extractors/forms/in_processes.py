"""Pictures read side by side, in processes of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from bifrost.ports import Progress

_PROCESSES = 2

Work = TypeVar("Work")
Read = TypeVar("Read")


def in_processes(read: Callable[[Work], Read], work: Sequence[Work], progress: Progress) -> list[Read]:
    """Give what `read` makes of each, in their order."""
    found = []
    with (
        progress.task("pictures", len(work)) as task,
        ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        for each in pool.map(read, work):
            found.append(each)
            task.advance()
    return found
