"""A small project with proposals and decisions, and an application on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from bifrost import plugins
from bifrost.model import End, Proposal, ProposalKind, Reason, Route, Rule, RuleKind
from bifrost.project import Project, create_project
from bifrost.snapshots import EMPTY, ChangeSet
from bifrost.testing.graphs import entity, labelled, linked, snapshot_of, typed, valued

BASE = "https://graph.example.org/"
LOT, OTHER_LOT = entity("L-1", "stock", "lots"), entity("L-2", "stock", "lots")
SUPPLIER = entity("7", "buying", "suppliers")
UNITS = {
    "rows:lots": [
        typed(LOT, "stock", "lots"),
        labelled(LOT, "Lot L-1", "stock"),
        valued(LOT, "grade", "S355 <b>steel</b>", source="stock", item="lots", place="row 1"),
        valued(LOT, "grade", "S355 <b>steel</b>", source="stock", item="report.pdf", place="page 2", confidence=0.8),
        valued(LOT, "weight", "12", "integer", "stock", item="lots"),
        typed(OTHER_LOT, "stock", "lots"),
        labelled(OTHER_LOT, "Lot L-2", "stock"),
    ],
    "rows:suppliers": [
        typed(SUPPLIER, "buying", "suppliers"),
        labelled(SUPPLIER, "Steelworks Aachen", "buying"),
        valued(SUPPLIER, "town", "Aachen", source="buying"),
    ],
    "links:delivered": [
        linked(LOT, "delivered by", SUPPLIER, ("stock", "buying"), item="lots", method="reference", confidence=0.9),
        linked(OTHER_LOT, "delivered by", SUPPLIER, ("stock", "buying"), item="lots", method="reference"),
    ],
}
"""A graph of two lots and the supplier of both."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path / "home", f"base: {BASE}\n")
    folder = made.home / "files"
    folder.mkdir()
    (folder / "lots.csv").write_text("lot,supplier\nL-1,7\n")
    return made


@pytest.fixture
def asked() -> Proposal:
    """A link type that waits for a person; its name tries to be markup."""
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End("stock", "lots", ("supplier",)),
        end=End("stock", "suppliers", ("id",)),
        probability=0.7,
        name="<img src=x onerror=alert(1)>",
        rule=Rule(RuleKind.REFERENCE),
        examples=(("L-1", "Steelworks"),),
        estimated_links=3,
        because=(Reason("inclusion", "1.0", 2.5),),
        model="references",
    )


@pytest.fixture
def accepted() -> Proposal:
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End("stock", "parts", ("lot",)),
        end=End("stock", "lots", ("lot",)),
        probability=0.99,
        name="made of",
        rule=Rule(RuleKind.REFERENCE),
        estimated_links=2,
    )


@pytest.fixture
def reviewed(project: Project, asked: Proposal, accepted: Proposal) -> Project:
    """The project after a link that found two proposals and no facts."""
    snapshot = snapshot_of(project, {}, [(asked, Route.ASK), (accepted, Route.ACCEPTED)])
    project.catalog.move_head("snapshot", snapshot.digest)
    return project


@pytest.fixture
def web(reviewed: Project) -> Iterator[TestClient]:
    with TestClient(create_app(reviewed), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a published graph of two sources; tests only read it."""
    project = create_project(tmp_path_factory.mktemp("published"), f"base: {BASE}\n")
    snapshot = snapshot_of(project, UNITS)
    project.catalog.move_head("snapshot", snapshot.digest)
    for name in project.settings.stores.projections:
        store = plugins.load(plugins.PROJECTIONS, name)(project)
        store.apply(ChangeSet(project.staging, EMPTY, snapshot))
        store.close()
    return project


@pytest.fixture(scope="session")
def graph_web(published: Project) -> Iterator[TestClient]:
    with TestClient(create_app(published), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
