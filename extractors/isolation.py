"""Work on files that may be broken or hostile: in processes of their own, with limits on time and memory."""

import selectors
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from extractors.job_outcome import Ending, Limits, Outcome
from extractors.worker_process import WorkerProcess

_POLL_SECONDS = 0.1
_MOST_ATTEMPTS = 2
"""A worker may have been killed for something that is not the file's fault, so a second one tries."""


Hear = Callable[[Mapping[str, Any], Any], None]
"""Told the job, and what its worker said last about how far it is."""


def hear_nothing(_job: Mapping[str, Any], _progress: Any) -> None:
    """Tell nobody."""


class WorkerPool:
    """Processes that answer jobs, a line of JSON each; started when there is work, replaced when they fail."""

    def __init__(self, command: Sequence[str], start: Mapping[str, Any], *, workers: int, limits: Limits) -> None:
        self._command, self._start = command, start
        self._workers, self._limits = workers, limits

    def run(
        self, jobs: Iterable[Mapping[str, Any]], hear: Hear = hear_nothing
    ) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
        """Give every job with its outcome, in the order in which they end; `hear` is told how far each is meanwhile.

        Raises:
            WorkerBroken: a worker ended before it took a job.
        """
        waiting = deque((job, 1) for job in jobs)
        running: list[WorkerProcess] = []
        with selectors.DefaultSelector() as selector:
            try:
                while waiting or any(worker.job is not None for worker in running):
                    while waiting and len(running) < self._workers:
                        running.append(WorkerProcess(self._command, self._start, selector))
                    for worker in running:
                        if waiting and worker.idle:
                            worker.give(*waiting.popleft())
                    for key, _events in selector.select(_POLL_SECONDS):
                        key.data.take()
                    for worker in list(running):
                        if worker.job is not None and worker.progress is not None:
                            hear(worker.job, worker.progress)
                        yield from self._settled(worker, waiting)
                    running = [worker for worker in running if not worker.gone]
            finally:
                for worker in running:
                    worker.kill()

    def _settled(
        self, worker: WorkerProcess, waiting: deque[tuple[Mapping[str, Any], int]]
    ) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
        job, attempt = worker.job, worker.attempt
        outcome = worker.outcome(self._limits)
        if outcome is None or job is None:
            return
        if outcome.ending is Ending.DIED and attempt < _MOST_ATTEMPTS:
            waiting.appendleft((job, attempt + 1))
            return
        yield job, outcome
