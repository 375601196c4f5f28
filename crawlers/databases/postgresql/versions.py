"""What tells that a PostgreSQL table changed: the transactions that the server has seen, and who wrote each row.

Every row keeps the number of the transaction that wrote it (`xmin`). A snapshot names all transactions that could have
been unfinished or yet to come (from its own `xmin` on), so a later sync finds every row written since by that number:
no column for it has to be kept by the application. Deleted rows are told by the number of rows.
"""

import json
from dataclasses import asdict, dataclass

from crawlers.databases.postgresql.session import Session

_HALF_OF_THE_NUMBERS = 2**31
"""Numbers of transactions are 32 bits in a row, and compared around the circle."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the life of one server."""

    server: str
    """Changes when the data is another server's, or that of a replica which took over."""
    snapshot: str

    @property
    def oldest(self) -> int:
        """Give the number of the oldest transaction that may still have been writing."""
        return int(self.snapshot.split(":")[0])

    @property
    def next(self) -> int:
        """Give the first number that no transaction had yet."""
        return int(self.snapshot.split(":")[1])


@dataclass(frozen=True, slots=True)
class Version:
    """The state of a table, as its fingerprint tells it."""

    reading: int
    shape: str
    rows: int
    digest: str = ""
    """Of all rows, where nothing else tells that one changed."""
    moment: Moment | None = None

    def text(self) -> str:
        """Write it as a fingerprint."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def parse(cls, fingerprint: str) -> "Version | None":
        """Read a fingerprint; None for one that is older than this way to write them."""
        try:
            value = json.loads(fingerprint)
            moment = value["moment"] and Moment(**value["moment"])
            return cls(**{**value, "moment": moment})
        except (ValueError, TypeError, KeyError):
            return None


def now(session: Session) -> Moment:
    """Tell the present moment."""
    server, snapshot = session.rows(_MOMENT)[0]
    return Moment(server, snapshot)


def written_since(before: Moment, after: Moment) -> str | None:
    """Give the condition that rows written since a moment meet; None when that can no longer be told."""
    same = before.server == after.server and before.oldest <= after.next
    if not same or after.next - before.oldest >= _HALF_OF_THE_NUMBERS:
        return None
    return f"age(xmin) <= age('{before.oldest % 2**32}'::xid)"


_MOMENT = """
SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || (SELECT timeline_id FROM pg_control_checkpoint()),
       pg_current_snapshot()::text
"""
