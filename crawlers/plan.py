"""What the crawl of one source has to do: decided once from its listing, then done batch by batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bifrost.digests import digest_of
from bifrost.errors import BifrostError, ConnectorFailed
from bifrost.model import Item, ItemKind, Source, StagedItem
from bifrost.ports import Crawler, Listing
from bifrost.project import Project
from bifrost.staging import Staging
from crawlers.comparison import Comparison, compare
from crawlers.parts import PartedTable, parted_tables

_FILES_PER_BATCH = 500
_BYTES_PER_BATCH = 256 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are fetched together, or a part of one table."""

    items: tuple[Item, ...]
    table: PartedTable | None = None
    part: int = 0


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """The comparison of a source's listing with what is known, and the settings that it was listed under."""

    comparison: Comparison
    selection: str
    failed_scopes: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    parted: tuple[PartedTable, ...] = ()

    @property
    def todo(self) -> tuple[Item, ...]:
        """Give the items to fetch, by key."""
        return (*self.comparison.new, *self.comparison.changed)

    @property
    def complete(self) -> bool:
        """Tell whether the source could be listed as a whole."""
        return not self.failed_scopes

    def batches(self) -> list[Batch]:
        """Cut what is to be fetched: the parts of large tables, tables, and files by number and size."""
        parted = {table.item.key for table in self.parted}
        parts = [Batch((), table, part) for table in self.parted for part in range(len(table.parts))]
        return [*parts, *_batches([item for item in self.todo if item.key not in parted])]

    def store(self, staging: Staging) -> str:
        """Write it to staging, and give the digest that stands for it."""
        return staging.put_json(asdict(self))

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "CrawlPlan":
        """Read what `store` wrote."""
        value = staging.json(digest)
        compared = value["comparison"]
        comparison = Comparison(
            source=compared["source"],
            known=compared["known"],
            new=tuple(map(Item.from_json, compared["new"])),
            changed=tuple(map(Item.from_json, compared["changed"])),
            unchanged=tuple(compared["unchanged"]),
            gone=tuple(compared["gone"]),
            unselected=tuple(compared["unselected"]),
        )
        parted = tuple(PartedTable(Item.from_json(each["item"]), tuple(each["parts"])) for each in value["parted"])
        return cls(comparison, value["selection"], value["failed_scopes"], value["skipped"], parted)


def make_plan(
    project: Project, source: Source, crawler: Crawler, staged: Iterable[StagedItem], *, cut: bool = True
) -> CrawlPlan:
    """List the source, and compare it with what is staged of it.

    With `cut`, large new tables are cut into parts, which is remembered.

    Raises:
        SourceUnreachable, SourceRefused, SourceDamaged: it could not be listed; nothing is known about it.
        ConnectorFailed: its connector broke off with an error of its own.
    """
    # Members of containers are no business of the connector, which lists only the containers.
    known = [each for each in staged if not each.item.container]
    listing = _listing(crawler, source.name, {each.item.key: each.item for each in known})
    selection = selection_digest(source, crawler)
    comparison = compare(source.name, listing, known, project.staging, selection=selection)
    parted = parted_tables(project, crawler, comparison.new) if cut else ()
    # Masked here, since the plan is staged, and its reasons are kept with the crawl.
    failed, skipped = (
        {key: project.secrets.mask(reason) for key, reason in reasons.items()}
        for reasons in (listing.failed_scopes, listing.skipped)
    )
    return CrawlPlan(comparison, selection, failed, skipped, parted)


def selection_digest(source: Source, crawler: Crawler) -> str:
    """Digest the settings that choose what is listed."""
    chosen = crawler.capabilities.selection
    config = source.config if chosen is None else {name: source.config.get(name) for name in chosen}
    return digest_of(dict(config))


def _listing(crawler: Crawler, source: str, known: Mapping[str, Item]) -> Listing:
    try:
        return crawler.listing(known)
    except BifrostError:
        raise
    except Exception as error:
        raise ConnectorFailed(source, f"{type(error).__name__}: {error}") from error


def _batches(items: Sequence[Item]) -> Iterator[Batch]:
    files: list[Item] = []
    size = 0
    for item in items:
        if item.kind is ItemKind.TABLE:
            yield Batch((item,))
            continue
        files.append(item)
        size += item.size_bytes or 0
        if len(files) >= _FILES_PER_BATCH or size >= _BYTES_PER_BATCH:
            yield Batch(tuple(files))
            files, size = [], 0
    if files:
        yield Batch(tuple(files))
