"""The work on the items of a plan: large tables part by part, the others one by one."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bifrost.errors import BifrostError, ItemUnreadable
from bifrost.model import Item, Source, StagedItem
from bifrost.ports import Crawler, Scope, Task
from bifrost.progress import SilentTask
from bifrost.project import Project
from crawlers import parts
from crawlers.comparison import member_guard, row_guard
from crawlers.contents import STAGE, Contents, Fetched
from crawlers.fetching import Fetching, commit
from crawlers.pace import Pace
from crawlers.parts import PartedTable
from crawlers.plan import CrawlPlan

_PARTS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Steps:
    """The work on the items of a plan; one of them for a whole crawl keeps its pace and its guards."""

    plan: CrawlPlan
    contents: Contents
    pace: Pace

    @classmethod
    def of(
        cls,
        project: Project,
        source: Source,
        scope: Scope,
        plan: CrawlPlan,
        known: Mapping[str, StagedItem],
        crawler: Crawler,
    ) -> "Steps":
        """Prepare the work upon what is known of the source."""
        share = 1.0 if scope.confirm_retraction else project.settings.retraction_guard
        contents = Contents(
            project=project,
            crawler=crawler,
            selection=plan.selection,
            known=known,
            rows=row_guard(source.name, known.values(), share),
            members=member_guard(source.name, known.values(), share),
            takes_unselected=scope.retract_unselected,
        )
        return cls(plan, contents, Pace(source.rate_limit))

    def fetch(self, items: Sequence[Item], task: Task) -> Iterator[Fetched]:
        """Fetch items and commit them as they arrive."""
        return self._fetching(self.contents).run(items, task)

    def read_parts(self, task: Task) -> None:
        """Read what is missing of the large tables, a few parts at a time; a part that cannot be read is a reject."""
        jobs = [(table, number) for table in self.plan.parted for number in range(len(table.parts))]
        lost = threading.Event()

        def read(table: PartedTable, number: int) -> ItemUnreadable | None:
            # A source that went away is not asked for the parts that wait.
            if lost.is_set():
                return None
            try:
                return self.read_part(table, number)
            except BifrostError:
                lost.set()
                raise

        pool = ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix=STAGE)
        try:
            for error in pool.map(lambda job: read(*job), jobs):
                task.advance()
                if error and error.retryable:
                    raise error
        finally:
            pool.shutdown(cancel_futures=True)

    def read_part(self, table: PartedTable, number: int) -> ItemUnreadable | None:
        """Read one part; give the error that was made a reject."""
        self.pace.wait()
        try:
            parts.read_part(self.contents.project, self.contents, table, number)
        except ItemUnreadable as error:
            reject = self.contents.reject(table.item, "", error.reason)
            commit(self.contents.project, [Fetched(table.item, None, (reject,))], frozenset())
            return error
        return None

    def join_parts(self) -> Iterator[Fetched]:
        """Put large tables together, and catch up with what changed while they were read."""
        project = self.contents.project
        listed = {item.key: item for item in self.plan.comparison.new}
        for table in self.plan.parted:
            joined = parts.join(project, self.contents, table)
            if joined is None or joined.staged is None:
                continue
            commit(project, [joined], frozenset({table.item.key}))
            parts.forget(project, table)
            yield joined
            item = listed[table.item.key]
            if item.fingerprint != table.item.fingerprint:
                yield from self._fetching(self._upon(joined.staged)).run([item], SilentTask())

    def _upon(self, staged: StagedItem) -> Contents:
        """Know one more item, with its rows for the guard."""
        known = {**self.contents.known, staged.item.key: staged}
        rows = row_guard(staged.item.source, known.values(), self.contents.rows.share)
        return replace(self.contents, known=known, rows=rows)

    def _fetching(self, contents: Contents) -> Fetching:
        rejects = contents.project.catalog.rejects(self.plan.comparison.source)
        rejected = frozenset(reject.item for reject in rejects if reject.stage == STAGE)
        return Fetching(contents.project, contents, self.pace, rejected)
