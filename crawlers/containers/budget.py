"""How much of a container was unpacked, against what may be: the guard against decompression bombs."""

from crawlers.containers.members import Limits, Unpackable


class OverLimit(Unpackable):
    """More came out of a container than its limits allow; nothing more is read from it."""


class Budget:
    """Counts members and bytes of one container."""

    def __init__(self, limits: Limits, packed_bytes: int, *, most_members: int) -> None:
        self._limits, self._packed, self._most_members = limits, packed_bytes, most_members
        self._most_bytes = max(limits.most_bytes, packed_bytes)
        self._members = self._bytes = 0

    def count_member(self) -> None:
        """Count one more thing in the container.

        Raises:
            OverLimit: these are too many.
        """
        self._members += 1
        if self._members > self._most_members:
            raise OverLimit(f"it holds more than {self._most_members:,} members")

    def spend(self, count: int) -> None:
        """Count bytes that came out.

        Raises:
            OverLimit: these are too many, in all or for what went in.
        """
        self._bytes += count
        self.allow(self._bytes)

    def allow(self, total: int) -> None:
        """Check a number of bytes against the limits without counting it.

        Raises:
            OverLimit: it is too many, in all or for what went in.
        """
        if total > self._most_bytes:
            raise OverLimit(f"it unpacks to more than {self._most_bytes:,} bytes")
        limits = self._limits
        if total > max(limits.ratio_counts_above_bytes, limits.most_ratio * self._packed):
            raise OverLimit(f"it unpacks to more than {limits.most_ratio:g} times its size, like a decompression bomb")

    def objection(self, size: int | None) -> str:
        """Say why a member of this size would be too much, or give an empty text."""
        try:
            self.allow(self._bytes + (size or 0))
        except OverLimit as error:
            return error.reason
        return ""
