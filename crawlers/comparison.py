"""What changed at a source: its listing against what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bifrost.errors import RetractionGuarded
from bifrost.model import Difference, Item, ItemKind, StagedItem
from bifrost.ports import Listing
from bifrost.staging import Staging

_FEW_ROWS = 100
"""So many rows of a source may always go."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which items of one source to fetch, to keep, and to retract."""

    source: str
    known: int
    new: tuple[Item, ...]
    changed: tuple[Item, ...]
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]
    """Keys that a complete listing no longer shows; always empty when a part could not be listed."""
    unselected: tuple[str, ...] = ()
    """Keys that were listed under other settings than today's: they may still be there."""

    def difference(self) -> Difference:
        """Give what a dry run reports: an item counts as changed when its fingerprint did."""
        return Difference(
            source=self.source,
            added=tuple(item.key for item in self.new),
            changed=tuple(item.key for item in self.changed),
            gone=self.gone,
            unselected=self.unselected,
            unchanged=len(self.unchanged),
        )


def compare(
    source: str, listing: Listing, known: Sequence[StagedItem], staging: Staging, *, selection: str = ""
) -> Comparison:
    """Compare fingerprints; an item whose content staging has lost counts as changed.

    `known` are the items that the source itself listed, without the members of containers; `selection` is the digest
    of the settings that choose what is listed.
    """
    before = {each.item.key: each for each in known}
    new: list[Item] = []
    changed: list[Item] = []
    unchanged: list[str] = []
    for item in sorted(listing.items, key=lambda item: item.key):
        staged = before.get(item.key)
        if staged is None:
            new.append(item)
        elif _is_same(item, staged) and staging.has(staged.content):
            unchanged.append(item.key)
        else:
            changed.append(item)
    missing = _missing(listing, before)
    gone = tuple(key for key in missing if before[key].selection in ("", selection))
    unselected = tuple(key for key in missing if before[key].selection not in ("", selection))
    return Comparison(source, len(before), tuple(new), tuple(changed), tuple(unchanged), gone, unselected)


def guard(comparison: Comparison, share: float) -> None:
    """Refuse a retraction that looks like an accident: a dropped mount, a wrong path, a lost right.

    It may take one item, whatever its share, as long as others stay; more than one up to `share` of what is
    known; and everything only when it is confirmed.

    Raises:
        RetractionGuarded: it would take more.
    """
    gone, known = len(comparison.gone), comparison.known
    is_emptied = gone == known
    is_many = gone > 1 and gone > share * known
    if gone and (is_emptied or is_many) and share < 1:
        raise RetractionGuarded(comparison.source, gone, known, share)


@dataclass(slots=True)
class Guard:
    """Counts what a crawl takes away piece by piece (rows of tables, members of archives), and refuses too much."""

    source: str
    what: str
    known: int
    share: float
    few: int
    """So many may always go."""
    gone: int = 0

    def take(self, gone: int) -> None:
        """Let so many more go.

        Raises:
            RetractionGuarded: with them, more than the share of what the source has would go.
        """
        after = self.gone + gone
        if gone and after > max(self.few, self.share * self.known) and self.share < 1:
            raise RetractionGuarded(self.source, after, self.known, self.share, what=self.what)
        self.gone = after


def row_guard(source: str, known: Iterable[StagedItem], share: float) -> Guard:
    """Guard the rows of all tables of a source."""
    return Guard(source, "rows", sum(each.rows or 0 for each in known), share, few=_FEW_ROWS)


def member_guard(source: str, known: Iterable[StagedItem], share: float) -> Guard:
    """Guard the members of all archives and mailboxes of a source."""
    return Guard(source, "members of archives", sum(bool(each.item.container) for each in known), share, few=1)


def _missing(listing: Listing, known: Mapping[str, StagedItem]) -> tuple[str, ...]:
    if not listing.complete:
        return ()
    there = {item.key for item in listing.items} | listing.skipped.keys()
    return tuple(sorted(key for key in known if key not in there))


def _is_same(item: Item, staged: StagedItem) -> bool:
    before = staged.item
    # That a listed file is a container is known only after it was read.
    same_kind = item.kind is before.kind or (item.kind, before.kind) == (ItemKind.FILE, ItemKind.CONTAINER)
    return same_kind and (item.fingerprint, item.primary_key) == (before.fingerprint, before.primary_key)
