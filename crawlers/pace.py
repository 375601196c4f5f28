"""A limit on how often something is done."""

import threading
import time


class Pace:
    """Spaces calls evenly, also those of several threads; without a rate it lets them pass."""

    def __init__(self, per_second: float | None) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._next = time.monotonic()
        self._turn = threading.Lock()

    def wait(self) -> None:
        """Wait for the next turn."""
        if not self._interval:
            return
        with self._turn:
            now = time.monotonic()
            mine = max(self._next, now)
            self._next = mine + self._interval
        time.sleep(max(0.0, mine - now))
