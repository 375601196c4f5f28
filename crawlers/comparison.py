"""What changed at a source: its listing against what is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bifrost.errors import RetractionGuarded
from bifrost.model import Difference, Item, StagedItem
from bifrost.ports import Listing
from bifrost.staging import Staging


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

    def difference(self) -> Difference:
        """Give what a dry run reports: an item counts as changed when its fingerprint did."""
        return Difference(
            source=self.source,
            added=tuple(item.key for item in self.new),
            changed=tuple(item.key for item in self.changed),
            gone=self.gone,
            unchanged=len(self.unchanged),
        )


def compare(source: str, listing: Listing, known: Sequence[StagedItem], staging: Staging) -> Comparison:
    """Compare fingerprints; an item whose content staging has lost counts as changed."""
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
    return Comparison(source, len(before), tuple(new), tuple(changed), tuple(unchanged), _gone(listing, before))


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


def _gone(listing: Listing, known: Iterable[str]) -> tuple[str, ...]:
    if not listing.complete:
        return ()
    there = {item.key for item in listing.items} | listing.skipped.keys()
    return tuple(sorted(key for key in known if key not in there))


def _is_same(item: Item, staged: StagedItem) -> bool:
    before = staged.item
    return (item.fingerprint, item.kind, item.primary_key) == (before.fingerprint, before.kind, before.primary_key)
