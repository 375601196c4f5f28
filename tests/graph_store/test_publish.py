"""The publish stage."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store

from bifrost import plugins
from bifrost.config import Settings
from bifrost.model import StageReport
from bifrost.ports import Projection, Scope
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.snapshots import ChangeSet
from bifrost.testing.graphs import Fact, entity, labelled, typed
from graph_store.search.service import search
from graph_store.stage import PublishStage
from graph_store.triples.service import query

ORDER = entity("1")
UNITS = {"orders": [typed(ORDER), labelled(ORDER, "One"), labelled(ORDER, "One", place="row 2")]}
Publish = Callable[..., StageReport]


def _counts(added: int, removed: int) -> dict[str, int]:
    names = ("triples", "search")
    return {f"added_{name}": added for name in names} | {f"removed_{name}": removed for name in names}


def _labels(project: Project) -> list[object]:
    return [row["l"] for row in query(project, "SELECT ?l { ?s rdfs:label ?l }").rows or ()]


def test_publishing_counts_facts_and_changes(publish: Publish) -> None:
    assert publish(UNITS).counts == {"facts": 3, "rejects": 0, **_counts(2, 0)}
    assert publish({"orders": UNITS["orders"][:1]}).counts == {"facts": 1, "rejects": 0, **_counts(0, 1)}


def test_nothing_changed_counts_nothing_and_touches_nothing(project: Project, publish: Publish) -> None:
    publish(UNITS)
    before = {path: path.stat().st_mtime_ns for path in (project.home / "stores").rglob("*")}
    assert publish(UNITS).counts == {"facts": 3, "rejects": 0, **_counts(0, 0)}
    assert {path: path.stat().st_mtime_ns for path in (project.home / "stores").rglob("*")} == before


def test_before_the_first_link_there_is_nothing_to_publish(project: Project) -> None:
    report = PublishStage().run(project, Scope(), Silent())
    assert report.counts == {"facts": 0, "rejects": 0, **_counts(0, 0)}
    assert report.failures == ()


def test_a_run_without_changes_opens_no_triple_store(project: Project, publish: Publish) -> None:
    publish(UNITS)
    code = """
import sys
from pathlib import Path
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import open_project
from graph_store.stage import PublishStage
print(PublishStage().run(open_project(Path(sys.argv[1])), Scope(), Silent()).failures)
print([name for name in ("pyoxigraph", "rdflib", "onnxruntime", "usearch", "torch") if name in sys.modules])
"""
    command = [sys.executable, "-c", code, str(project.home)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["()", "[]"]


class Refusing:
    """A store that is down."""

    name = "refusing"

    def __init__(self, project: Project) -> None: ...

    def cursor(self) -> str | None:
        return None

    def apply(self, changes: ChangeSet) -> None:
        raise OSError("the server is down")

    def clear(self) -> None: ...

    def close(self) -> None: ...


def test_a_store_that_fails_does_not_hold_the_others_back(
    project: Project, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = plugins.load
    monkeypatch.setattr(plugins, "load", lambda group, name: Refusing if name == "refusing" else load(group, name))
    project.settings = Settings.model_validate({"stores": {"projections": ["refusing", "triples"]}})
    report = publish(UNITS)
    assert report.failures == ("refusing: the server is down",)
    assert _labels(project) == ["One"]


def test_an_unknown_projection_is_a_failure_that_names_the_known_ones(project: Project, publish: Publish) -> None:
    project.settings = Settings.model_validate({"stores": {"projections": ["nosuch", "triples"]}})
    (failure,) = publish(UNITS).failures
    assert "known: search, triples" in failure
    assert _labels(project) == ["One"]


@pytest.mark.parametrize("name", ["triples", "search"])
def test_a_store_whose_snapshot_is_swept_is_built_anew(project: Project, publish: Publish, name: str) -> None:
    publish({"old": [typed(entity("old")), labelled(entity("old"), "Old")]})
    assert [hit.label for hit in search(project, "One Old")] == _labels(project) == ["Old"]
    store: Projection = plugins.load(plugins.PROJECTIONS, name)(project)
    project.staging.path(store.cursor() or "").unlink()
    publish(UNITS)
    assert _labels(project) == ["One"]
    assert [hit.label for hit in search(project, "One Old")] == ["One"]


def test_a_store_whose_old_facts_are_swept_is_built_anew(project: Project, publish: Publish) -> None:
    publish({"old": [typed(entity("old")), labelled(entity("old"), "Old")]})
    for unit in project.snapshot().units.values():
        project.staging.path(unit.facts).unlink()
    assert publish(UNITS).failures == ()
    assert _labels(project) == ["One"]


def test_a_damaged_index_is_built_anew(project: Project, publish: Publish) -> None:
    publish(UNITS)
    (project.store_folder("search") / "words" / "meta.json").write_text("{")
    assert publish(UNITS).failures == ()
    assert [hit.label for hit in search(project, "one")] == ["One"]


def test_two_writers_do_not_mix(project: Project, publish: Publish) -> None:
    other = Store(str(project.store_folder("triples") / "writer"))
    (failure,) = publish(UNITS).failures
    assert "triples" in failure
    del other
    assert publish(UNITS).failures == ()
    assert _labels(project) == ["One"]


def test_lost_facts_of_the_new_snapshot_are_a_failure_and_leave_the_store(project: Project, publish: Publish) -> None:
    publish(UNITS)
    lost = {"orders": [typed(ORDER)]}
    publish(lost)
    facts = project.staging.path(project.snapshot().units["orders"].facts)
    publish(UNITS)
    facts.unlink()
    project.catalog.move_head("snapshot", next(iter(_cursors(project, lost))))
    report = PublishStage().run(project, Scope(), Silent())
    assert all("is damaged" in failure for failure in report.failures)
    assert report.failures


def _cursors(project: Project, units: dict[str, list[Fact]]) -> list[str]:
    from bifrost.testing.graphs import snapshot_of

    digest = snapshot_of(project, units).digest
    for unit in units:
        staged = project.staging.json(digest)["units"][unit][1]
        project.staging.path(staged).unlink()
    return [digest]


def test_facts_that_no_store_can_hold_are_listed_with_the_reason(project: Project, publish: Publish) -> None:
    bad = Fact("not an iri", "also not", "value", item="a.csv", place="row 9")
    report = publish({**UNITS, "bad": [bad]})
    assert report.counts["rejects"] == 1
    assert report.failures == ()
    (reject,) = project.catalog.rejects()
    assert (reject.item, reject.place, reject.stage) == ("a.csv", "row 9", "publish")
    assert "not an iri" in reject.reason
    assert publish({**UNITS, "bad": [bad]}).counts["rejects"] == 1
    assert publish(UNITS).counts["rejects"] == 0
    assert project.catalog.rejects() == []


def test_many_such_facts_are_summed_up(project: Project, publish: Publish) -> None:
    assert publish({"bad": [Fact("no iri", f"p{n}", "x") for n in range(250)]}).counts["rejects"] == 250
    rejects = project.catalog.rejects()
    assert len(rejects) == 101
    assert "150 more" in rejects[-1].reason or "150 more" in rejects[0].reason


def test_every_projection_has_a_contract_test() -> None:
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_*_contract.py")]
    for name in plugins.names(plugins.PROJECTIONS):
        assert any(f'projection = "{name}"' in text for text in texts), f"write a ProjectionContract test for {name!r}"
