"""What a link reports to people."""

from bifrost import engine, review
from bifrost.iris import RDF_TYPE
from bifrost.project import Project
from bifrost.snapshots import Snapshot


def counts(project: Project) -> dict[str, int]:
    """Count facts, entities, link types, links and open questions of the latest snapshot."""
    held = review.summary(project)
    return {
        "facts": held["facts"],
        "entities": _entities(project, project.snapshot()),
        "link_types": held["link_types"],
        "links": held["links"],
        "questions": held["open_proposals"],
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
