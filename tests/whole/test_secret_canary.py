"""Canary secrets, given in every way, turn up nowhere: catalog, files, logs, errors, answers, process lists."""

import base64
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import pytest
import structlog
import yaml
from fastapi.testclient import TestClient

from api.app import create_app
from bifrost.cli import main
from bifrost.config import Logging
from bifrost.errors import BifrostError
from bifrost.logs import configure_logs
from bifrost.model import Source
from bifrost.ports import Capabilities, Listing
from bifrost.project import Project, open_project
from crawlers.databases.postgresql.crawler import PostgresqlCrawler
from crawlers.plan import make_plan
from tests.servers.postgresql import PostgresqlServer, missing, postgresql

pytestmark = [pytest.mark.live, pytest.mark.slow]

WAYS = ("env", "file", "airflow", "api", "stdin")
"""How a secret is given; those of the last three ways are in no variable of the process that crawls."""
FAILING_WAYS = ("file", "api")
"""Ways whose secrets are also sent to where they fail: how a secret was given makes no difference there."""
IN_NO_VARIABLE = ("file", "api", "stdin")
CORES = {way: f"canary{token_hex(5)}{way}" for way in (*WAYS, "header", "sent")}
"""Made anew in every run, so that no other process of this machine can have one in its command line."""
SCRIPT = """\
#!{python}
import json, os, sys, time
asked = json.loads(sys.stdin.readline())
token = asked["settings"]["token"]
sys.stderr.write(f"using {{token}}\\n")
if asked["verb"] == "list":
    ends = time.monotonic() + 30
    while not os.path.exists({seen!r}) and time.monotonic() < ends:
        time.sleep(0.02)
    print(json.dumps({{"key": "a.txt", "kind": "file"}}))
    print(json.dumps({{"skipped": "b.txt", "reason": f"no right with {{token}}"}}))
    print(json.dumps({{"failed": "c", "reason": f"no answer to {{token}}"}}))
    print(json.dumps({{"complete": True}}))
elif asked["verb"] == "fetch":
    print("content")
else:
    print(f"ready with {{token}}")
"""


def canary(way: str) -> str:
    """Give a secret of letters that every encoding but base64 leaves alone, and some that none does."""
    return CORES[way] + " '\\@/:\""


def found(data: bytes | str, ways: tuple[str, ...] = tuple(CORES)) -> list[str]:
    """Name the canaries that show in a text, in clear or in base64; independent of how the product masks."""
    text = data.decode("latin-1") if isinstance(data, bytes) else data
    decoded = [_decoded(word[start:]) for word in re.findall(r"[\w+/-]{16,}", text) for start in range(4)]
    return [way for way in ways if CORES[way] in text or any(CORES[way].encode() in each for each in decoded)]


def _decoded(word: str) -> bytes:
    return base64.b64decode(word[: len(word) // 4 * 4].translate(str.maketrans("-_", "+/")))


@dataclass
class World:
    """A project with sources that got their secrets in every way, and what was seen while it was crawled."""

    home: Path
    server: PostgresqlServer
    web_port: int
    output: dict[str, str] = field(default_factory=dict, repr=False)
    """What the command line wrote, by what was called."""
    processes: list[tuple[str, bytes, bytes]] = field(default_factory=list, repr=False)
    """(name, command line, environment) of the crawl and all its children, and command lines of all others."""

    @property
    def project(self) -> Project:
        return open_project(self.home)

    @property
    def names(self) -> list[str]:
        return [source.name for source in self.project.catalog.sources()]

    def call(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bifrost", "--dir", str(self.home), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)
        self.output[" ".join(arguments)] = done.stdout + done.stderr
        return done


class _Refusing(BaseHTTPRequestHandler):
    """A server that refuses and, as some do, shows what it was sent."""

    def do_GET(self) -> None:
        body = "".join(f"{name}: {value}\n" for name, value in self.headers.items()) + self.path
        self.send_response(403, f"no right for {self.headers.get('X-Api-Key', '')}")
        self.end_headers()
        self.wfile.write(body.encode())

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _web_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if missing():
        pytest.skip(missing())
    folder = tmp_path_factory.mktemp("canary")
    with postgresql() as server, _web_server() as port, pytest.MonkeyPatch.context() as variables:
        _prepare_server(server)
        made = World(folder / "home", server, port)
        _prepare_variables(variables, server.port)
        _prepare_home(made)
        _register_the_others(made)
        _crawl_under_observation(made)
        yield made


def _prepare_server(server: PostgresqlServer) -> None:
    server.create("crm", "CREATE TABLE people (id int PRIMARY KEY, name text)", "INSERT INTO people VALUES (1, 'Ada')")
    for way in WAYS:
        password = canary(way).replace("'", "''")
        server.run("crm", f"CREATE ROLE reader_{way} LOGIN PASSWORD '{password}'")
        server.run("crm", f"GRANT SELECT ON people TO reader_{way}")


def _prepare_variables(variables: pytest.MonkeyPatch, port: int) -> None:
    variables.setenv("CANARY_ENV", canary("env"))
    login = f"reader_airflow:{quote(canary('airflow'), safe='')}"
    variables.setenv("AIRFLOW_CONN_CRM", f"postgres://{login}@127.0.0.1:{port}/crm")
    variables.delenv("BIFROST_SECRET_KEY", raising=False)


def _prepare_home(world: World) -> None:
    references = {"env": "${env:CANARY_ENV}", "file": "${file:secrets/password}", "airflow": "${airflow:crm}"}
    sources = {
        f"{what}-{way}": {"kind": "postgresql", **settings, "password": reference}
        for way, reference in references.items()
        for what, settings in _places(world, way).items()
    }
    web = f"http://127.0.0.1:{world.web_port}"
    sources["pages"] = {"kind": "http", "urls": [f"{web}/a.txt?q=${{file:secrets/header}}"], "headers": {}}
    sources["pages"]["headers"] = {"X-Api-Key": "${file:secrets/header}", "Authorization": "Basic ${env:CANARY_ENV}"}
    sources["login"] = {"kind": "http", "listings": [f"{web}/"], "user": "u", "password": references["file"]}
    sources["script"] = {"kind": "script", "command": ["./list.py"], "settings": {"token": references["file"]}}
    (world.home / "secrets").mkdir(parents=True)
    (world.home / "secrets" / "password").write_text(canary("file") + "\n")
    (world.home / "secrets" / "header").write_text(CORES["header"])
    settings = {"sources": sources, "secrets": {"key_file": "../keys/secret.key"}, "logging": {"format": "json"}}
    (world.home / "bifrost.yaml").write_text(yaml.safe_dump(settings))
    (world.home / "list.py").write_text(SCRIPT.format(python=sys.executable, seen=str(world.home / "seen")))
    (world.home / "list.py").chmod(0o755)


def _places(world: World, way: str) -> dict[str, dict[str, object]]:
    here = {"host": "127.0.0.1", "port": world.server.port, "database": "crm", "user": f"reader_{way}"}
    failing = {"wrong": {**here, "user": "owner"}, "far": {**here, "port": 1}}
    return {"good": here, **(failing if way in FAILING_WAYS else {})}


def _register_the_others(world: World) -> None:
    """Give secrets in clear: through the API, and on the standard input of the command line."""
    other = {"host": "127.0.0.1", "port": 1, "database": "x", "user": "u", "connect_timeout_seconds": 2}
    clear = {f"{what}-api": ("postgresql", settings) for what, settings in _places(world, "api").items()}
    clear |= {f"{kind}-api": (kind, other) for kind in ("mariadb", "mssql", "oracle")}
    with TestClient(create_app(world.project), base_url="http://localhost") as web:
        for name, (kind, settings) in clear.items():
            body = {"name": name, "kind": kind, "config": {**settings, "password": canary("api")}}
            assert web.post("/api/v1/sources", json=body).status_code == 201
        store = {"bucket": "b", "endpoint_url": "http://127.0.0.1:1", "access_key_id": "k", "region": "x"}
        body = {"name": "s3-api", "kind": "s3", "config": {**store, "secret_access_key": canary("api")}}
        assert web.post("/api/v1/sources", json=body).status_code == 201
    for what, settings in _places(world, "stdin").items():
        arguments = [f"{key}={value}" for key, value in settings.items()]
        command = ("source", "add", f"{what}-stdin", "postgresql", *arguments, "--secret", "password")
        assert world.call(*command, given=canary("stdin") + "\n").returncode == 0


def _crawl_under_observation(world: World) -> None:
    command = [sys.executable, "-m", "bifrost", "--dir", str(world.home), "-v", "run", "--stage", "crawl", "--json"]
    with (world.home.parent / "crawl.txt").open("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            _observe(world, process.pid)
            time.sleep(0.02)
        output.seek(0)
        world.output["run"] = output.read()


def _observe(world: World, root: int) -> None:
    parents = {number: _parent(number) for number in (int(each.name) for each in Path("/proc").glob("[0-9]*"))}
    for number in parents:
        inside, above = number == root, parents.get(number)
        while above and not inside:
            inside, above = above == root, parents.get(above)
        command, environment = _read(number, "cmdline"), _read(number, "environ") if inside else b""
        entry = ("crawl" if number == root else "child" if inside else "other", command, environment)
        if entry not in world.processes:
            world.processes.append(entry)
        if inside and b"list.py" in command:
            (world.home / "seen").touch()


def _read(number: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{number}/{what}").read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def _parent(number: int) -> int:
    fields = _read(number, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


# ---- the crawl itself


def test_the_canaries_are_really_used(world: World) -> None:
    crawls = {each.source: each for each in world.project.catalog.crawls(limit=1000)}
    assert sorted(crawls) == world.names
    for way in WAYS:
        assert crawls[f"good-{way}"].state == "complete"
    for way in FAILING_WAYS:
        assert crawls[f"wrong-{way}"].state == crawls[f"far-{way}"].state == "failed"
    assert crawls["script"].state == "partial", crawls["script"].failures
    secrets = world.project.secrets
    references = ("${env:CANARY_ENV}", "${file:secrets/password}", "${airflow:crm}", "${secret:good-api/password}")
    shown = " ".join(map(secrets.resolve, references)) + base64.b64encode(f"u:{canary('stdin')}".encode()).decode()
    assert found(shown) == list(WAYS)


def test_no_process_shows_a_secret_while_sources_are_crawled(world: World) -> None:
    assert {kind for kind, _, _ in world.processes} == {"crawl", "child", "other"}
    assert [command for _, command, _ in world.processes if found(command)] == []
    crawl = [environment for kind, _, environment in world.processes if kind == "crawl"]
    assert [found(environment, IN_NO_VARIABLE) for environment in crawl if found(environment, IN_NO_VARIABLE)] == []
    scripts = [entry for entry in world.processes if entry[0] == "child" and b"list.py" in entry[1]]
    assert scripts
    assert [entry for entry in scripts if found(entry[2])] == []


def test_the_catalog_holds_no_secret_and_no_key(world: World) -> None:
    key = (world.home.parent / "keys" / "secret.key").read_text().strip()
    with closing(sqlite3.connect(world.home / "catalog.sqlite")) as connection:
        dump = "\n".join(connection.iterdump())
    assert "good-api/password" in dump
    assert found(dump) == []
    assert key not in dump


def test_no_file_of_the_project_holds_a_secret_or_the_key(world: World) -> None:
    key = (world.home.parent / "keys" / "secret.key").read_bytes().strip()
    files = [path for path in world.home.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    assert [path for path in files if path.is_relative_to(world.home / "staging")]
    assert [path for path in files if found(path.read_bytes()) or key in path.read_bytes()] == []


class _Careless:
    """A connector of a third party that shows its secret in what it says."""

    capabilities = Capabilities(files=True)

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def listing(self, _known: object) -> Listing:
        return Listing((), {"scope": f"denied to {self.secret}"}, {"item": f"denied to {quote(self.secret)}"})


def test_what_a_connector_says_carelessly_is_masked_before_it_is_staged(world: World) -> None:
    project = world.project
    careless = _Careless(project.secrets.resolve("${env:CANARY_ENV}"))
    plan = make_plan(project, Source("careless", "folder", {}), careless, [])  # type: ignore[arg-type]  # all that is used
    assert plan.failed_scopes == {"scope": "denied to ***"}
    assert found(json.dumps(project.staging.json(plan.store(project.staging)))) == []


# ---- what is written and shown


def test_no_log_of_the_crawl_shows_a_secret(world: World) -> None:
    assert '"source": "script"' in world.output["run"]
    assert "script says" in world.output["run"]
    assert {command: found(text) for command, text in world.output.items() if found(text)} == {}


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_log_masks_values_and_tracebacks(world: World, capsys: pytest.CaptureFixture[str], form: str) -> None:
    project = world.project
    configure_logs(Logging(level="debug", format=form), project.secrets)  # type: ignore[arg-type]  # the two forms
    password = project.secrets.resolve("${env:CANARY_ENV}")
    log = structlog.get_logger()
    log.info("connecting", password=password, url=f"postgresql://u:{quote(password)}@h", nested={"a": [password]})
    try:
        try:
            raise ValueError(password)
        except ValueError as error:
            raise RuntimeError(f"driver: password={password!r}") from error
    except RuntimeError as error:
        log.error("failed", error=error, exc_info=error)
    written = capsys.readouterr().err
    structlog.reset_defaults()
    assert "RuntimeError" in written
    assert found(written) == []


def test_no_error_of_a_connector_carries_a_secret_not_even_in_its_causes(world: World) -> None:
    project, shown = world.project, {}
    for name in world.names:
        for ask in ("check", "listing"):
            try:
                getattr(project.crawler(project.catalog.source(name)), ask)()
            except BifrostError as error:
                shown[name, ask] = "".join(traceback.format_exception(error)) + repr(vars(error))
    assert len(shown) > len(FAILING_WAYS) * 4
    assert [asked for asked, text in shown.items() if found(text)] == []


def test_no_crawler_shows_its_secret_when_it_is_printed(world: World) -> None:
    for name in world.names:
        crawler = world.project.crawler(world.project.catalog.source(name))
        assert found(repr(crawler) + repr(vars(crawler))) == []


COMMANDS = [
    *(("source", *rest) for rest in (["list"], ["kinds"], ["show", "?"], ["test", "?"], ["preview", "?"])),
    *(("source", *rest) for rest in (["crawls", "?"], ["record", "?", "people", "1"], ["remove", "?", "--dry-run"])),
    *(("source", "change", "?", *rest) for rest in (["port=x"], ["--schedule", "x"])),
    *(("status",), ("doctor",), ("secrets", "list"), ("run", "--dry-run", "--source", "?")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_a_secret(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    for name in world.names if "?" in command else [""]:
        arguments = [name if each == "?" else each for each in command]
        monkeypatch.setattr(sys, "argv", ["bifrost", "--dir", str(world.home), *arguments, "--json"])
        with pytest.raises(SystemExit):
            main()
        written = capsys.readouterr()
        assert written.out
        assert found(written.out + written.err) == []
    structlog.reset_defaults()


def test_an_unexpected_error_of_a_command_shows_no_secret(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break_down(monkeypatch)
    monkeypatch.setattr(sys, "argv", ["bifrost", "--dir", str(world.home), "source", "test", "good-api"])
    with pytest.raises(SystemExit):
        main()
    written = capsys.readouterr().err
    structlog.reset_defaults()
    assert "RuntimeError" in written
    assert found(written) == []


def _break_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(self: PostgresqlCrawler) -> str:
        password = self._secrets.resolve(str(self.config.password))
        raise RuntimeError(f"cannot log in with {password!r}") from ValueError(json.dumps([password]))

    monkeypatch.setattr(PostgresqlCrawler, "check", check)


# ---- the server


@pytest.fixture
def web(world: World) -> Iterator[TestClient]:
    with TestClient(create_app(world.project), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def test_no_get_of_rest_shows_a_secret(world: World, web: TestClient) -> None:
    schema = web.get("/api/v1/openapi.json")
    assert found(schema.text) == []
    asked = {"text": "a", "iri": "x", "item": "people", "key": "1"}
    for path, methods in schema.json()["paths"].items():
        for name in world.names if "{name}" in path and "get" in methods else [""]:
            query = asked if name and path.endswith("record") else {k: asked[k] for k in ("text", "iri")}
            answer = web.get(path.replace("{name}", name).replace("{proposal}", "x"), params=query)
            assert found(answer.text + str(answer.headers)) == [], (path, name)


def test_no_other_answer_of_rest_shows_a_secret(world: World, web: TestClient) -> None:
    sent, sources = canary("sent"), "/api/v1/sources"
    answers = [web.post(f"{sources}/{name}/test") for name in world.names]
    bad = {"name": "Bad Name", "kind": "postgresql", "config": {"password": sent}}
    places = _places(world, "api")["good"]
    answers += [web.post(sources, json=bad)]
    taken = {**bad, "name": "good-api", "config": {**places, "password": sent}}
    answers += [web.post(sources, json=taken), web.patch(f"{sources}/good-file", json={"config": {"password": sent}})]
    answers += [web.post(sources, json={**bad, "name": "x", "config": {"password": sent, "port": sent, "x": sent}})]
    answers += [web.post(sources, json={"name": "x", "kind": sent, "password": sent, "config": sent})]
    answers += [web.post(sources, content=json.dumps(bad)[:-2], headers={"Content-Type": "application/json"})]
    answers += [web.patch(f"{sources}/far-api", json=body) for body in ({"config": sent}, {"password": sent})]
    answers += [web.patch(f"{sources}/far-api", json={"config": {"port": sent, "password": sent}})]
    url = {"url": f"postgresql+psycopg://u:{quote(sent, safe='')}@127.0.0.1:1/x"}
    answers += [web.post(sources, json={"name": "by-url", "kind": "sqlalchemy", "config": url})]
    secret_url = {"urls": [f"http://127.0.0.1:1/a?token={quote(sent, safe='')}"]}
    answers += [web.post(sources, json={"name": "by-token", "kind": "http", "config": secret_url})]
    answers += [web.post(f"{sources}/by-token/test"), web.get(f"{sources}/by-token"), web.delete(f"{sources}/by-token")]
    assert {answer.status_code for answer in answers} == {200, 201, 409, 422, 502}
    assert [(str(answer.url), answer.text) for answer in answers if found(answer.text)] == []


def test_graphql_shows_no_secret(web: TestClient) -> None:
    questions = (
        "{ sources { name kind description schedule lastCrawl } rejects { source item reason } }",
        "{ runs { stage state failures } }",
        "{ __schema { types { name description fields { name description } } } }",
    )
    answers = [web.post("/graphql", json={"query": question}) for question in questions]
    assert not [answer for answer in answers if "errors" in answer.json()]
    assert [found(answer.text) for answer in answers if found(answer.text)] == []


def test_an_unexpected_error_of_the_server_shows_no_secret(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break_down(monkeypatch)
    project = world.project
    configure_logs(Logging(level="debug", format="json"), project.secrets)
    with TestClient(create_app(project), base_url="http://localhost", raise_server_exceptions=False) as web:
        answer = web.post("/api/v1/sources/good-api/test")
    written = capsys.readouterr().err
    structlog.reset_defaults()
    assert answer.status_code == 500
    assert "cannot log in with" in written
    assert found(written + answer.text) == []


def test_the_search_finds_what_it_looks_for() -> None:
    encoded = [base64.b64encode(b"x" * before + canary("api").encode()).decode() for before in range(5)]
    for text in (canary("api"), quote(canary("api"), safe=""), json.dumps(canary("api")), *encoded):
        assert found(f"a {text} b") == ["api"]
    assert os.environ.get("CANARY_ENV") is None or found(os.environ["CANARY_ENV"]) == ["env"]
