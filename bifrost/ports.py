"""The ports: what a connector, an extractor, an annotator, a stage and a store must be able to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Protocol

import pyarrow as pa

from bifrost.model import Item, Mention, StageReport

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bifrost.config import Extraction
    from bifrost.project import Project
    from bifrost.secrets import Secrets
    from bifrost.snapshots import ChangeSet
    from bifrost.staged_rows import StagedRows


# ---- crawl -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds. Only a listing without failed scopes proves that something is gone."""

    items: tuple[Item, ...]
    failed_scopes: Mapping[str, str]
    """Scope (a folder, a schema) -> reason; empty means that the listing is complete."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Key -> reason of items that are there and were not listed (a forbidden table, a link that leads out).
    The listing stays complete: what is known about them is kept, and their reason becomes a reject."""

    @property
    def complete(self) -> bool:
        """Tell whether what is missing here is really gone."""
        return not self.failed_scopes


@dataclass(frozen=True, slots=True)
class Rows:
    """The content of a table item."""

    batches: pa.RecordBatchReader
    """May have a column `bifrost.schemas.VERSION` that sums each row up; see `Changes`."""
    rejects: Sequence[tuple[str, str]] = ()
    """(place, reason) of what is left out, such as a column of binary values; read it after the batches."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different in a table from what is staged of it. Only for tables with a primary key."""

    rows: Rows
    """New and changed rows, in the columns and types that are staged; each replaces the row of the same key."""
    gone: pa.RecordBatchReader | None = None
    """Keys (the columns of the primary key) of rows that are no longer there; read after `rows`."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """The content of a file item; the receiver closes the stream."""

    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of source can do, as data."""

    tables: bool = False
    files: bool = False
    incremental: bool = False
    """True when an unchanged item is recognised without reading it."""
    changes: bool = False
    """True when `fetch` can give the changes of a table instead of all its rows."""
    parts: bool = False
    """True for a `PartedCrawler`."""
    records: bool = False
    """True for a `RecordCrawler`."""
    selection: tuple[str, ...] | None = None
    """Names of the settings that choose what is listed; None takes all settings for such."""


NOTHING_KNOWN: Mapping[str, Item] = MappingProxyType({})


class Crawler(Protocol):
    """A connected source, read-only by construction. `fetch` may be called from several threads.

    Every method raises SourceUnreachable (retry), or SourceRefused or SourceDamaged (do not); `fetch` raises
    ItemUnreadable for a fault of one item, also while its content is being read.
    """

    kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    Config: ClassVar[type["BaseModel"]]

    def __init__(self, name: str, config: Any, secrets: "Secrets") -> None: ...

    def check(self) -> str:
        """Connect, and say in one line what answered."""
        ...

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List every item with its fingerprint, without reading contents where that can be avoided.

        `known` holds the items as they were staged, by key. A crawler whose fingerprints say more than that an item
        changed may give a known item back as it is, where it can prove that nothing changed since.
        """
        ...

    def fetch(self, item: Item, known: "StagedRows | None" = None) -> Rows | Bytes | Changes:
        """Open the content of one listed item.

        `known` is what is staged of a table, if anything is. A crawler that can tells what changed since; the others
        take no notice.
        """
        ...

    def preview(self, item: Item, limit: int = 10) -> pa.Table | bytes:
        """Read a few rows, or the first bytes of a file."""
        ...


class PartedCrawler(Crawler, Protocol):
    """A crawler that reads a large table in parts, so that a killed crawl goes on where it was."""

    def parts(self, item: Item) -> Sequence[str]:
        """Cut a table into ranges of its key, as texts that only this crawler reads; one part or none for a small one.

        The same ranges hold every row whose key does not change, whenever they are read.
        """
        ...

    def fetch_part(self, item: Item, part: str) -> Rows:
        """Open one part; all parts of a table have the same columns and types."""
        ...


class RecordCrawler(Crawler, Protocol):
    """A crawler that can read single records, with the fields that are left at the source."""

    def record(self, item: Item, key: Sequence[str]) -> pa.Table:
        """Read the rows (none or one) whose primary key has these values, written as text; all fields that are wanted.

        Raises:
            ItemUnreadable: the table has no primary key, or cannot be read.
        """
        ...


# ---- extract ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table or form found in a file: columns are fields, plus `_place` (string), one row per record."""

    name: str
    """What to call it if it stands alone: the sheet's name, the file's stem, "form", "table"."""
    rows: pa.Table | pa.RecordBatchReader
    """A reader where the table may be larger than memory; it is read once."""
    kind: str = "table"
    """"table", "form" (label-value pairs: one record) or "picture" (what is known of a picture: one record)."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What an extractor found in one file. Partial success is a value: see `rejects`."""

    media_type: str
    title: str = ""
    pages: int = 0
    tables: tuple[FoundTable, ...] = ()
    blocks: pa.Table | None = None
    """Follows `bifrost.schemas.BLOCKS`."""
    rejects: tuple[tuple[str, str], ...] = ()
    """(place, reason) of the parts that could not be read."""


class Extractor(Protocol):
    """Reads one type of file. Runs in a worker process with limits; raises ItemUnreadable."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Part of every checkpoint: raise it whenever the output for the same file may differ."""

    def __init__(self, settings: "Extraction", cache: Path) -> None:
        """Take the settings, and a folder for results that may be deleted at any time."""
        ...

    def accepts(self, item: Item, head: bytes) -> bool:
        """Decide from the name and the first 4,096 bytes; content wins over the name."""
        ...

    def extract(self, item: Item, file: Path) -> Extract:
        """Read the whole file."""
        ...


class Annotator(Protocol):
    """Finds mentions (names, identifiers) in texts."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Part of every checkpoint: raise it whenever the mentions of the same text may differ."""

    def __init__(self, settings: "Extraction") -> None: ...

    def annotate(self, texts: list[str]) -> Iterator[list[Mention]]:
        """Give the mentions of each text, in order."""
        ...


# ---- stages ----------------------------------------------------------------------------------------------------


class Task(Protocol):
    """A piece of long work that shows how far it is."""

    def advance(self, steps: int = 1) -> None:
        """Say that this many steps are done."""
        ...


class Progress(Protocol):
    """Where stages show progress: bars on a terminal, lines in a log, nothing in a test."""

    def task(self, name: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Open a task of `total` steps, or of unknown length."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run covers."""

    sources: tuple[str, ...] = ()
    """Names of sources to crawl; empty means all that are not paused."""
    dry_run: bool = False
    confirm_retraction: bool = False
    """Let a crawl retract more than the guard allows."""
    retract_unselected: bool = False
    """Also retract what the source's settings no longer choose."""


class Stage(Protocol):
    """A step from batches to batches; finished units are remembered in `project.catalog` and never redone."""

    name: ClassVar[str]

    def run(self, project: "Project", scope: Scope, progress: Progress) -> StageReport:
        """Do what is not done yet; failures of single units are reported, not raised."""
        ...


# ---- publish ---------------------------------------------------------------------------------------------------


class Projection(Protocol):
    """A store fed from change sets. Applying the same change set twice leaves the same store.

    `apply` stores `changes.target` as the cursor after everything else is durable, so that a killed
    writer applies the same change set again.
    """

    name: ClassVar[str]

    def __init__(self, project: "Project") -> None: ...

    def cursor(self) -> str | None:
        """Give the digest of the snapshot that the store shows, or None when it is empty."""
        ...

    def apply(self, changes: "ChangeSet") -> None:
        """Bring the store from `changes.origin` to `changes.target`."""
        ...

    def clear(self) -> None:
        """Empty the store; the next publish rebuilds it from nothing."""
        ...

    def close(self) -> None:
        """Release locks and files."""
        ...


# ---- text ------------------------------------------------------------------------------------------------------


class TextEncoder(Protocol):
    """Texts to unit vectors of float32, shape (len(texts), dimensions)."""

    dimensions: int

    def __call__(self, texts: Iterable[str]) -> Any: ...


Service = Callable[..., Any]
"""A function of an upper room that the command line calls by name (sparql, search, graphql, serve)."""
