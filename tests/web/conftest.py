"""A small factory's graph, a server on it, and a browser that looks at its pages."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, sync_playwright

from api.server import address, make_server, wait_until_started
from api.website import FOLDER
from bifrost import review
from bifrost.model import ProposalKind, Verdict
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project, open_project
from bifrost.runner import run_stages

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<img src=x onerror=alert(1)>"
SUPPLIERS = ["Hofmeister Pigmente", "Brandt Chemie", "Aalto Resins", "Nordic Silica", HOSTILE, "Tamm Colours"]
SETTINGS = """
base: https://graph.example.org/
sources:
  plant: {kind: folder, path: ../data}
linking: {precision: 0.9999, graph_learning: false}
extraction: {embeddings: false, workers: 1}
"""
"""Nearly certain is not enough here, so that people are asked about every link type."""


def write_tables(folder: Path) -> None:
    """Write tables that name each other's rows, and a file that cannot be read."""
    rows = {
        "suppliers.csv": ["supplier_id,name", *(f"S-{n:02d},{name}" for n, name in enumerate(SUPPLIERS))],
        "batches.csv": ["batch_id,supplier_id,moisture", *(f"B-{n:04d},S-{n % 6:02d},{n % 7}.5" for n in range(40))],
        "orders.csv": ["order_no,batch_id", *(f"PO-{n:06d},B-{n * 7 % 40:04d}" for n in range(80))],
        "returns.csv": ["return_no,order_no", *(f"R-{n:05d},PO-{n * 11 % 80:06d}" for n in range(60))],
        "claims.csv": ["claim_no,return_no", *(f"CL-{n:03d},R-{n * 13 % 60:05d}" for n in range(30))],
        "shipments.csv": ["shipment,order_no", *(f"SH{n},PO-{n * 9 % 80:06d}" for n in range(20))],
        "inspections.csv": ["inspection,batch_id", *(f"IN{n},B-{n * 3 % 40:04d}" for n in range(12))],
    }
    folder.mkdir()
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\nand nothing else")


def accept(project: Project, table: str) -> None:
    """Accept the link type that starts in a table."""
    for asked in review.open_proposals(project):
        proposal = asked.proposal
        if proposal.kind is ProposalKind.LINK_TYPE and proposal.start.table == table:
            review.decide(project, proposal.id, Verdict.ACCEPT, by="fixture")


@pytest.fixture(scope="session")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and a project on it: two link types in force, four that people are asked about."""
    folder = tmp_path_factory.mktemp("factory")
    write_tables(folder / "data")
    project = create_project(folder / "home", SETTINGS)
    run_stages(project, Scope(), Silent(), ("crawl", "extract", "link"))
    accept(project, "batches")
    accept(project, "orders")
    run_stages(project, Scope(), Silent(), ("link", "publish"))
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Chromium with a new profile."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: install the package chromium")
    if not (FOLDER / "index.html").exists():
        pytest.skip("the web pages are not built: run make web")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()


Serve = Callable[[Path], str]


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Serve projects on free ports of the loopback interface."""
    servers, threads = [], []

    def start(home: Path) -> str:
        server = make_server(open_project(home), host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert wait_until_started(server)
        servers.append(server)
        threads.append(thread)
        return address(server).rstrip("/")

    yield start
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join(10)


@pytest.fixture(scope="session")
def site(browser: BrowserContext, factory: Path, serve: Serve) -> str:
    """The address of a server that tests only read from."""
    return serve(factory / "home")


@pytest.fixture
def own_project(browser: BrowserContext, factory: Path, tmp_path: Path) -> Project:
    """A copy of the factory's project that a test may change."""
    shutil.copytree(factory, tmp_path / "factory")
    return open_project(tmp_path / "factory" / "home")


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A page that must not fail, ask for anything elsewhere, or open a dialogue."""
    complaints: list[str] = []

    def refuse(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    page = browser.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: None if "//127.0.0.1:" in asked.url else complaints.append(asked.url))
    page.on("dialog", refuse)
    yield page
    page.close()
    assert not complaints


@pytest.fixture
def hostile() -> str:
    """Give the label of a supplier whose name tries to be markup."""
    return HOSTILE


@pytest.fixture
def entity_page(site: str) -> Callable[[str, str], str]:
    """Give the address of an entity's page by table and key."""

    def address_of(table: str, key: str) -> str:
        iri = f"https://graph.example.org/entity/plant/{table}/{key}"
        return f"{site}/entity?iri={quote(iri, safe='')}"

    return address_of
