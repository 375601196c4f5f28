"""Large tables that are read in parts: each part is remembered, so that a killed crawl goes on where it was."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import cast

from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from bifrost.ports import Crawler, PartedCrawler
from bifrost.project import Project
from crawlers.contents import STAGE, Contents, Fetched, StagedPart

_BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class PartedTable:
    """A table whose parts are being read, perhaps since an earlier run."""

    item: Item
    """As it was listed when its first part was read: what changed since then is still to be found."""
    parts: tuple[str, ...]

    @property
    def unit(self) -> str:
        """Name its checkpoint."""
        return _unit(self.item)

    def unit_of(self, number: int) -> str:
        """Name the checkpoint of a part."""
        return f"{self.unit}{number}"


def parted_tables(project: Project, crawler: Crawler, new: Iterable[Item]) -> tuple[PartedTable, ...]:
    """Find the new tables that are read in parts: those that a run left unfinished, and large ones."""
    if not crawler.capabilities.parts:
        return ()
    found = (_begun(project, item, crawler) or _cut(project, item, crawler) for item in new)
    return tuple(table for table in found if table)


def read_part(project: Project, contents: Contents, table: PartedTable, number: int) -> None:
    """Read a part unless it was read before."""
    if _finished(project, table, number) is None:
        part = contents.read_part(table.item, table.parts[number])
        project.catalog.finish_unit(STAGE, table.unit_of(number), _given(table), part.store(project.staging))


def join(project: Project, contents: Contents, table: PartedTable) -> Fetched | None:
    """Make the table of its parts; None while one is missing."""
    parts = [_finished(project, table, number) for number in range(len(table.parts))]
    finished = [part for part in parts if part is not None]
    return contents.joined(table.item, finished) if len(finished) == len(parts) else None


def forget(project: Project, table: PartedTable) -> None:
    """Forget the parts of a table that is staged as a whole."""
    units = [table.unit, *(table.unit_of(number) for number in range(len(table.parts)))]
    project.catalog.drop_checkpoints(STAGE, units)


def _begun(project: Project, item: Item, crawler: Crawler) -> PartedTable | None:
    digest = project.catalog.checkpoint(STAGE, _unit(item), _BEGUN)
    if digest is None or not project.staging.has(digest):
        return None
    value = project.staging.json(digest)
    table = PartedTable(Item.from_json(value["item"]), tuple(value["parts"]))
    began = table.item
    same_rows = (began.row_filter, began.primary_key) == (item.row_filter, item.primary_key)
    # Parts of different moments are one table only if what changed in between can be found.
    if same_rows and (crawler.capabilities.changes or began.fingerprint == item.fingerprint):
        return table
    forget(project, table)
    return None


def _cut(project: Project, item: Item, crawler: Crawler) -> PartedTable | None:
    if item.kind is not ItemKind.TABLE:
        return None
    try:
        parts = tuple(cast(PartedCrawler, crawler).parts(item))
    except ItemUnreadable:
        return None  # reading it as a whole says why
    if len(parts) < 2:
        return None
    table = PartedTable(item, parts)
    digest = project.staging.put_json({"item": asdict(item), "parts": parts})
    project.catalog.finish_unit(STAGE, table.unit, _BEGUN, digest)
    return table


def _finished(project: Project, table: PartedTable, number: int) -> StagedPart | None:
    output = project.catalog.checkpoint(STAGE, table.unit_of(number), _given(table))
    if output is None or not project.staging.has(output):
        return None
    part = StagedPart.load(project.staging, output)
    return part if project.staging.has(part.digest) else None


def _given(table: PartedTable) -> str:
    return table.item.fingerprint


def _unit(item: Item) -> str:
    # Not the unit of the item, under which its rejects are kept.
    return f"{item.source}/{item.key}#"
