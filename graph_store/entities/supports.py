"""Where facts were seen: of an entity's own facts in staging, of links towards it in the provenance graph."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bifrost.schemas import FACTS
from graph_store.entities.graph import Graph, Statement, named
from graph_store.entities.views import Support
from graph_store.triples import provenance

_STATEMENTS_READ = 1_000


def facts_about(graph: Graph, subject: str) -> pa.Table:
    """Read all supports (`bifrost.schemas.FACTS`) of one subject.

    Units are sorted by subject, so that a few row groups are read, however large the graph is.
    """
    digests = dict.fromkeys(unit.facts for unit in graph.snapshot.units.values())
    paths = (graph.staging.path(digest) for digest in digests)
    found = [_read(path, subject) for path in paths if _may_hold(path, subject)]
    return pa.concat_tables([FACTS.empty_table(), *found]).sort_by(
        [(name, "ascending") for name in ("predicate", "object", "source", "item", "place")]
    )


def support_of(row: Mapping[str, Any]) -> Support:
    """Give the support that a row of facts is."""
    return Support(row["source"], row["item"], row["place"], row["method"], round(row["confidence"], 4))


def statements_about(graph: Graph, end: str, *, role: str) -> Mapping[Statement, tuple[Support, ...]]:
    """Read the provenance of links that have an entity as `role` (`provenance.SUBJECT` or `provenance.OBJECT`)."""
    from pyoxigraph import NamedNode

    node = named(end)
    if node is None:
        return {}
    place = NamedNode(graph.namer.special_graph("provenance"))
    quads = graph.store.quads_for_pattern(None, NamedNode(role), node, place)
    found: dict[Statement, list[Support]] = defaultdict(list)
    for quad in islice(quads, _STATEMENTS_READ):
        values = _values(graph, quad.subject)
        parts = (values.get(part, "") for part in (provenance.SUBJECT, provenance.PREDICATE, provenance.OBJECT))
        found[Statement(*parts)].append(_support(graph, values))
    return {statement: tuple(sorted(supports, key=_order)) for statement, supports in found.items()}


def _values(graph: Graph, node: Any) -> Mapping[str, str]:
    from pyoxigraph import NamedNode

    place = NamedNode(graph.namer.special_graph("provenance"))
    about: Iterable[Any] = graph.store.quads_for_pattern(node, None, None, place)
    return {quad.predicate.value: quad.object.value for quad in about}


def _support(graph: Graph, values: Mapping[str, str]) -> Support:
    source = values.get(graph.namer.term("source"), "")
    item = values.get(provenance.DERIVED_FROM, "").removeprefix(graph.namer.document(source, ""))
    place, method = (values.get(graph.namer.term(name), "") for name in ("place", "method"))
    return Support(source, unquote(item), place, method, float(values.get(graph.namer.term("confidence"), 1)))


def _order(support: Support) -> tuple[str, str, str]:
    return support.source, support.item, support.place


def _may_hold(path: Path, subject: str) -> bool:
    return any(first <= subject <= last for first, last in _ranges(path))


def _read(path: Path, subject: str) -> pa.Table:
    groups = [number for number, (first, last) in enumerate(_ranges(path)) if first <= subject <= last]
    with pq.ParquetFile(path) as file:
        table = file.read_row_groups(groups, columns=FACTS.names, use_threads=False)
    return table.select(FACTS.names).filter(pc.field("subject") == subject).cast(FACTS)


@lru_cache(maxsize=10_000)
def _ranges(path: Path) -> tuple[tuple[str, str], ...]:
    """Give the first and last subject of every row group; staged files never change."""
    metadata = pq.read_metadata(path)
    column = metadata.schema.to_arrow_schema().get_field_index("subject")
    statistics = (metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups))
    return tuple((each.min, each.max) if each and each.has_min_max else ("", "\U0010ffff") for each in statistics)


def best_confidence(supports: Iterable[Support]) -> float:
    """Give the confidence of the surest support; links without provenance are certain."""
    return max((support.confidence for support in supports), default=1.0)
