"""SQL Server and Oracle: no server of theirs can be had in tests, so what is sent to one is looked at."""

import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Column, MetaData, Table, types
from sqlalchemy.dialects import mssql, oracle
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.schema import CreateTable

from bifrost.config import TableSelection
from bifrost.errors import ConfigInvalid, SourceUnreachable
from bifrost.secrets import Secrets
from crawlers.databases.key_conditions import above, equal_to
from crawlers.databases.table_plan import Planner, Relation, TablePlan
from crawlers.databases.through_sqlalchemy.dialects import MssqlDialect, OracleDialect, PlainDialect
from crawlers.databases.through_sqlalchemy.errors import Fault, fault_of, sentence_of
from crawlers.databases.through_sqlalchemy.kinds import (
    MssqlConfig,
    MssqlCrawler,
    OracleConfig,
    OracleCrawler,
)
from crawlers.databases.through_sqlalchemy.reflected_columns import found_column
from tests.servers.mariadb import CANARY, PASSWORD

SECRET = "BIFROST_TEST_ELSEWHERE"
OVERLAP = timedelta(seconds=300)


def plan(dialect: PlainDialect, backend: DefaultDialect, table: Table, **settings: object) -> TablePlan:
    """Plan a table as if it had been reflected."""
    # What cannot be declared could not be reflected either.
    str(CreateTable(table).compile(dialect=backend))
    quote = backend.identifier_preparer.quote
    columns = [
        found_column(
            {"name": column.name, "type": column.type}, column.name, quote(column.name), dialect, None, OVERLAP
        )
        for column in table.columns
    ]
    relation = Relation("", table.name, table.name, quote(table.name))
    planner = Planner("contract", TableSelection.model_validate(settings), 1, lambda _: "")
    return planner.plan(relation, columns, [column.name for column in table.primary_key])


def test_sql_server_is_asked_in_its_own_words() -> None:
    table = Table(
        "Order",
        MetaData(),
        Column("id", mssql.UNIQUEIDENTIFIER, primary_key=True),
        Column("no", types.BigInteger, primary_key=True),
        Column("flag", mssql.BIT),
        Column("price", mssql.MONEY),
        Column("share", types.Numeric(9, 2)),
        Column("at", mssql.DATETIMEOFFSET),
        Column("local", mssql.DATETIME2),
        Column("day", types.Date),
        Column("photo", mssql.VARBINARY("max")),
        Column("version", mssql.ROWVERSION),
        Column("note", types.Unicode),
    )
    planned = plan(MssqlDialect(10), mssql.dialect(), table, rows={"*": "flag = 1"})
    assert planned.by is not None
    assert (planned.by.name, planned.by.overlap) == ("version", timedelta(0))
    assert [place for place, _ in planned.rejects] == ["photo"]
    assert {column.name: column.type for column in planned.copied.columns} == {
        "id": pa.string(),
        "no": pa.int64(),
        "flag": pa.bool_(),
        "price": pa.string(),
        "share": pa.float64(),
        "at": pa.timestamp("us", "UTC"),
        "local": pa.timestamp("us"),
        "day": pa.date32(),
        "note": pa.string(),
    }
    dialect = MssqlDialect(10)
    assert "CAST(SWITCHOFFSET(at, '+00:00') AS DATETIME2)" in dialect.selection(planned.copied.columns)
    assert planned.copied.tail(page=dialect.page(1, 5)) == (
        "FROM [Order] WHERE (flag = 1\n) ORDER BY id, no OFFSET 5 ROWS FETCH NEXT 1 ROWS ONLY"
    )
    assert dialect.literal("it's") == "N'it''s'"
    assert dialect.literal(date(2024, 1, 2)) == "CAST('2024-01-02' AS DATE)"
    assert dialect.literal(datetime(2024, 1, 2, tzinfo=UTC)).endswith("+00:00' AS DATETIMEOFFSET)")


def test_oracle_is_asked_in_its_own_words() -> None:
    table = Table(
        "batch",
        MetaData(),
        Column("id", oracle.NUMBER(10, 0), primary_key=True),
        Column("code", oracle.VARCHAR2(20), primary_key=True),
        Column("any_size", oracle.NUMBER),
        Column("made", oracle.DATE),
        Column("at", oracle.TIMESTAMP(timezone=True)),
        Column("note", oracle.CLOB),
        Column("photo", oracle.BLOB),
        Column("key_", oracle.RAW(16)),
    )
    planned = plan(OracleDialect(), oracle.dialect(), table, changed_by={"batch": "at"}, fields={"*.note": "link-only"})
    assert planned.by is not None
    assert (planned.by.now, planned.by.overlap) == ("SYSTIMESTAMP", OVERLAP)
    assert {column.name: column.type for column in planned.copied.columns} == {
        "id": pa.int64(),
        "code": pa.string(),
        "any_size": pa.string(),
        "made": pa.timestamp("us"),
        "at": pa.timestamp("us", "UTC"),
    }
    assert "note" in planned.recorded.schema.names
    assert OracleDialect().selection(planned.copied.columns) == (
        "id, code, TO_CHAR(any_size), made, SYS_EXTRACT_UTC(at)"
    )
    dialect: Any = _Written(OracleDialect())
    columns = planned.copied.key_columns
    assert above(dialect, columns, [7, "B"]) == "id >= 7 AND (id > 7 OR (code > 'B'))"
    assert equal_to(dialect, columns, [7, "B"]) == "id = 7 AND code = 'B'"
    moment = datetime(2024, 1, 2, 3, tzinfo=UTC)
    assert OracleDialect().literal(moment) == "TIMESTAMP '2024-01-02 03:00:00.000000 +00:00'"


class _Written:
    """A database of which only the way it writes values is needed."""

    def __init__(self, dialect: PlainDialect) -> None:
        self.literal = dialect.literal


def mssql_crawler(**settings: object) -> MssqlCrawler:
    known = {"host": "127.0.0.1", "database": "d", "user": "u", "password": f"${{env:{SECRET}}}"}
    return MssqlCrawler("contract", MssqlConfig.model_validate(known | settings), Secrets(Path()))


def oracle_crawler(**settings: object) -> OracleCrawler:
    known = {"host": "127.0.0.1", "database": "d", "user": "u", "password": f"${{env:{SECRET}}}"}
    return OracleCrawler("contract", OracleConfig.model_validate(known | settings), Secrets(Path()))


KINDS = pytest.mark.parametrize(
    ("crawler", "driver"), [(mssql_crawler, "pymssql"), (oracle_crawler, "oracledb")], ids=["mssql", "oracle"]
)


@KINDS
@pytest.mark.parametrize("answers", [False, True], ids=["nothing listens", "something else listens"])
def test_a_place_where_no_such_server_answers_is_unreachable(
    crawler: Callable[..., Any], driver: str, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(driver)
    monkeypatch.setenv(SECRET, PASSWORD)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if answers:
            listener.listen()
            threading.Thread(target=_hang_up, args=(listener,), daemon=True).start()
        with pytest.raises(SourceUnreachable) as caught:
            crawler(port=listener.getsockname()[1], connect_timeout_seconds=3).listing()
    assert "contract" in str(caught.value)
    assert CANARY not in str(caught.value)


def _hang_up(listener: socket.socket) -> None:
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


@KINDS
def test_a_driver_that_is_not_installed_is_named_with_its_extra(
    crawler: Callable[..., Any], driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, PASSWORD)
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigInvalid, match=r"bifrost-kg\[(mssql|oracle)\]"):
        crawler().check()


@pytest.mark.parametrize(
    ("backend", "arguments", "fault"),
    [
        ("mssql", (18456, b"Login failed for user 'u'.DB-Lib error message 20018, severity 14"), Fault.REFUSED),
        ("mssql", ((20009, b"Unable to connect: Adaptive Server is unavailable"),), Fault.UNREACHABLE),
        ("mssql", (1222, b"Lock request time out period exceeded."), Fault.BUSY),
        ("mssql", (229, b"The SELECT permission was denied on the object 't'"), Fault.FORBIDDEN),
        ("oracle", ("ORA-01017: invalid username/password; logon denied",), Fault.REFUSED),
        ("oracle", ("DPY-6005: cannot connect to database",), Fault.UNREACHABLE),
        ("oracle", ("ORA-01555: snapshot too old",), Fault.BUSY),
        ("oracle", ("ORA-00942: table or view does not exist",), Fault.MISSING),
    ],
)
def test_errors_of_drivers_are_told_apart(backend: str, arguments: tuple[object, ...], fault: Fault) -> None:
    assert fault_of(Exception(*arguments), backend) is fault
    assert "\n" not in sentence_of(Exception(*arguments))
