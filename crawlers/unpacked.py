"""What a staged file contains, staged as items of their own: archives in archives, messages in mailboxes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bifrost.model import Item, ItemKind, StagedItem
from bifrost.staging import Staging
from crawlers.containers import Limits, Member, Refused, Unpackable, unpack

INSIDE = "!/"
"""Stands between the key of a container and the name of a member."""
_DEEPEST = 3
"""An archive in an archive in an archive is opened, and no deeper."""


@dataclass(slots=True)
class Unpacked:
    """The members of one listed file, and what could not be unpacked."""

    staging: Staging
    item: Item
    """As the source listed it: its members live and go with it."""
    selection: str
    members: dict[str, StagedItem] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """(place within the file, reason)"""
    whole: bool = True
    """False when there may be more members than were seen: those that are known are not gone then."""
    unread: list[str] = field(default_factory=list)
    """Keys of members that are there and could not be read."""

    def take(self, digest: str) -> ItemKind:
        """Stage everything in a staged file, and tell what the file itself is."""
        return self._open(digest, self.item.key, depth=0)

    def keep(self, known: Mapping[str, StagedItem]) -> None:
        """Keep known members of which nothing proves that they are gone."""
        kept = {key: each for key, each in known.items() if not self.whole or self._is_unread(key)}
        self.members = {**kept, **self.members}

    def _is_unread(self, key: str) -> bool:
        return any(key == each or key.startswith(each + INSIDE) for each in self.unread)

    def _open(self, digest: str, key: str, depth: int) -> ItemKind:
        try:
            found = unpack(self.staging.path(digest), key, Limits())
        except Unpackable as error:
            self._leave_out(key, "", error.reason)
            self._miss(key)
            return ItemKind.CONTAINER
        if found is None:
            return ItemKind.FILE
        try:
            if depth == _DEEPEST:
                self._leave_out(key, "", f"it lies in {_DEEPEST} archives one in the other: deeper ones are not opened")
                return ItemKind.CONTAINER if found.is_pack else ItemKind.FILE
            for piece in found:
                if isinstance(piece, Refused):
                    self._leave_out(key, piece.name, piece.reason)
                    self._miss(key if piece.rest else f"{key}{INSIDE}{piece.name}")
                else:
                    self._stage(piece, key, depth)
        finally:
            found.close()
        return ItemKind.CONTAINER if found.is_pack else ItemKind.FILE

    def _stage(self, member: Member, container: str, depth: int) -> None:
        key = f"{container}{INSIDE}{member.name}"
        try:
            stored = self.staging.put_bytes(member.chunks)
        except Unpackable as error:
            self._leave_out(container, member.name, error.reason)
            self._miss(key)
            return
        kind = self._open(stored.digest, key, depth + 1)
        item = Item(self.item.source, key, kind, self.item.fingerprint, stored.size_bytes, container=self.item.key)
        self.members[key] = StagedItem(item, stored.digest, None, self.selection)

    def _miss(self, key: str) -> None:
        if key == self.item.key:
            self.whole = False
        self.unread.append(key)

    def _leave_out(self, container: str, name: str, reason: str) -> None:
        place = f"{container}{INSIDE}{name}" if name else container
        self.left_out.append((place.removeprefix(self.item.key).removeprefix(INSIDE), reason))
