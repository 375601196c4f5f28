"""Computations that give the same bits each time, also where several threads compute at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from linker.learning.encoder.message_graph import use_threads


@contextmanager
def repeatable() -> Iterator[None]:
    """Compute with one thread and deterministic kernels, and leave the process as it was."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    use_threads(1)
    _strictness.enter()
    try:
        yield
    finally:
        _strictness.leave()
        torch.set_num_threads(threads)
        use_threads(threads)


@contextmanager
def repeatable_draws() -> Iterator[None]:
    """Compute repeatably with seeded random numbers, and leave the process's own numbers as they were.

    One training at a time; what only scores must not take part, since it would set the training's numbers back.
    """
    with repeatable(), torch.random.fork_rng(devices=[]):
        yield


class _Strictness:
    """Switches of the whole process: whoever comes first turns them on, whoever leaves last puts them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._mode, self._filling = 0, True

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            self._mode = torch.get_deterministic_debug_mode()
            self._filling = torch.utils.deterministic.fill_uninitialized_memory
            # The same switch as `use_deterministic_algorithms`, which imports the compiler first: seconds at every run.
            torch.set_deterministic_debug_mode("error")
            # Nothing here reads memory that was not written: filling it first would cost a tenth of the training.
            torch.utils.deterministic.fill_uninitialized_memory = False

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                torch.set_deterministic_debug_mode(self._mode)
                torch.utils.deterministic.fill_uninitialized_memory = self._filling


_strictness = _Strictness()
