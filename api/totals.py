"""The counts of a whole project, as the start page shows them."""

from functools import lru_cache

from bifrost import review
from bifrost.errors import GraphEmpty
from bifrost.project import Project
from graph_store.entities import entities
from graph_store.entities.graph import open_graph


def totals(project: Project) -> dict[str, int]:
    """Count what the project holds, with the entities of the published graph."""
    return {**review.summary(project), "entities": _entities(project)}


def _entities(project: Project) -> int:
    try:
        return _counted(project, open_graph(project).snapshot.digest)
    except GraphEmpty:
        return 0


@lru_cache(maxsize=8)
def _counted(project: Project, _snapshot: str) -> int:
    """Count once per snapshot, which never changes."""
    return entities(project, first=0).total
