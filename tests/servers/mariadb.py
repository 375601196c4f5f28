"""A real MariaDB server on a free loopback port, in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

from tests.servers.processes import as_user, free_port, run

CANARY = "canary-Pa55word"
USER, PASSWORD = "owner", CANARY + " '\\@/:%?#&"
_START_SECONDS = 60
_STOP_SECONDS = 20
_SMALL_AND_FAST = (
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
)


@dataclass
class MariadbServer:
    """A running server; every test makes databases and users of its own."""

    port: int
    folder: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def connect(self, database: str | None = None, *, user: str = USER, password: str = PASSWORD) -> Any:
        """Connect in autocommit mode."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )

    def create(self, database: str, *statements: str) -> None:
        """Make a database anew, and run statements in it."""
        name = f"`{database}`"
        self.run(None, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        self.run(database, *statements)

    def run(self, database: str | None, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def query(self, database: str | None, sql: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [
            *(_binary("mariadbd", "mysqld"), "--no-defaults", f"--datadir={self.folder / 'data'}"),
            *("--bind-address=127.0.0.1", f"--port={self.port}", f"--socket={self.folder / 's'}"),
            *(f"--pid-file={self.folder / 'pid'}", f"--init-file={self.folder / 'init.sql'}", *_SMALL_AND_FAST),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*as_user("mysql"), *command],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for_an_answer()

    def stop(self, *, kill: bool = False) -> None:
        """End the server, or kill it; its data stays."""
        process, self._process = self._process, None
        if process is None:
            return
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _wait_for_an_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except pymysql.MySQLError:
                process = self._process
                if process is None or process.poll() is not None or time.monotonic() > deadline:
                    self.stop(kill=True)
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"the server did not start: {log[-2000:]}") from None
                time.sleep(0.1)


def missing() -> str:
    """Say why no server can be started here, or nothing."""
    if _binary("mariadbd", "mysqld") and _binary("mariadb-install-db", "mysql_install_db"):
        return ""
    return "MariaDB is not installed (no mariadbd, no mariadb-install-db)"


@contextmanager
def mariadb() -> Iterator[MariadbServer]:
    """Start a server, and remove it with its data at the end."""
    assert not missing(), missing()
    # Socket paths are short and the server's user must reach them: pytest's folders are neither.
    folder = Path(tempfile.mkdtemp(prefix="bifrost-maria-"))
    (folder / "init.sql").write_text(_init_sql())
    if os.geteuid() == 0:
        for path in (folder, folder / "init.sql"):
            shutil.chown(path, "mysql")
    server = MariadbServer(free_port(), folder)
    try:
        _install(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _init_sql() -> str:
    password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
    )


def _install(folder: Path) -> None:
    run(
        *(_binary("mariadb-install-db", "mysql_install_db"), "--no-defaults", f"--datadir={folder / 'data'}"),
        *("--skip-test-db", "--auth-root-authentication-method=normal"),
        user="mysql",
        timeout_seconds=_START_SECONDS,
    )


def _binary(*names: str) -> str:
    places = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/libexec"]
    found = (shutil.which(name, path=os.pathsep.join(places)) for name in names)
    return next((path for path in found if path), "")
