"""A source that a script connects: any executable that lists and fetches as docs/write-a-connector.md says."""

import io
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

import pyarrow as pa
import structlog

from bifrost.errors import SourceDamaged
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Bytes, Capabilities, Changes, Listing, Rows
from bifrost.scripts.child_process import CHUNK_BYTES, Child
from bifrost.scripts.command import NoCommand, command_line, setup_digest
from bifrost.scripts.faults import ScriptFault, item_error, plain, source_error
from bifrost.scripts.last_words import LastWords
from bifrost.scripts.limits import Limits
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.scripts.listing_answer import read_listing
from crawlers.scripts.request import Request
from crawlers.scripts.settings import ScriptConfig
from crawlers.scripts.table_answer import TableAnswer, open_table
from crawlers.scripts.table_columns import Rejects
from crawlers.selection import takes_table

_BATCH_ROWS = 8192
_PREVIEW_BYTES = 4096
_LARGEST_CHECK_MB, _LARGEST_LISTING_MB = 16, 128
"""What is kept whole; `output_mb` may make them smaller."""

log = structlog.get_logger()


class ScriptCrawler:
    """Starts the script anew for every question, and believes only answers that are complete."""

    kind: ClassVar[str] = "script"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True,
        files=True,
        incremental=True,
        changes=True,
        selection=("command", "settings", "environment", "include", "exclude"),
    )
    Config: ClassVar[type[ScriptConfig]] = ScriptConfig

    def __init__(self, name: str, config: ScriptConfig, secrets: Secrets) -> None:
        self.name, self.config, self._secrets = name, config, secrets
        self._home = Path(os.path.abspath(secrets.home))  # noqa: PTH100 - links stay as the project names them

    def check(self) -> str:
        """Give the first line that the script says."""
        with self._source_faults(), closing(self._ask(Request("check"), _LARGEST_CHECK_MB)) as child:
            said = b"".join(iter(child.read, b""))
        lines = self._secrets.mask(said.decode("utf-8", "replace")).strip().splitlines()
        return plain(lines[0]) if lines else "the script ended well and said nothing"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """Take the script's list, whole or not at all."""
        setup = self._setup()

        def fingerprint(said: str) -> str:
            # Without one, nothing is known about changes: a fresh value lets the contents be compared.
            return f"{setup}={said}" if said else f"{setup}?{uuid.uuid4().hex}"

        def takes(key: str) -> bool:
            return takes_table(key, self.config.include, self.config.exclude)

        with self._source_faults(), closing(self._ask(Request("list"), _LARGEST_LISTING_MB)) as child:
            return read_listing(child, self.name, fingerprint=fingerprint, takes=takes, mask=self._secrets.mask)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Rows | Bytes | Changes:
        """Open what the script gives: the bytes of a file, the rows of a table, or what changed in it."""
        if item.kind is not ItemKind.TABLE:
            return Bytes(self._file(item))
        child, table = self._open_table(item, self._since(item, known))
        if table.is_changes and known is not None and table.schema != known.schema:
            child.close()
            child, table = self._open_table(item)
        rejects = Rejects(self._secrets.mask)
        reader = pa.RecordBatchReader.from_batches(table.schema, self._batches(item, child, table, rejects))
        if not table.is_changes:
            return Rows(reader, rejects)
        key = pa.schema([table.schema.field(name) for name in item.primary_key])
        return Changes(Rows(reader, rejects), pa.RecordBatchReader.from_batches(key, iter(table.gone())))

    def preview(self, item: Item, limit: int = 10) -> pa.Table | bytes:
        """Read the first rows or bytes, and end the script then."""
        if item.kind is not ItemKind.TABLE:
            with self._file(item) as stream:
                return stream.read(_PREVIEW_BYTES)
        child, table = self._open_table(item, batch_rows=limit)
        batches: list[pa.RecordBatch] = []
        for batch in self._batches(item, child, table, Rejects(self._secrets.mask)):
            batches.append(batch)
            if sum(each.num_rows for each in batches) >= limit:
                break
        child.close()
        return pa.Table.from_batches(batches, schema=table.schema).slice(0, limit)

    def _file(self, item: Item) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Content(self, item, self._ask(Request("fetch", item))), CHUNK_BYTES))

    def _open_table(
        self, item: Item, since: str | None = None, batch_rows: int = _BATCH_ROWS
    ) -> tuple[Child, TableAnswer]:
        child = self._ask(Request("fetch", item, since))
        try:
            with self.item_faults(item):
                table = open_table(child, item.primary_key, batch_rows)
                if table.is_changes and since is None:
                    raise ScriptFault("it gives changes, and was asked for the whole table")
        except BaseException:
            child.close()
            raise
        return child, table

    def _batches(self, item: Item, child: Child, table: TableAnswer, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        with closing(child), self.item_faults(item):
            yield from table.batches(rejects)

    def _since(self, item: Item, known: StagedRows | None) -> str | None:
        """Give the script's own fingerprint of what is staged, if changes since then would do."""
        if known is None or not item.primary_key or known.item.primary_key != item.primary_key:
            return None
        setup, given, said = known.item.fingerprint.partition("=")
        return said if given and setup == self._setup() else None

    def _setup(self) -> str:
        told = [self.config.command, self.config.settings, self.config.environment]
        return setup_digest(self.config.command, self._home, told)

    def _ask(self, request: Request, most_mb: int | None = None) -> Child:
        config, resolve = self.config, self._secrets.resolve
        try:
            command = command_line(config.command, self._home)
        except NoCommand as error:
            raise SourceDamaged(self.name, f"its command cannot be started: {error}") from error
        settings = {name: resolve(each) if isinstance(each, str) else each for name, each in config.settings.items()}
        variables = {name: resolve(each) for name, each in config.environment.items()}
        limits = Limits(
            answer_seconds=config.answer_seconds,
            silence_seconds=config.silence_seconds,
            cpu_seconds=config.cpu_seconds,
            memory_mb=config.memory_mb,
            output_bytes=min(most_mb or config.output_mb, config.output_mb) << 20,
            open_files=config.open_files,
        )
        return Child(
            [*command, *request.arguments()],
            request.text(self._home, settings),
            {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **variables},
            limits,
            LastWords(self._hear),
        )

    def _hear(self, line: str) -> None:
        log.info("script says", source=self.name, line=plain(self._secrets.mask(line)))

    @contextmanager
    def _source_faults(self) -> Iterator[None]:
        try:
            yield
        except ScriptFault as fault:
            raise source_error(self.name, fault.masked(self._secrets.mask)) from None

    @contextmanager
    def item_faults(self, item: Item) -> Iterator[None]:
        """Turn faults of an answer into errors of the item that was asked for."""
        try:
            yield
        except ScriptFault as fault:
            raise item_error(self.name, item.key, fault.masked(self._secrets.mask)) from None


class _Content(io.RawIOBase):
    """The bytes of a file; reading to the end raises unless the script ended well."""

    def __init__(self, crawler: ScriptCrawler, item: Item, child: Child) -> None:
        self._crawler, self._item, self._child = crawler, item, child

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with self._crawler.item_faults(self._item):
            data = self._child.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._child.close()
        super().close()
