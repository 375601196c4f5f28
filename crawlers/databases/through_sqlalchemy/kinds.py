"""The kinds of databases that are read through SQLAlchemy: where each is, and who speaks for it."""

import re
from datetime import timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field, field_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bifrost.ports import Capabilities
from crawlers.databases.through_sqlalchemy.crawler import (
    SELECTION,
    DatabaseConfig,
    ServerConfig,
    SqlalchemyDatabase,
    Tables,
)
from crawlers.databases.through_sqlalchemy.dialects import (
    MssqlDialect,
    OracleDialect,
    PlainDialect,
    PostgresqlDialect,
    SqliteDialect,
)
from crawlers.databases.through_sqlalchemy.mysql_tables import MysqlTables
from crawlers.databases.through_sqlalchemy.reflected_tables import ReflectedTables
from crawlers.databases.through_sqlalchemy.session import Place

_SECRET_PART = re.compile(r"password|passwd|pwd|secret|token|key", re.IGNORECASE)


class MysqlConfig(ServerConfig):
    """Where a MySQL or MariaDB server is, and who reads it."""

    port: int = Field(default=3306, ge=1, le=65535, description="the server's port")
    schemas: list[str] = Field(default=[], description="databases to read; empty means the one named by database")
    ssl: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer", description="how far the connection must be encrypted"
    )
    ssl_ca: str | None = Field(default=None, description="certificates to trust, relative to the project's home")


class MysqlCrawler(SqlalchemyDatabase):
    """Reads a MySQL database; the server itself sums up each table to tell whether it changed."""

    kind: ClassVar[str] = "mysql"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True, incremental=True, changes=True, parts=True, records=True, selection=SELECTION
    )
    Config: ClassVar[type[DatabaseConfig]] = MysqlConfig
    config: MysqlConfig

    def _tables(self) -> Tables:
        overlap = timedelta(seconds=self.config.change_overlap_seconds)
        return MysqlTables(self.config.database, self.config.lock_timeout_seconds, overlap)

    def _place(self) -> Place:
        url = _server_url(self, "mysql+pymysql").update_query_dict({"charset": "utf8mb4"})
        timeouts = {
            "connect_timeout": self.config.connect_timeout_seconds,
            "read_timeout": self.config.answer_timeout_seconds,
        }
        return Place(self.name, url, arguments=timeouts | self._encryption())

    def _encryption(self) -> dict[str, Any]:
        trusted = {"ssl_ca": str(self.home / self.config.ssl_ca)} if self.config.ssl_ca else {}
        match self.config.ssl:
            case "disable":
                return {"ssl_disabled": True}
            case "prefer":
                return {}
            case "require":
                return {"ssl": {"verify_mode": "none"}}
            case "verify-ca":
                return {"ssl_verify_cert": True, **trusted}
        return {"ssl_verify_cert": True, "ssl_verify_identity": True, **trusted}


class MariadbCrawler(MysqlCrawler):
    """Reads a MariaDB database; the server itself sums up each table to tell whether it changed."""

    kind: ClassVar[str] = "mariadb"


class MssqlConfig(ServerConfig):
    """Where a SQL Server is, and who reads it."""

    port: int = Field(default=1433, ge=1, le=65535, description="the server's port")
    schemas: list[str] = Field(default=[], description="schemas to read; empty means the role's own, mostly dbo")
    ssl: Literal["off", "request", "require"] = Field(
        default="request", description="how far the connection must be encrypted"
    )


class MssqlCrawler(SqlalchemyDatabase):
    """Reads a SQL Server database; tables with a rowversion column are brought up to date by what changed."""

    kind: ClassVar[str] = "mssql"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True, changes=True, parts=True, records=True, selection=SELECTION
    )
    Config: ClassVar[type[DatabaseConfig]] = MssqlConfig
    config: MssqlConfig

    def _tables(self) -> Tables:
        return _reflected(self.config, MssqlDialect(self.config.lock_timeout_seconds), "SQL Server")

    def _place(self) -> Place:
        arguments = {
            "login_timeout": self.config.connect_timeout_seconds,
            "timeout": self.config.answer_timeout_seconds,
            "encryption": self.config.ssl,
            "read_only": True,
            "appname": "bifrost",
        }
        return Place(self.name, _server_url(self, "mssql+pymssql"), "mssql", arguments)


class OracleConfig(ServerConfig):
    """Where an Oracle database is, and who reads it."""

    port: int = Field(default=1521, ge=1, le=65535, description="the listener's port")
    database: str = Field(description="the service's name")
    schemas: list[str] = Field(default=[], description="schemas to read; empty means the role's own")
    ssl: Literal["disable", "require", "verify-full"] = Field(
        default="disable", description="how far the connection must be encrypted"
    )


class OracleCrawler(SqlalchemyDatabase):
    """Reads an Oracle database in read-only transactions."""

    kind: ClassVar[str] = "oracle"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True, changes=True, parts=True, records=True, selection=SELECTION
    )
    Config: ClassVar[type[DatabaseConfig]] = OracleConfig
    config: OracleConfig

    def _tables(self) -> Tables:
        return _reflected(self.config, OracleDialect(), "Oracle")

    def _place(self) -> Place:
        url = _server_url(self, "oracle+oracledb").set(database=None)
        encryption = {"protocol": "tcp"} if self.config.ssl == "disable" else {"protocol": "tcps"}
        arguments = {
            "service_name": self.config.database,
            "tcp_connect_timeout": float(self.config.connect_timeout_seconds),
            "ssl_server_dn_match": self.config.ssl == "verify-full",
            **encryption,
        }
        return Place(self.name, url, "oracle", arguments, {"call_timeout": self.config.answer_timeout_seconds * 1000})


class SqlalchemyConfig(DatabaseConfig):
    """A database by the URL that SQLAlchemy knows it under."""

    url: str = Field(
        description="URL as SQLAlchemy takes it, without the password: postgresql+psycopg://reader@host/db"
    )
    password: str | None = Field(default=None, description="a reference such as ${env:NAME}")

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("must be a URL such as postgresql+psycopg://reader@host/database") from None
        if url.password is not None or any(_SECRET_PART.search(name) for name in url.query):
            raise ValueError("must hold no secret: give the password by reference as 'password'")
        return value


class SqlalchemyCrawler(SqlalchemyDatabase):
    """Reads any database that SQLAlchemy has a dialect for, by what its inspector reflects."""

    kind: ClassVar[str] = "sqlalchemy"
    capabilities: ClassVar[Capabilities] = Capabilities(
        tables=True,
        changes=True,
        parts=True,
        records=True,
        selection=(*(each for each in SELECTION if each != "database"), "url"),
    )
    Config: ClassVar[type[DatabaseConfig]] = SqlalchemyConfig
    config: SqlalchemyConfig

    def _tables(self) -> Tables:
        url = make_url(self.config.url)
        backend = url.get_backend_name()
        if backend in ("mysql", "mariadb"):
            overlap = timedelta(seconds=self.config.change_overlap_seconds)
            return MysqlTables(url.database or "", self.config.lock_timeout_seconds, overlap)
        dialects: dict[str, PlainDialect] = {
            "mssql": MssqlDialect(self.config.lock_timeout_seconds),
            "oracle": OracleDialect(),
            "postgresql": PostgresqlDialect(),
            "sqlite": SqliteDialect(),
        }
        return _reflected(self.config, dialects.get(backend, PlainDialect()), backend)

    def _place(self) -> Place:
        url = make_url(self.config.url)
        if self.config.password is not None:
            url = url.set(password=self._secrets.resolve(self.config.password))
        if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
            # As it stands, a file that is not there would be made.
            path = quote(str((self.home / url.database).absolute()))
            url = url.set(database=f"file:{path}").update_query_dict({"mode": "ro", "uri": "true"})
        return Place(self.name, url)


def _server_url(crawler: SqlalchemyDatabase, driver: str) -> URL:
    config: ServerConfig = crawler.config
    return URL.create(
        driver,
        username=config.user,
        password=None if config.password is None else crawler.resolved(config.password),
        host=config.host,
        port=crawler.config.port,
        database=config.database,
    )


def _reflected(config: DatabaseConfig, dialect: PlainDialect, title: str) -> ReflectedTables:
    return ReflectedTables(dialect, title, timedelta(seconds=config.change_overlap_seconds))
