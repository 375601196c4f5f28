"""Tables whose rows the database can hash: it sums a table up by itself, and only keys and hashes tell what changed.

The hash of each staged row is kept beside it in the column `bifrost.schemas.VERSION`.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pyarrow as pa

from bifrost.ports import Changes, Rows
from bifrost.schemas import VERSION
from bifrost.staged_rows import StagedRows
from crawlers.databases.changes.change_columns import LARGEST_SHARE, rows_of_keys
from crawlers.databases.changes.staged_keys import KeyComparison
from crawlers.databases.changes.table_state import TableState
from crawlers.databases.open_readers import closing, closing_on_failure
from crawlers.databases.table_query import Database, ReadColumn, TableQuery

METHOD = "hashes"


def version(hash_expression: str) -> ReadColumn:
    """Read the hash of a row, a whole number of at most 63 bits, beside its values."""
    return ReadColumn(VERSION, hash_expression, hash_expression, pa.int64())


def state(database: Database, table: TableQuery, hash_expression: str, shape: str, touched: str = "") -> TableState:
    """Sum up a table; only the sum leaves the database, whatever order its rows lie in."""
    count, total = database.rows(f"SELECT COUNT(*), SUM({hash_expression}) {table.rows_of()}")[0]
    return TableState(METHOD, shape, int(count), str(int(total or 0)), touched)


def changes(database: Database, table: TableQuery, known: StagedRows, opened: ExitStack) -> Changes | None:
    """Compare the hashes of all rows with the staged ones; None where so much is different that the whole is read.

    Args:
        database: the view of the database that stays the same until `opened` is closed.
        table: its columns, with `version` among them, and their types are those that are staged.
        known: what is staged.
        opened: closed after the last batch of what is gone.
    """
    with ExitStack() as until_clear:
        keys = until_clear.enter_context(KeyComparison(known))
        versions = tuple(column for column in table.columns if column.name == VERSION)
        keys.list_all(database.stream((*table.key_columns, *versions), table.rows_of()))
        if keys.find_different() > LARGEST_SHARE * keys.count_listed():
            return None
        opened.push(until_clear.pop_all())

    def gone() -> Iterator[pa.RecordBatch]:
        yield from keys.gone()

    reader = closing_on_failure(table.schema, rows_of_keys(database, table, keys), opened)
    return Changes(Rows(reader), closing(keys.schema, gone(), opened))
