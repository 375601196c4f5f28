"""Start Airflow on loopback with the DAGs of a project, until Ctrl+C: for a person, and for the tests.

Each part is a process of its own. `airflow standalone` would serve the logs of tasks on all interfaces.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx
import psutil
from pools import pools

from bifrost.errors import BifrostError

REPOSITORY = Path(__file__).resolve().parents[2]
PARTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
USER = "admin"
START_SECONDS = 180
GRACE_SECONDS = 10
Processes = dict[str, subprocess.Popen[bytes]]


class PartEnded(Exception):
    """A part of Airflow ended by itself."""

    def __init__(self, name: str, log: Path) -> None:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        super().__init__(f"Airflow's {name} ended; the end of {log}:\n{last}")


def main() -> int:
    """Run Airflow until it is interrupted, and give the exit code."""
    options = _options()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _run(options.project.resolve(), options.home.resolve(), _free_port(options.port))
    except KeyboardInterrupt:
        say("stopped")
        return 0
    except (BifrostError, PartEnded, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(project: Path, home: Path, port: int) -> NoReturn:
    """Start all parts, say where, and keep the pools in step with the sources."""
    known: Mapping[str, object] = pools(project)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = _environment(home, project, port)
    say(f"starting Airflow in {home} (half a minute)")
    _airflow(environment, "db", "migrate")
    _import_pools(environment, home, known)
    password = _password(home)
    with _running(environment, home) as parts:
        _wait_until_healthy(port, parts, home)
        say(f"Airflow shows the sources of {project} at http://127.0.0.1:{port} (Ctrl+C stops it)")
        say(f"user {USER}, password {password}")
        while True:
            time.sleep(2)
            _check(parts, home)
            known = _follow_sources(environment, home, project, known)


def say(line: str) -> None:
    """Tell the person."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    project = Path(os.environ.get("BIFROST_HOME", REPOSITORY / "demo"))
    parser.add_argument("--project", type=Path, default=project, help="home of the project (BIFROST_HOME)")
    parser.add_argument("--home", type=Path, default=REPOSITORY / ".airflow", help="where Airflow keeps its own files")
    parser.add_argument("--port", type=int, default=8080, help="another one is taken if it is not free")
    return parser.parse_args()


def _environment(home: Path, project: Path, port: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}"
    return {
        # What a person may set differently.
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # The first task waits while the API server loads what it needs: longer than Airflow's 5 seconds.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        **os.environ,
        "BIFROST_HOME": str(project),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_password_file(home)),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        # Tasks speak to the API server: never through a proxy.
        "NO_PROXY": ",".join(filter(None, ["127.0.0.1", os.environ.get("NO_PROXY")])),
        "no_proxy": ",".join(filter(None, ["127.0.0.1", os.environ.get("no_proxy")])),
    }


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no free port on 127.0.0.1")


def _password_file(home: Path) -> Path:
    return home / "password.json"


def _password(home: Path) -> str:
    """Make the password at the first start, so that Airflow does not write one to its log."""
    file = _password_file(home)
    if file.exists():
        return f"as before (it is in {file})"
    password = secrets.token_urlsafe(12)
    file.touch(mode=0o600)
    file.write_text(json.dumps({USER: password}))
    return password


def _import_pools(environment: Mapping[str, str], home: Path, needed: Mapping[str, object]) -> None:
    if needed:
        file = home / "pools.json"
        file.write_text(json.dumps(needed))
        _airflow(environment, "pools", "import", str(file))


def _follow_sources(
    environment: Mapping[str, str], home: Path, project: Path, known: Mapping[str, object]
) -> Mapping[str, object]:
    """Make the pools of sources that came since."""
    try:
        needed = pools(project)
    except BifrostError:
        return known  # bifrost.yaml is being edited; Airflow shows what is wrong in it
    if needed != known:
        _import_pools(environment, home, needed)
    return needed


def _airflow(environment: Mapping[str, str], *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *command], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stderr.decode(errors="replace"))
        done.check_returncode()


@contextmanager
def _running(environment: Mapping[str, str], home: Path) -> Iterator[Processes]:
    parts: Processes = {}
    try:
        for name, command in PARTS.items():
            with _log(home, name).open("wb") as log:
                # A session of its own: Ctrl+C reaches this process only, which then stops the parts in order.
                parts[name] = subprocess.Popen(
                    [sys.executable, "-m", "airflow", *command],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        yield parts
    finally:
        # A second Ctrl+C must not leave a part behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _stop(parts)


def _log(home: Path, name: str) -> Path:
    return home / f"{name}.log"


def _stop(parts: Processes) -> None:
    """Stop the scheduler first: tasks that end soon still find the API server. What does not end is killed."""
    everything = psutil.Process().children(recursive=True)
    if "scheduler" in parts:
        parts["scheduler"].terminate()
        psutil.wait_procs([psutil.Process(parts["scheduler"].pid)], GRACE_SECONDS)
    for process in everything:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(everything, GRACE_SECONDS)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left)


def _wait_until_healthy(port: int, parts: Processes, home: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not _healthy(port):
        _check(parts, home)
        if time.monotonic() > until:
            raise PartEnded("start took too long: api-server", _log(home, "api-server"))
        time.sleep(0.5)


def _healthy(port: int) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", trust_env=False, timeout=5)
    except httpx.HTTPError:
        return False
    return answer.is_success and all(part["status"] == "healthy" for part in answer.json().values())


def _check(parts: Processes, home: Path) -> None:
    for name, part in parts.items():
        if part.poll() is not None:
            raise PartEnded(name, _log(home, name))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
