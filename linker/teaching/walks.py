"""Rules by path: the ways over existing links that lead from the one thing of the examples to the other."""

from collections.abc import Sequence

import pyarrow as pa

from bifrost.model import End, LinkType, Reason, Rule, RuleKind, Table
from linker.paths.measuring import Graph, Measured, examples, measure
from linker.paths.steps import Path, Step, as_text, in_words
from linker.teaching.ranking import Candidate
from linker.teaching.things import Thing

MOST_PATHS = 12
_COST_OF_A_STEP = 1.0

_FOUND = """
    WITH given AS (SELECT pair, hash(head) AS head, hash(tail) AS tail FROM named), hops AS (
        SELECT 2 * type AS hop, subject AS here, object AS there FROM links
        UNION ALL SELECT 2 * type + 1, object, subject FROM links
    ), one AS (
        SELECT DISTINCT pair, head, tail, hop AS h0, there AS n1 FROM given JOIN hops ON here = head WHERE there <> head
    ), two AS (
        SELECT DISTINCT pair, head, tail, h0, hop AS h1, n1, there AS n2 FROM one JOIN hops ON here = n1
        WHERE n1 <> tail AND there NOT IN (head, n1)
    ), back AS (
        SELECT DISTINCT pair, hop, there AS before FROM given JOIN hops ON here = tail WHERE there NOT IN (head, tail)
    )
    SELECT DISTINCT pair, h0, -1 AS h1, -1 AS h2 FROM one WHERE n1 = tail
    UNION SELECT pair, h0, h1, -1 FROM two WHERE n2 = tail
    UNION SELECT two.pair, h0, h1, xor(hop, 1) FROM two JOIN back ON back.pair = two.pair AND before = n2
    WHERE n2 <> tail
"""


def path_candidates(
    graph: Graph, tables: dict[str, Table], pairs: Sequence[tuple[Thing, Thing]], denied: Sequence[tuple[Thing, Thing]]
) -> list[Candidate]:
    """Give the paths of at most three links that lead over examples, those over most of them first."""
    found = _covered(graph, [*pairs, *denied])
    best = sorted(found, key=lambda path: (-len(_first(found[path], len(pairs))), len(path), as_text(path)))
    return [
        _candidate(graph, tables, path, (pairs, found[path]))
        for path in best[:MOST_PATHS]
        if 2 * len(_first(found[path], len(pairs))) >= len(pairs)
    ]


def _first(covered: frozenset[int], count: int) -> frozenset[int]:
    return frozenset(number for number in covered if number < count)


def _covered(graph: Graph, pairs: Sequence[tuple[Thing, Thing]]) -> dict[Path, frozenset[int]]:
    """Give path -> the numbers of the pairs that it leads over."""
    links = list(graph.types)
    rows = {
        "pair": list(range(len(pairs))),
        "head": [start.iri for start, _ in pairs],
        "tail": [end.iri for _, end in pairs],
    }
    graph.connection.register("named", pa.table(rows))
    found: dict[Path, set[int]] = {}
    for pair, *hops in graph.connection.execute(_FOUND).fetchall():
        path = tuple(Step(links[hop // 2], bool(hop % 2)) for hop in hops if hop >= 0)
        found.setdefault(path, set()).add(pair)
    return {path: frozenset(numbers) for path, numbers in found.items()}


def _candidate(
    graph: Graph,
    tables: dict[str, Table],
    path: Path,
    known: tuple[Sequence[tuple[Thing, Thing]], frozenset[int]],
) -> Candidate:
    pairs, covered = known
    measured = measure(graph, path)
    first, last = graph.types[path[0].link], graph.types[path[-1].link]
    start, end = path[0].leads(first)[0], path[-1].leads(last)[1]
    given = [(head.iri, tail.iri) for head, tail in pairs]
    return Candidate(
        start=End(start.source, start.table),
        end=End(end.source, end.table),
        rule=Rule(RuleKind.PATH, as_text(path)),
        cost=_COST_OF_A_STEP * max(len(path), 2),  # One step is a link that is there already, under another name.
        covered=_first(covered, len(pairs)),
        denied=frozenset(number - len(pairs) for number in covered if number >= len(pairs)),
        links=measured.pairs,
        possible=_size(tables, start, measured.heads) * _size(tables, end, measured.tails),
        notes=_notes(graph.types, path, measured),
        examples=examples(graph, besides=given),
    )


def _size(tables: dict[str, Table], end: End, reached: int) -> int:
    table = tables.get(f"{end.source}/{end.table}")
    return max(table.rows if table else 0, reached, 1)


def _notes(types: dict[str, LinkType], path: Path, measured: Measured) -> tuple[Reason, ...]:
    names = {link: each.name for link, each in types.items()}
    counted = f"{measured.pairs:,} pairs" + (f" +- {measured.margin:,} (from a sample)" if measured.margin else "")
    return (
        Reason("path", in_words(path, names)),
        Reason("would link", f"{counted}: {measured.heads:,} starts with {measured.per_head:.2f} ends each"),
    )
