"""Facts that no store can hold: they are left out, and listed with the reason."""

from typing import Any

from bifrost import engine
from bifrost.model import Reject
from bifrost.project import Project
from bifrost.snapshots import Snapshot, Unit
from graph_store.triples import terms

STAGE = "publish"
_LISTED = 100


def record_rejects(project: Project, target: Snapshot) -> dict[str, int]:
    """Look through the units that changed since the last time, and count all facts that are left out."""
    known = project.catalog.checkpoints(STAGE)
    gone = known.keys() - target.units.keys()
    if gone:
        project.catalog.drop_checkpoints(STAGE, sorted(gone))
    total = 0
    for name, unit in sorted(target.units.items()):
        given, output = known.get(name, ("", ""))
        if given != unit.facts:
            rejects, count = _found(project, unit)
            output = str(count)
            project.catalog.finish_unit(STAGE, name, unit.facts, output, rejects)
        total += int(output)
    return {"rejects": total}


def _found(project: Project, unit: Unit) -> tuple[list[Reject], int]:
    with engine.connect(project.cache_folder("spill")) as connection:
        invalid = f"FROM {engine.scan(project.staging.paths([unit.facts]))} WHERE NOT ({terms.valid()})"
        ((count,),) = connection.sql(f"SELECT count(*) {invalid}").fetchall()
        if not count:
            return [], 0
        listed = connection.sql(f"SELECT * {invalid} ORDER BY ALL LIMIT {_LISTED}").to_arrow_table().to_pylist()
    rejects = [_reject(fact) for fact in listed]
    if count > _LISTED:
        rejects.append(
            Reject(rejects[0].source, "", "", STAGE, f"{count - _LISTED} more facts like these are left out")
        )
    return rejects, count


def _reject(fact: dict[str, Any]) -> Reject:
    text = f"{fact['subject']} {fact['predicate']} {fact['object']}"
    reason = f"a name in this fact is no IRI, so no store can hold it: {text[:300]}"
    return Reject(fact["source"], fact["item"], fact["place"], STAGE, reason)
