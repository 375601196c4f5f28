"""An iCalendar file (RFC 5545) as a table of events."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from bifrost.config import Strict
from bifrost.errors import ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Capabilities, Listing, Rows
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows

EVENTS = "events"
SCHEMA = pa.schema(
    [("uid", pa.string()), ("summary", pa.string()), ("location", pa.string()), ("starts", pa.timestamp("s"))]
)
_FORMS = ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d")
_ESCAPES = (("\\n", "\n"), ("\\N", "\n"), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\"))


class CalendarConfig(Strict):
    """Where the calendar is."""

    # Of a setting that is called `path`, Bifrost makes an absolute path.
    path: str = Field(description="the .ics file, relative to the project's home")


class CalendarCrawler:
    """Reads the events of one calendar."""

    kind: ClassVar[str] = "calendar"
    capabilities: ClassVar[Capabilities] = Capabilities(tables=True, incremental=True, selection=("path",))
    Config: ClassVar[type[CalendarConfig]] = CalendarConfig

    def __init__(self, name: str, config: CalendarConfig, secrets: Secrets) -> None:
        self.name, self.path = name, Path(config.path)

    def check(self) -> str:
        """Say how many events there are."""
        return f"{len(self._events())} events in {self.path.name}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List the one table; the file's state tells whether it changed."""
        with self._answering():
            state = self.path.stat()
        fingerprint = f"{state.st_size}-{state.st_mtime_ns}-{state.st_ino}"
        return Listing((Item(self.name, EVENTS, ItemKind.TABLE, fingerprint, primary_key=("uid",)),), {})

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows:
        """Read the events; what cannot be read of them becomes rejects."""
        if item.key != EVENTS:
            raise ItemUnreadable(self.name, item.key, "a calendar has only events")
        rejects: list[tuple[str, str]] = []
        rows = [row for event in self._events() if (row := _row(event, rejects))]
        batch = pa.RecordBatch.from_pylist(rows, SCHEMA)
        return Rows(pa.RecordBatchReader.from_batches(SCHEMA, [batch]), rejects)

    def preview(self, item: Item, limit: int = 10) -> pa.Table:
        """Read a few events."""
        return self.fetch(item).batches.read_all().slice(0, limit)

    def _events(self) -> list[dict[str, str]]:
        with self._answering():
            lines = _unfolded(self.path.read_text("utf-8", "replace"))
        if lines[:1] != ["BEGIN:VCALENDAR"] or lines[-1:] != ["END:VCALENDAR"]:
            # Half a calendar must not look like a calendar with fewer events.
            raise SourceDamaged(self.name, f"{self.path.name} is no whole calendar")
        return list(_components(lines, "VEVENT"))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SourceRefused(self.name, f"the file {self.path} may not be read") from error
        except OSError as error:
            raise SourceUnreachable(self.name, f"the file {self.path}: {error.strerror}") from error


def _unfolded(text: str) -> list[str]:
    """Split into lines; one that begins with a space goes on with the one before (section 3.1)."""
    return text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "").strip().split("\n")


def _components(lines: list[str], kind: str) -> Iterator[dict[str, str]]:
    """Give the properties of each component of a kind, without their parameters."""
    found: dict[str, str] | None = None
    for line in lines:
        if line == f"BEGIN:{kind}":
            found = {}
        elif line == f"END:{kind}" and found is not None:
            yield found
            found = None
        elif found is not None:
            name, _, value = line.partition(":")
            found.setdefault(name.partition(";")[0].upper(), value)


def _row(event: dict[str, str], rejects: list[tuple[str, str]]) -> dict[str, object] | None:
    uid = event.get("UID", "")
    if not uid or "RECURRENCE-ID" in event:
        rejects.append((uid, "left out: an exception of a repeated event" if uid else "left out: an event without UID"))
        return None
    starts = _moment(event.get("DTSTART", ""))
    if starts is None:
        rejects.append((f"{uid}, starts", "no date or time"))
    return {
        "uid": uid,
        "summary": _text(event.get("SUMMARY")),
        "location": _text(event.get("LOCATION")),
        "starts": starts,
    }


def _text(value: str | None) -> str | None:
    for escape, character in _ESCAPES:
        value = value and value.replace(escape, character)
    return value


def _moment(value: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(value, form)  # in the calendar's own time
        except ValueError:
            continue
    return None
