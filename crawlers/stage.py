"""The crawl stage: every source's listing is compared with what is known, and only what changed is fetched."""

from collections.abc import Sequence
from typing import ClassVar

from bifrost.model import Crawled, Source, StageReport
from bifrost.ports import Progress, Scope
from bifrost.project import Project
from crawlers.contents import STAGE
from crawlers.source_crawl import SourceCrawl

__all__ = ["CrawlStage", "SourceCrawl"]


class CrawlStage:
    """Brings new and changed items into staging, and retracts what is proven to be gone."""

    name: ClassVar[str] = STAGE

    def run(self, project: Project, scope: Scope, progress: Progress) -> StageReport:
        """Crawl the sources in scope; a source that fails is reported, and keeps all that is known about it."""
        ended = [SourceCrawl(project, source, scope, progress).run() for source in _covered(project, scope)]
        crawled = tuple(each for each, _ in ended)
        return StageReport(
            stage=STAGE,
            counts=_counts(crawled),
            failures=tuple(failure for each in crawled for failure in each.failures),
            differences=tuple(difference for _, difference in ended),
            crawled=crawled,
        )


def _covered(project: Project, scope: Scope) -> list[Source]:
    if scope.sources:
        return [project.catalog.source(name) for name in dict.fromkeys(scope.sources)]
    return [source for source in project.catalog.sources() if not source.paused]


def _counts(crawled: Sequence[Crawled]) -> dict[str, int]:
    names = ("items", "added", "changed", "gone", "unchanged", "unselected", "rejected")
    return {"sources": len(crawled), **{name: sum(each.counts.get(name, 0) for each in crawled) for name in names}}
