"""Delimited text (CSV and its relatives) to a table; rows that do not fit become rejects."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import numpy as np
import pyarrow as pa

from bifrost.config import Extraction
from bifrost.engine import identifier
from bifrost.errors import ItemUnreadable
from bifrost.model import Item
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import PLACE
from extractors.encoding import as_utf8
from extractors.file_types import HEAD_BYTES, is_object, is_text, stem, suffix
from extractors.tables.dialect import Dialect, is_regular, sniff
from extractors.tables.scratch import connect
from extractors.tables.value_types import cast, value_types

_NAMED = (".csv", ".tsv", ".tab", ".psv")
_MAYBE = (".txt", ".dat", ".asc", "")
_SAMPLE_CHARACTERS = 1 << 18
_BATCH_ROWS = 65_536
_MOST_REJECTS = 1000


class DelimitedExtractor:
    """Reads CSV, TSV and the like in a stream, twice: for the types, then for the rows."""

    name: ClassVar[str] = "delimited"
    version: ClassVar[int] = 1

    def __init__(self, settings: Extraction, cache: Path) -> None:
        self._cache = cache

    def accepts(self, item: Item, head: bytes) -> bool:
        """Take text that is named like a table, or that is one; objects of JSON are none, whatever they are named."""
        if not is_text(head) or is_object(head.split(b"\n")[0]):
            return False
        ending = suffix(item.key)
        text = head.decode("utf-8", errors="replace")
        return ending in _NAMED or (ending in _MAYBE and is_regular(text, cut=len(head) >= HEAD_BYTES))

    def extract(self, item: Item, file: Path) -> Extract:
        """Find dialect, types and rejects; the rows are read when the table is."""
        stack = ExitStack()
        text = stack.enter_context(as_utf8(file, self._cache / "scratch"))
        dialect = _dialect(item, text)
        connection = connect(self._cache)
        scan = _scan(text, dialect)
        try:
            types = value_types(connection, scan, list(dialect.names))
        except duckdb.Error as error:
            raise ItemUnreadable(item.source, item.key, _first_line(error)) from error
        rejected = _rejected(connection)
        reader = _rows(connection, scan, types, np.array([line for line, _ in rejected]) - dialect.skip, stack)
        return Extract(
            media_type="text/csv",
            tables=(FoundTable(stem(item.key), reader),),
            rejects=_preamble(dialect) + _described(rejected),
        )


def _dialect(item: Item, text: Path) -> Dialect:
    with text.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        sample = stream.read(_SAMPLE_CHARACTERS)
        dialect = sniff(sample, cut=bool(stream.read(1)))
    if dialect is None:
        raise ItemUnreadable(item.source, item.key, "no rows can be told apart in it")
    return dialect


def _scan(text: Path, dialect: Dialect) -> str:
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in dialect.names)
    return (
        f"read_csv({_literal(str(text))}, auto_detect = false, header = false, skip = {dialect.skip}, "
        f"delim = {_literal(dialect.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"null_padding = false, strict_mode = true, store_rejects = true, max_line_size = 16777216)"
    )


def _rejected(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """Give line and reason of what the scan left out, one for each line."""
    found = connection.execute(
        "SELECT line, min(error_message) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    return [(int(line), _sentence(message)) for line, message in found]


def _rows(
    connection: duckdb.DuckDBPyConnection, scan: str, types: dict[str, str], left_out: Any, stack: ExitStack
) -> pa.RecordBatchReader:
    """Read the typed rows, each with its number in the file, rejected rows counted."""
    selected = ", ".join(f"{cast(column, sql_type)} AS {identifier(column)}" for column, sql_type in types.items())
    source = connection.sql(f"SELECT {selected} FROM {scan}").to_arrow_reader(_BATCH_ROWS)
    schema = pa.schema([pa.field(PLACE, pa.string()), *source.schema])
    # The n-th row that is left is number n plus the rejected rows above it.
    thresholds = left_out - np.arange(len(left_out))

    def batches() -> Iterator[pa.RecordBatch]:
        with stack:
            done = 0
            for batch in source:
                order = np.arange(done + 1, done + batch.num_rows + 1)
                numbers = order + np.searchsorted(thresholds, order, side="right")
                places = pa.array(np.char.add("row ", numbers.astype(str)), pa.string())
                yield pa.RecordBatch.from_arrays([places, *batch.columns], schema=schema)
                done += batch.num_rows

    return pa.RecordBatchReader.from_batches(schema, batches())


def _preamble(dialect: Dialect) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"line {number}", f"line {number} was left out: it stands above the table: {line[:80]}")
        for number, line in enumerate(dialect.preamble, start=1)
    )


def _described(rejected: list[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    shown = tuple((f"line {line}", f"line {line} was left out: {reason}") for line, reason in rejected[:_MOST_REJECTS])
    hidden = len(rejected) - len(shown)
    return (*shown, ("", f"{hidden} more lines do not fit the table")) if hidden else shown


def _sentence(message: str) -> str:
    expected = "Expected Number of Columns: "
    if message.startswith(expected):
        wanted, found = message.removeprefix(expected).split(" Found: ")
        # The engine stops counting at the first column too many.
        return f"it has {f'more than {wanted}' if int(found) > int(wanted) else found} columns instead of {wanted}"
    return message.splitlines()[0].lower()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
