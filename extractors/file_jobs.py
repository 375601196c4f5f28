"""Files read in workers; one of many pages that was stopped goes on where it was, without the page that stops it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extractors.isolation import Hear, WorkerPool, hear_nothing
from extractors.job_outcome import Ending, Outcome

_MOST_GIVEN_UP = 5
"""A file with more pages that cannot be read is given up itself."""

Job = Mapping[str, Any]


class FileJobs:
    """Gives jobs to a pool of workers, some of them several times."""

    def __init__(self, pool: WorkerPool, hear: Hear = hear_nothing) -> None:
        self._pool, self._hear = pool, hear
        self._stopped_at: dict[str, int] = {}

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Give every job with its outcome; `given_up` in a job says which pages were left out, and why."""
        while jobs:
            again = []
            for job, outcome in self._pool.run(jobs, self._hear):
                next_job = self._next(job, outcome)
                if next_job is None:
                    yield job, outcome
                else:
                    again.append(next_job)
            jobs = again

    def _next(self, job: Job, outcome: Outcome) -> Job | None:
        """Give the job that goes on with a file, or None when it has ended.

        A limit that was reached after other pages than the last time is no page's fault; the same page twice is.
        """
        if outcome.ending is Ending.ANSWERED or outcome.progress is None or outcome.progress["pages"] == 1:
            return None
        name, page = f"{job['source']}/{job['key']}", int(outcome.progress["page"])
        before, self._stopped_at[name] = self._stopped_at.get(name), page
        if before is None or page > before:
            return job
        given_up = job.get("given_up", {})
        if len(given_up) >= _MOST_GIVEN_UP:
            return None
        return {**job, "given_up": {**given_up, str(page): outcome.reason}}
