"""The crawl of one source: plan, fetch, settle. The command line does all at once, an orchestrator step by step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain

from bifrost.errors import (
    BifrostError,
    RetractionGuarded,
    RowsUnselected,
    SourceBusy,
    StageFailed,
    StorageFull,
)
from bifrost.model import Crawled, CrawlState, Difference, Item, Reject, Source, StagedItem
from bifrost.ports import Crawler, Progress, Scope
from bifrost.progress import SilentTask
from bifrost.project import Project
from crawlers.comparison import guard, row_guard
from crawlers.contents import STAGE, Fetched
from crawlers.fetching import HELD_BACK
from crawlers.plan import CrawlPlan, make_plan
from crawlers.steps import Steps

_SCOPES_SHOWN = 3


@dataclass(slots=True)
class Ending:
    """What became of the items of a plan, so far."""

    fetched: list[Fetched] = field(default_factory=list)
    errors: list[BifrostError] = field(default_factory=list)
    """What went wrong with the source, or is held back for a person to settle."""
    retracted: int = 0


@dataclass(frozen=True, slots=True)
class SourceCrawl:
    """The crawl of one source."""

    project: Project
    source: Source
    scope: Scope
    progress: Progress

    # ---- all at once

    def run(self) -> tuple[Crawled, Difference]:
        """List, compare, fetch, retract, record; a dry run ends with the comparison and records nothing."""
        started = datetime.now(UTC).replace(tzinfo=None)
        if self.scope.dry_run:
            return self._dry_run()
        try:
            with self.project.crawling(self.source.name):
                crawler, before = self.project.crawler(self.source), self._known()
                plan = make_plan(self.project, self.source, crawler, before.values())
                ending = self._fetch_all(self._steps(plan, before, crawler))
                crawled, difference = self._settled(plan, ending, before)
        except SourceBusy as error:
            return self._failed(error), Difference(self.source.name)
        except StorageFull:
            raise
        except BifrostError as error:
            crawled = replace(self._failed(error), started=started)
            self.project.catalog.crawled(crawled)
            return crawled, Difference(self.source.name)
        self.project.catalog.crawled(replace(crawled, started=started))
        return crawled, difference

    # ---- step by step, for an orchestrator: what passes between the steps is a digest and a number

    def plan(self) -> str:
        """List the source and compare; give the digest of the plan.

        Raises:
            SourceBusy: another run crawls it.
            BifrostError: the source could not be listed.
        """
        with self._recording_failure(), self.project.crawling(self.source.name):
            crawler = self.project.crawler(self.source)
            plan = make_plan(self.project, self.source, crawler, self._known().values())
            self._settle_rejects(plan)
            return plan.store(self.project.staging)

    def batches(self, plan: str) -> int:
        """Count the batches of a plan."""
        return len(CrawlPlan.load(self.project.staging, plan).batches())

    def fetch(self, plan: str, batch: int) -> dict[str, int]:
        """Fetch one batch; what is staged already is not fetched again. Batches may be fetched side by side.

        Items that cannot be read, or are held back for a person to settle, are rejects; `settle` tells of the latter.

        Raises:
            BifrostError: the source went away, or another try may help.
        """
        planned = CrawlPlan.load(self.project.staging, plan)
        chosen = planned.batches()[batch]
        before = self._known()
        steps = self._steps(planned, before)
        todo = [item for item in chosen.items if not _is_staged(self.project, before.get(item.key), item)]
        with self._recording_failure(CrawlState.PARTIAL):
            ended = list(steps.fetch(todo, SilentTask()))
            unread = steps.read_part(chosen.table, chosen.part) if chosen.table else None
            for error in (*(each.error for each in ended), unread):
                if error and error.retryable:
                    raise error
        return {
            "fetched": len(todo) or int(chosen.table is not None),
            "staged": sum(each.staged is not None for each in ended) + int(chosen.table is not None and not unread),
        }

    def settle(self, plan: str) -> Crawled:
        """Retract what is gone, and record how the crawl went; call it after all batches were fetched.

        Raises:
            StageFailed: something is held back, or could not be listed; the rest is done.
        """
        planned = CrawlPlan.load(self.project.staging, plan)
        with self._recording_failure(), self.project.crawling(self.source.name):
            before = self._known()
            ending = Ending(list(self._steps(planned, before).join_parts()))
            crawled, _ = self._settled(planned, ending, before, held_back=self._held_back(planned))
        self.project.catalog.crawled(crawled)
        if crawled.failures:
            raise StageFailed(STAGE, crawled.failures)
        return crawled

    # ---- the steps

    def _dry_run(self) -> tuple[Crawled, Difference]:
        try:
            crawler = self.project.crawler(self.source)
            plan = make_plan(self.project, self.source, crawler, self._known().values(), cut=False)
        except BifrostError as error:
            return self._failed(error), Difference(self.source.name)
        failures = self._partial(plan)
        state = CrawlState.PARTIAL if failures else CrawlState.COMPLETE
        difference = plan.comparison.difference()
        counts = {
            "items": plan.comparison.known,
            "added": len(difference.added),
            "changed": len(difference.changed),
            "gone": len(difference.gone),
            "unchanged": difference.unchanged,
            "unselected": len(difference.unselected),
        }
        return Crawled(self.source.name, state, failures, plan.failed_scopes, counts), difference

    def _steps(self, plan: CrawlPlan, before: Mapping[str, StagedItem], crawler: Crawler | None = None) -> Steps:
        crawler = crawler or self.project.crawler(self.source)
        return Steps.of(self.project, self.source, self.scope, plan, before, crawler)

    def _fetch_all(self, steps: Steps) -> Ending:
        self._settle_rejects(steps.plan)
        ending = Ending()
        parted = {table.item.key for table in steps.plan.parted}
        todo = [item for item in steps.plan.todo if item.key not in parted]
        number = len(todo) + sum(len(table.parts) for table in steps.plan.parted)
        with self.progress.task(f"crawl {self.source.name}", total=number) as task:
            try:
                steps.read_parts(task)
                for fetched in chain(steps.fetch(todo, task), steps.join_parts()):
                    ending.fetched.append(fetched)  # one by one: what came before a failure counts
            except StorageFull:
                raise
            except BifrostError as error:
                ending.errors.append(error)
        return ending

    def _settled(
        self, plan: CrawlPlan, ending: Ending, before: Mapping[str, StagedItem], held_back: Sequence[str] = ()
    ) -> tuple[Crawled, Difference]:
        ending.errors.extend(each.error for each in ending.fetched if each.error)
        listed = [key for key in plan.comparison.unchanged if before[key].selection != plan.selection]
        self.project.catalog.reselect(self.source.name, listed, plan.selection)
        # A source that went away while it was read may have been going while it was listed.
        if all(isinstance(error, RetractionGuarded | RowsUnselected) for error in ending.errors):
            self._retract(plan, ending, before)
        failures = (*self._partial(plan), *(self._sentence(error) for error in ending.errors), *held_back)
        retryable = bool(failures) and not held_back and all(error.retryable for error in ending.errors)
        state = CrawlState.PARTIAL if failures else CrawlState.COMPLETE
        difference = _difference(plan, ending.fetched, before)
        counts = self._counts(difference, ending)
        ended = datetime.now(UTC).replace(tzinfo=None)
        crawled = Crawled(
            self.source.name, state, failures, plan.failed_scopes, counts, ended=ended, retryable=retryable
        )
        return crawled, difference

    def _retract(self, plan: CrawlPlan, ending: Ending, before: Mapping[str, StagedItem]) -> None:
        gone = list(plan.comparison.gone)
        if not self.scope.confirm_retraction:
            share = self.project.settings.retraction_guard
            try:
                guard(plan.comparison, share)
                row_guard(self.source.name, before.values(), share).take(sum(before[key].rows or 0 for key in gone))
            except RetractionGuarded as error:
                ending.errors.append(error)
                gone = []
        if self.scope.retract_unselected:
            gone.extend(plan.comparison.unselected)
        self.project.catalog.retract_items(self.source.name, gone)
        ending.retracted = len(gone)

    def _settle_rejects(self, plan: CrawlPlan) -> None:
        """Note what the listing could not show, and clear what it disproves."""
        catalog, name = self.project.catalog, self.source.name
        before = [reject for reject in catalog.rejects(name) if reject.stage == STAGE]
        troubles = {**plan.skipped, **plan.failed_scopes}
        catalog.reject(STAGE, name, [self._reject(key, reason) for key, reason in sorted(troubles.items())])
        there = {item.key for item in plan.todo} | set(plan.comparison.unchanged)
        whole = {reject.item for reject in before if reject.place in ("", HELD_BACK)}
        healed = whole & set(plan.comparison.unchanged)
        vanished = {reject.item for reject in before if plan.complete and reject.item not in there}
        for key in sorted(healed | vanished):
            catalog.reject(STAGE, f"{name}/{key}", ())

    def _held_back(self, plan: CrawlPlan) -> list[str]:
        """Tell of the items that earlier steps left as they were, for a person to settle."""
        todo = {item.key for item in plan.todo}
        rejects = self.project.catalog.rejects(self.source.name)
        return [each.reason for each in rejects if each.place == HELD_BACK and each.item in todo]

    def _counts(self, difference: Difference, ending: Ending) -> dict[str, int]:
        return self._standing() | {
            "added": len(difference.added),
            "changed": len(difference.changed),
            "gone": ending.retracted,
            "unchanged": difference.unchanged,
            "unselected": 0 if self.scope.retract_unselected else len(difference.unselected),
        }

    def _standing(self) -> dict[str, int]:
        """Count what is known of the source, however its crawl went."""
        name = self.source.name
        items, _ = self.project.catalog.staged_counts().get(name, (0, 0))
        rejects = self.project.catalog.rejects(name)
        return {"items": items, "rejected": sum(reject.stage == STAGE for reject in rejects)}

    def _partial(self, plan: CrawlPlan) -> tuple[str, ...]:
        scopes = sorted(plan.failed_scopes.items())
        if not scopes:
            return ()
        shown = "; ".join(f"{scope}: {reason}" for scope, reason in scopes[:_SCOPES_SHOWN])
        more = f" and {len(scopes) - _SCOPES_SHOWN} more" if len(scopes) > _SCOPES_SHOWN else ""
        text = f"source {self.source.name!r} could be listed in part only ({shown}{more}); nothing was retracted"
        return (self.project.secrets.mask(text),)

    def _failed(self, error: BifrostError, state: CrawlState = CrawlState.FAILED) -> Crawled:
        failures = (self._sentence(error),)
        return Crawled(self.source.name, state, failures, counts=self._standing(), retryable=error.retryable)

    @contextmanager
    def _recording_failure(self, state: CrawlState = CrawlState.FAILED) -> Iterator[None]:
        try:
            yield
        except SourceBusy:
            raise
        except BifrostError as error:
            self.project.catalog.crawled(self._failed(error, state))
            raise

    def _known(self) -> dict[str, StagedItem]:
        return {each.item.key: each for each in self.project.catalog.items(self.source.name)}

    def _reject(self, key: str, reason: str) -> Reject:
        return Reject(self.source.name, key, "", STAGE, self.project.secrets.mask(reason))

    def _sentence(self, error: BifrostError) -> str:
        return self.project.secrets.mask(str(error))


def _is_staged(project: Project, staged: StagedItem | None, item: Item) -> bool:
    same = staged is not None and staged.item.fingerprint == item.fingerprint
    return same and staged is not None and project.staging.has(staged.content)


def _difference(plan: CrawlPlan, ended: Iterable[Fetched], before: Mapping[str, StagedItem]) -> Difference:
    """Say what really changed: an item read again with the same content did not."""
    staged = {each.item.key: each.staged.content for each in ended if each.staged}
    changed = [key for key, content in staged.items() if key in before and before[key].content != content]
    same = sum(1 for key, content in staged.items() if key in before and before[key].content == content)
    return Difference(
        source=plan.comparison.source,
        added=tuple(sorted(staged.keys() - before.keys())),
        changed=tuple(sorted(changed)),
        gone=plan.comparison.gone,
        unselected=plan.comparison.unselected,
        unchanged=len(plan.comparison.unchanged) + same,
    )
