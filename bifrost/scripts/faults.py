"""What can be wrong with a script's answer, and what it says about the source."""

import re
from collections.abc import Callable
from enum import StrEnum

from bifrost.errors import (
    BifrostError,
    ConnectorFailed,
    ItemUnreadable,
    SourceDamaged,
    SourceRefused,
    SourceUnreachable,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST_REASON = 400


class Blame(StrEnum):
    """Whose fault it is."""

    AWAY = "away"
    """The script says that the source does not answer."""
    REFUSED = "refused"
    """The script says that the source does not let it in."""
    REPORTED = "reported"
    """The script says that something else is wrong."""
    SCRIPT = "script"
    """The script broke off, broke a limit, or broke the protocol."""


class ScriptFault(BifrostError):
    """An answer that cannot be used; becomes an error of the source or of the item that was asked for."""

    def __init__(self, reason: str, blame: Blame = Blame.SCRIPT, *, retryable: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.blame, self.retryable = reason, blame, retryable

    def masked(self, mask: Callable[[str], str]) -> "ScriptFault":
        """Hide secrets in it for good: it stays behind as the context of the error that it becomes."""
        self.reason = plain(mask(self.reason))
        self.args = (self.reason,)
        return self


def source_error(source: str, fault: ScriptFault) -> BifrostError:
    """Say what a fault means for the source as a whole."""
    reason = fault.reason
    if fault.blame is Blame.AWAY or fault.retryable:
        return SourceUnreachable(source, reason)
    if fault.blame is Blame.REFUSED:
        return SourceRefused(source, reason)
    if fault.blame is Blame.REPORTED:
        return SourceDamaged(source, reason)
    return ConnectorFailed(source, f"an answer that cannot be used: {reason}")


def item_error(source: str, item: str, fault: ScriptFault) -> BifrostError:
    """Say what a fault means for one item, unless the script says that it is the source's."""
    if fault.blame in (Blame.AWAY, Blame.REFUSED):
        return source_error(source, fault)
    return ItemUnreadable(source, item, fault.reason, retryable=fault.retryable)


def plain(text: str) -> str:
    """Make one readable line of whatever a script says. Secrets must be masked before: it cuts."""
    line = _CONTROL.sub(" ", text).strip()
    return line if len(line) <= _LONGEST_REASON else line[:_LONGEST_REASON] + "..."
