"""SPARQL 1.1 on the published graph, for reading."""

import atexit
import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bifrost.errors import GraphEmpty, QueryInvalid, QueryTimeout, StoreUnreadable
from bifrost.project import Project
from bifrost.snapshots import Snapshot
from bifrost.staging import Staging
from graph_store.triples import published
from graph_store.triples.admission import admit
from graph_store.triples.prefixes import known_prefixes
from graph_store.triples.result import SparqlResult
from graph_store.triples.workers import Died, Pool, TimedOut

__all__ = ["SparqlResult", "query"]

LANGUAGE = "SPARQL"


def query(
    project: Project, text: str, *, timeout_seconds: float | None = None, graphs: Sequence[str] | None = None
) -> SparqlResult:
    """Answer a SELECT, ASK, CONSTRUCT or DESCRIBE over the union of all graphs, or over the named `graphs` only.

    Raises:
        QueryInvalid: it cannot be parsed, would change something, or would call another server.
        QueryTimeout: it ran longer than `timeout_seconds` (default: the project's setting).
        GraphEmpty: nothing is published yet.
    """
    limit = project.settings.stores.query_timeout_seconds if timeout_seconds is None else timeout_seconds
    state = _state(project)
    prefixes = _prefixes(project, str(state.cursor))
    admit(text, prefixes)
    request = {
        "query": text,
        "base": project.settings.base,
        "prefixes": prefixes,
        "graphs": None if graphs is None else list(graphs),
        "timeout_seconds": limit,
    }
    return _read(*_ask(project, request, limit))


def _ask(project: Project, request: Mapping[str, Any], limit: float) -> tuple[dict[str, Any], bytes]:
    """Ask the view that is published now; once more if a publish removed it meanwhile."""
    header: dict[str, Any] = {}
    for _ in range(2):
        folder = _view(project)
        try:
            header, content = _pool().ask({**request, "folder": str(folder)}, limit)
        except TimedOut:
            raise QueryTimeout(LANGUAGE, limit) from None
        except Died:
            raise QueryInvalid(LANGUAGE, "it needs more memory than a query may take: narrow it") from None
        if header["kind"] != "failed":
            return header, content
    raise StoreUnreadable("triples", header["reason"])


def _read(header: Mapping[str, Any], content: bytes) -> SparqlResult:
    if header["kind"] == "invalid":
        raise QueryInvalid(LANGUAGE, header["reason"])
    if header["kind"] == "boolean":
        return SparqlResult(("answer",), json.dumps({"head": {}, "boolean": header["value"]}).encode())
    return SparqlResult(tuple(header["variables"]), content, header["kind"] == "triples")


def _state(project: Project) -> published.State:
    state = published.read_state(project.store_folder("triples"))
    if state.cursor is None:
        raise GraphEmpty(project.home)
    return state


def _view(project: Project) -> Path:
    return published.view_folder(project.store_folder("triples"), _state(project).view)


def _prefixes(project: Project, snapshot: str) -> dict[str, str]:
    return known_prefixes(project.namer, _graphs(project.staging.folder, snapshot))


@lru_cache(maxsize=32)
def _graphs(staging: Path, snapshot: str) -> frozenset[str]:
    if not Staging(staging).has(snapshot):
        return frozenset()
    return frozenset(unit.graph for unit in Snapshot.load(Staging(staging), snapshot).units.values())


@cache
def _pool() -> Pool:
    pool = Pool()
    atexit.register(pool.close)
    return pool
