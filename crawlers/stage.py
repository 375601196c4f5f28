"""The crawl stage: every source's listing is compared with what is known, and only what changed is fetched."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bifrost.errors import BifrostError, ConnectorFailed, RetractionGuarded, StorageFull
from bifrost.model import Difference, Reject, Source, StageReport
from bifrost.ports import Crawler, Listing, Progress, Scope
from bifrost.project import Project
from crawlers.comparison import Comparison, compare, guard
from crawlers.fetching import STAGE, Fetched, Fetching


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the crawl of one source ended."""

    difference: Difference
    failures: tuple[str, ...] = ()
    retracted: int = 0


class CrawlStage:
    """Brings new and changed items into staging, and retracts what is proven to be gone."""

    name: ClassVar[str] = STAGE

    def run(self, project: Project, scope: Scope, progress: Progress) -> StageReport:
        """Crawl the sources in scope; a source that fails is reported, and keeps all that is known about it."""
        sources = _covered(project, scope)
        outcomes = [SourceCrawl(project, source, scope, progress).run() for source in sources]
        return StageReport(
            stage=STAGE,
            counts=_counts(project, sources, outcomes),
            failures=tuple(failure for outcome in outcomes for failure in outcome.failures),
            differences=tuple(outcome.difference for outcome in outcomes),
        )


@dataclass(frozen=True, slots=True)
class SourceCrawl:
    """The crawl of one source."""

    project: Project
    source: Source
    scope: Scope
    progress: Progress

    def run(self) -> Outcome:
        """List, compare, fetch, retract; a dry run ends with the comparison."""
        try:
            crawler = self.project.crawler(self.source)
            listing = self._listing(crawler)
        except BifrostError as error:
            return Outcome(Difference(self.source.name), (self._sentence(error),))
        known = self.project.catalog.items(self.source.name)
        comparison = compare(self.source.name, listing, known, self.project.staging)
        partial = self._partial(listing)
        if self.scope.dry_run:
            return Outcome(comparison.difference(), partial)
        rejected = self._settle_rejects(listing, comparison)
        contents = {each.item.key: each.content for each in known}
        difference, failures = self._fetch(crawler, comparison, contents, rejected)
        # A source that went away while it was read may have been going while it was listed.
        retracted, guarded = (0, ()) if failures else self._retract(comparison)
        return Outcome(difference, (*partial, *failures, *guarded), retracted)

    def _listing(self, crawler: Crawler) -> Listing:
        try:
            return crawler.listing()
        except BifrostError:
            raise
        except Exception as error:
            raise ConnectorFailed(self.source.name, f"{type(error).__name__}: {error}") from error

    def _settle_rejects(self, listing: Listing, comparison: Comparison) -> frozenset[str]:
        """Note what the listing could not show, clear what it disproves, and give the items with rejects left."""
        catalog, name = self.project.catalog, self.source.name
        before = [reject for reject in catalog.rejects(name) if reject.stage == STAGE]
        troubles = {**listing.skipped, **listing.failed_scopes}
        catalog.reject(STAGE, name, [self._reject(key, reason) for key, reason in sorted(troubles.items())])
        there = {item.key for item in listing.items}
        healed = {reject.item for reject in before if not reject.place} & set(comparison.unchanged)
        vanished = {reject.item for reject in before if listing.complete and reject.item not in there}
        for key in sorted(healed | vanished):
            catalog.reject(STAGE, f"{name}/{key}", ())
        return frozenset(reject.item for reject in before) - healed - vanished

    def _fetch(
        self, crawler: Crawler, comparison: Comparison, contents: dict[str, str], rejected: frozenset[str]
    ) -> tuple[Difference, tuple[str, ...]]:
        todo = (*comparison.new, *comparison.changed)
        ended: list[Fetched] = []
        failures: tuple[str, ...] = ()
        with self.progress.task(f"crawl {self.source.name}", total=len(todo)) as task:
            try:
                for fetched in Fetching(self.project, crawler, rejected).run(todo, task):
                    ended.append(fetched)  # one by one: what came before a failure counts
            except StorageFull:
                raise
            except BifrostError as error:
                failures = (self._sentence(error),)
        return _difference(comparison, ended, contents), failures

    def _retract(self, comparison: Comparison) -> tuple[int, tuple[str, ...]]:
        if not self.scope.confirm_retraction:
            try:
                guard(comparison, self.project.settings.retraction_guard)
            except RetractionGuarded as error:
                return 0, (self._sentence(error),)
        self.project.catalog.retract_items(self.source.name, comparison.gone)
        return len(comparison.gone), ()

    def _partial(self, listing: Listing) -> tuple[str, ...]:
        scopes = sorted(listing.failed_scopes.items())
        if not scopes:
            return ()
        shown = "; ".join(f"{scope}: {reason}" for scope, reason in scopes[:3])
        more = f" and {len(scopes) - 3} more" if len(scopes) > 3 else ""
        text = f"source {self.source.name!r} could be listed in part only ({shown}{more}); nothing was retracted"
        return (self.project.secrets.mask(text),)

    def _reject(self, key: str, reason: str) -> Reject:
        return Reject(self.source.name, key, "", STAGE, self.project.secrets.mask(reason))

    def _sentence(self, error: BifrostError) -> str:
        return self.project.secrets.mask(str(error))


def _covered(project: Project, scope: Scope) -> list[Source]:
    if scope.sources:
        return [project.catalog.source(name) for name in dict.fromkeys(scope.sources)]
    return [source for source in project.catalog.sources() if not source.paused]


def _difference(comparison: Comparison, ended: Iterable[Fetched], before: dict[str, str]) -> Difference:
    """Say what really changed: an item read again with the same content did not."""
    staged = {each.item.key: each.staged.content for each in ended if each.staged}
    changed = sorted(key for key, content in staged.items() if key in before and before[key] != content)
    same = sum(1 for key, content in staged.items() if before.get(key) == content)
    return Difference(
        source=comparison.source,
        added=tuple(sorted(staged.keys() - before.keys())),
        changed=tuple(changed),
        gone=comparison.gone,
        unchanged=len(comparison.unchanged) + same,
    )


def _counts(project: Project, sources: Iterable[Source], outcomes: Iterable[Outcome]) -> dict[str, int]:
    names = [source.name for source in sources]
    ended = list(outcomes)
    return {
        "sources": len(names),
        "items": sum(len(project.catalog.items(name)) for name in names),
        "added": sum(len(outcome.difference.added) for outcome in ended),
        "changed": sum(len(outcome.difference.changed) for outcome in ended),
        "gone": sum(outcome.retracted for outcome in ended),
        "unchanged": sum(outcome.difference.unchanged for outcome in ended),
        "rejected": sum(reject.stage == STAGE for name in names for reject in project.catalog.rejects(name)),
    }
