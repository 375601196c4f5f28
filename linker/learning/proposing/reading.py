"""What the learner reads: the accepted links, and the entities with type, label and values."""

import pyarrow as pa

from bifrost import engine
from bifrost.iris import RDF_TYPE, RDFS_LABEL
from linker.assembly.writing import Assembly

VALUES, VALUE_LENGTH = 8, 60
"""Values of an entity that are read, and their characters."""


def learnable(assembly: Assembly) -> tuple[pa.Table, pa.Table]:
    """Give links (subject, predicate, object) and entities (iri, type, label, text), sorted and without duplicates.

    `text` joins an entity's first few values in ascending order, each cut short.
    """
    links = [unit.facts for name, unit in assembly.units.items() if name.startswith(("links:", "assertions"))]
    things = [unit.facts for name, unit in assembly.units.items() if name.startswith(("table:", "documents:"))]
    if not links or not things:
        return _EMPTY_LINKS, _EMPTY_ENTITIES
    paths = assembly.project.staging.paths
    connection = assembly.connect()
    linked = connection.sql(
        f"SELECT DISTINCT subject, predicate, object FROM {engine.scan(paths(links))} WHERE datatype = '' ORDER BY ALL"
    ).to_arrow_table()
    value = f"left(object, {VALUE_LENGTH})"
    is_value = f"datatype <> '' AND predicate <> '{RDFS_LABEL}'"
    values = f"list(DISTINCT {value} ORDER BY {value}) FILTER ({is_value})[:{VALUES}]"
    entities = connection.sql(
        f"""
        SELECT subject AS iri,
               min(object) FILTER (predicate = '{RDF_TYPE}') AS type,
               min(object) FILTER (predicate = '{RDFS_LABEL}') AS label,
               coalesce(array_to_string({values}, '; '), '') AS text
        FROM {engine.scan(paths(things))}
        GROUP BY subject HAVING type IS NOT NULL OR label IS NOT NULL ORDER BY subject
        """
    ).to_arrow_table()
    connection.close()
    return linked, entities


_EMPTY_LINKS = pa.table({name: pa.array([], pa.string()) for name in ("subject", "predicate", "object")})
_EMPTY_ENTITIES = pa.table({name: pa.array([], pa.string()) for name in ("iri", "type", "label", "text")})
