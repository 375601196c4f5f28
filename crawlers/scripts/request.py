"""What a script is asked: the verb and the key as arguments, all that is private on standard input."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bifrost.model import Item

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class Request:
    """One question."""

    verb: str
    item: Item | None = None
    since: str | None = None
    """The script's own fingerprint of what is known of a table."""

    def arguments(self) -> list[str]:
        """Give what is added to the command; everybody on the machine can read it there."""
        return [self.verb, self.item.key] if self.item else [self.verb]

    def text(self, home: Path, settings: Mapping[str, str | int | float | bool]) -> bytes:
        """Give the line for standard input."""
        asked = {"protocol": PROTOCOL, "verb": self.verb, "home": str(home), "settings": settings}
        if self.item:
            asked |= {"key": self.item.key, "kind": self.item.kind.value}
        if self.since is not None:
            asked |= {"since": self.since}
        return json.dumps(asked).encode() + b"\n"
