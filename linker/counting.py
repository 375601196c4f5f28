"""What a link reports to people."""

from bifrost import engine, review
from bifrost.iris import RDF_TYPE
from bifrost.project import Project
from bifrost.snapshots import Snapshot


def counts(project: Project) -> dict[str, int]:
    """Count facts, entities, link types, links and open questions of the latest snapshot."""
    snapshot = project.snapshot()
    links = [unit.rows for name, unit in snapshot.units.items() if name.startswith("links:")]
    return {
        "facts": snapshot.facts,
        "entities": _entities(project, snapshot),
        "link_types": len(links),
        "links": sum(links),
        "questions": len(review.open_proposals(project)),
    }


def _entities(project: Project, snapshot: Snapshot) -> int:
    units = [unit.facts for name, unit in snapshot.units.items() if name.startswith(("table:", "documents:"))]
    if not units:
        return 0
    known = project.catalog.checkpoint("count", "entities", snapshot.digest)
    if known is None:
        connection = engine.connect(project.cache_folder("spill"))
        query = f"SELECT count(DISTINCT subject) FROM {engine.scan(project.staging.paths(units))} WHERE predicate = ?"
        known = str(connection.execute(query, [RDF_TYPE]).fetchone()[0])
        project.catalog.finish_unit("count", "entities", snapshot.digest, known)
    return int(known)
