"""What a path yields: exact counts where they are cheap, else an interval from a sample of the starts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from bifrost import engine
from bifrost.engine import identifier
from bifrost.iris import RDFS_LABEL, sql_text
from bifrost.model import LinkType
from bifrost.project import Project
from bifrost.snapshots import Unit
from linker.paths.steps import Path, walks_sql

MOST_WALKS = 300_000
"""Beyond these a sample is walked."""
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """What a path yields."""

    pairs: int
    heads: int
    tails: int
    margin: int = 0
    """Half of the 95 % interval of `pairs`; 0 where they were counted."""
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def per_head(self) -> float:
        """Give the links of a start that has any."""
        return self.pairs / self.heads if self.heads else 0.0


class Graph:
    """The links of some types in the set engine, a view for each; `pairs` holds what was measured last."""

    def __init__(self, project: Project, units: Mapping[str, Unit], link_types: Sequence[LinkType]) -> None:
        self.project, self.units = project, units
        self.types = {each.proposal: each for each in link_types if f"links:{each.proposal}" in units}
        self.numbers = {link: number for number, link in enumerate(self.types)}
        self.connection: Any = engine.connect(project.cache_folder("spill"))
        self.connection.execute("SET enable_progress_bar = false")
        # Numbers join many times faster than names; two of ten million names share one once in 400,000 graphs.
        self.connection.execute(
            "CREATE TEMP TABLE links "
            "(type INTEGER, subject UBIGINT, object UBIGINT, subject_iri VARCHAR, object_iri VARCHAR)"
        )
        if self.types:
            self._read()

    def __enter__(self) -> "Graph":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.connection.close()

    def _read(self) -> None:
        """Read all files at once: what is told apart by its file costs no query of its own."""
        staging, namer = self.project.staging, self.project.namer
        facts = {link: self.units[f"links:{link}"].facts for link in self.types}
        stated = self.units["assertions"].facts if "assertions" in self.units else ""
        paths = staging.paths([*dict.fromkeys(facts.values()), *([stated] if stated else [])])
        place = {digest: staging.paths([digest])[0] for digest in {*facts.values(), stated} if digest}
        of_files = [(number, place[facts[link]], "") for link, number in self.numbers.items()]
        said = [
            (number, place[stated], namer.link(self.types[link].name))
            for link, number in self.numbers.items()
            if stated
        ]
        held = pa.table(dict(zip(("type", "file", "predicate"), zip(*of_files, *said, strict=True), strict=True)))
        self.connection.register("held", held)
        self.connection.execute(
            "INSERT INTO links SELECT type, hash(subject), hash(object), subject, object FROM ("
            "SELECT DISTINCT type, subject, object "
            f"FROM {engine.scan(paths).removesuffix(')')}, filename = true) f JOIN held h ON h.file = f.filename "
            "AND h.predicate IN ('', f.predicate) WHERE datatype = '')"
        )
        for link, number in self.numbers.items():
            self.connection.execute(
                f"CREATE TEMP VIEW {relation(link)} AS "
                f"SELECT subject, object, 1.0 AS confidence, '' AS seen FROM links WHERE type = {number}"
            )

    def walks(self, path: Path) -> int:
        """Count the walks of a path without making them; those that visit an entity twice are counted too."""
        counted = f"SELECT subject AS node, 1 AS walks FROM {relation(path[0].link)} WHERE false"
        for place, step in enumerate(path):
            start, end = ("object", "subject") if step.backward else ("subject", "object")
            links = relation(step.link)
            before = f"({counted}) JOIN {links} ON {start} = node"
            counted = (
                f"SELECT {end} AS node, sum(walks) AS walks FROM {before} GROUP BY {end}"
                if place
                else f"SELECT {end} AS node, count(*) AS walks FROM {links} GROUP BY {end}"
            )
        return int(self.connection.execute(f"SELECT coalesce(sum(walks), 0) FROM ({counted})").fetchall()[0][0])

    def links(self, link: str) -> Any:
        """Give the links of a type as an Arrow table (subject, object)."""
        number = self.numbers[link]
        return self.connection.sql(
            f"SELECT subject_iri AS subject, object_iri AS object FROM links WHERE type = {number}"
        ).to_arrow_table()

    def names(self, nodes: Sequence[int]) -> dict[int, str]:
        """Give the IRIs of nodes by their numbers."""
        listed = ", ".join(str(node) for node in set(nodes)) or "NULL"
        return dict(
            self.connection.execute(
                f"SELECT subject, any_value(subject_iri) FROM links WHERE subject IN ({listed}) GROUP BY subject "
                f"UNION SELECT object, any_value(object_iri) FROM links WHERE object IN ({listed}) GROUP BY object"
            ).fetchall()
        )


def relation(link: str) -> str:
    """Name the table of a link type's links."""
    return identifier(f"links_{link}")


def measure(graph: Graph, path: Path, *, most_walks: int = MOST_WALKS) -> Measured:
    """Walk a path, leave its pairs (head, tail) in the table `pairs`, and count them."""
    parts = max(1, math.ceil(graph.walks(path) / most_walks))
    walks = walks_sql([(relation(step.link), step.backward) for step in path])
    sample = f"WHERE hash(n0) % {parts} = 0" if parts > 1 else ""
    graph.connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS "
        f"SELECT DISTINCT n0 AS head, n{len(path)} AS tail FROM ({walks}) {sample}"
    )
    ((heads, pairs, tails, spread),) = graph.connection.execute(
        "SELECT count(*), coalesce(sum(links), 0), (SELECT count(DISTINCT tail) FROM pairs), "
        "coalesce(sum(links * links), 0) FROM (SELECT count(*) AS links FROM pairs GROUP BY head)"
    ).fetchall()
    # Starts are drawn one by one (Poisson sampling): the variance of the total is that of the sum of squares.
    margin = round(1.96 * math.sqrt(parts * (parts - 1) * spread))
    return Measured(int(pairs) * parts, heads * parts, tails, margin)


def examples(graph: Graph, *, besides: Sequence[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """Give some of the pairs (IRIs) that were measured last, none of them among `besides`."""
    rows = graph.connection.execute(
        f"SELECT head, tail FROM pairs ORDER BY hash(head, tail) LIMIT {EXAMPLES + len(besides)}"
    ).fetchall()
    names = graph.names([node for row in rows for node in row])
    shown = [(names[head], names[tail]) for head, tail in rows]
    return tuple(pair for pair in shown if pair not in set(besides))[:EXAMPLES]


def labels_of(connection: Any, project: Project, units: Mapping[str, Unit], iris: Sequence[str]) -> dict[str, str]:
    """Give the labels of entities; what has none is called by the end of its IRI."""
    facts = [unit.facts for name, unit in units.items() if name.startswith(("table:", "documents:"))]
    found: dict[str, str] = {}
    if facts and iris:
        known = ", ".join(sql_text(iri) for iri in set(iris))
        found = dict(
            connection.execute(
                f"SELECT subject, min(object) FROM {engine.scan(project.staging.paths(facts))} "
                f"WHERE predicate = {sql_text(RDFS_LABEL)} AND subject IN ({known}) GROUP BY subject"
            ).fetchall()
        )
    return {iri: found.get(iri) or unquote(iri.rstrip("/").rpartition("/")[2]) for iri in iris}
