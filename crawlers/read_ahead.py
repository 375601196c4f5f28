"""Reading and writing side by side: the next batch comes in while the last one goes out."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_BATCHES_AHEAD = 1
_POLL_SECONDS = 0.5


class _End:
    """The last thing in the queue: how reading ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def read_ahead(items: Iterable[T]) -> Iterator[T]:
    """Give the same items, read by a thread of their own; errors come where they would have come.

    The thread ends with the reading, also when the reader gives up early.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(_BATCHES_AHEAD)
    given_up = threading.Event()

    def read() -> None:
        error = None
        try:
            for item in items:
                if not _put(waiting, item, given_up):
                    break
        except BaseException as raised:  # noqa: BLE001 - raised again by the thread that asked
            error = raised
        _put(waiting, _End(error), given_up)

    reader = threading.Thread(target=read, name="read ahead", daemon=True)
    reader.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        given_up.set()
        reader.join()


def _put(waiting: "queue.Queue[T]", item: T, given_up: threading.Event) -> bool:
    while not given_up.is_set():
        try:
            waiting.put(item, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
