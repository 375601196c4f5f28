"""A real PostgreSQL server on a free loopback port, in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.servers.processes import free_port, run

CANARY = "canary-Pa55word"
USER, PASSWORD = "owner", CANARY + " '\\@/:"
_START_SECONDS = 60


@dataclass(frozen=True)
class PostgresqlServer:
    """A running server; every test makes databases and roles of its own."""

    port: int
    binaries: Path
    data: Path

    def connect(
        self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD
    ) -> psycopg.Connection[Any]:
        """Connect in autocommit mode."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, dbname=database, user=user, password=password, autocommit=True
        )

    def create(self, database: str, *statements: str) -> None:
        """Make a database anew, and run statements in it."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}"')
        self.run(database, *statements)

    def run(self, database: str, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def stop(self) -> None:
        """End the server; its data stays."""
        _run(self.binaries / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")

    def kill(self) -> None:
        """Take the server away as a power cut would; its data stays as it is on disk."""
        leader = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(leader, signal.SIGKILL)
        for _ in range(100):
            # The other processes end by themselves when they miss it; until then the data is theirs.
            busy = subprocess.run(["pgrep", "-f", str(self.data)], capture_output=True, check=False)
            children = subprocess.run(["pgrep", "-u", "postgres", "-P", "1"], capture_output=True, check=False)
            if busy.returncode and children.returncode:
                break
            time.sleep(0.1)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        listens = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data}"
        # Without the background writers that would count as writes of the crawler.
        options = f"{listens} -c fsync=off -c autovacuum=off"
        log = self.data.parent / "log"
        _run(self.binaries / "pg_ctl", "start", "-D", self.data, "-l", log, "-o", options, "-w", "-t", _START_SECONDS)


def missing() -> str:
    """Say why no server can be started here, or nothing."""
    return "" if _binaries() else "PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb, no initdb on PATH)"


@contextmanager
def postgresql() -> Iterator[PostgresqlServer]:
    """Start a server, and remove it with its data at the end."""
    binaries = _binaries()
    assert binaries is not None, missing()
    # Socket paths are short and the server's user must reach them: pytest's folders are neither.
    folder = Path(tempfile.mkdtemp(prefix="bifrost-pg-"))
    password = folder / "password"
    password.write_text(PASSWORD)
    if os.geteuid() == 0:
        for path in (folder, password):
            shutil.chown(path, "postgres")
    server = PostgresqlServer(free_port(), binaries, folder / "data")
    try:
        _run(
            *(binaries / "initdb", "-D", server.data, "-U", USER, f"--pwfile={password}"),
            *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    found = shutil.which("initdb")
    paths = [*([Path(found)] if found else []), *installed]
    return paths[-1].parent if paths else None


def _run(*command: object) -> None:
    run(*command, user="postgres", timeout_seconds=_START_SECONDS + 10)
