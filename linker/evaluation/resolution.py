"""Which records are the same: all pairs of two tables, or of one, and pairs that a file lists."""

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.ports import Progress
from bifrost.progress import SILENT
from bifrost.truth_file import TruthUnusable, read_rows
from linker.evaluation.given_pairs import Pair
from linker.evaluation.labelling import with_labels
from linker.evaluation.record_tables import RecordTables, record_tables
from linker.evaluation.scores import compared
from linker.resolution.clustering import cluster
from linker.resolution.edges import collect_edges
from linker.resolution.scoring import Judge, judge_of
from linker.resolution.sides import load_sides

EVEN = 0.5
"""Pairs from this probability on count as the same."""


def evaluate_resolution(
    left: Path, right: Path | None = None, *, truth: Path, labels: int = 0, progress: Progress = SILENT
) -> dict[str, Any]:
    """Find the same things in two files, or in one that holds some twice, and compare all pairs with the truth.

    `truth` lists pairs of identifiers, the left file's first. The field with the identifiers is not compared. With
    `labels`, so many pairs are asked for, chosen by the active learner among all candidates. Pairs of one file are
    closed as clusters. Candidates that blocking misses count as missed.

    Raises:
        TruthUnusable: the truth does not fit the files.
    """
    started = time.perf_counter()
    rows = [(row[0], row[1]) for row in read_rows(truth)]
    wanted = {row[0] for row in rows}, {row[1] for row in rows}
    if right is None:
        wanted = (wanted[0] | wanted[1],) * 2
    with record_tables(left, right, wanted, truth, progress) as tables:
        true = _known(rows, tables)
        scored, said = with_labels(_judge(tables), lambda pair: tables.named(*pair) in true, labels)
        found = _clustered(tables, scored) if tables.pair.duplicates else _likely(tables, scored)
        fields = [f"{each.left} = {each.right}" for each in tables.pair.fields]
        candidates = {tables.named(*pair) for pair in _pairs(scored)}
    return {
        **compared(found, true),
        "labels_used": len(said),
        "pairs_found": len(found),
        "pairs_true": len(true),
        "candidate_recall": compared(candidates & true, true)["recall"],
        "fields": fields,
        "seconds": round(time.perf_counter() - started, 1),
    }


def evaluate_pairs(folder: Path, *, labels: int = 0, progress: Progress = SILENT) -> dict[str, Any]:
    """Judge the pairs of a test list: tableA.csv and tableB.csv with an `id`; train, valid and test.csv.

    The lists hold `ltable_id`, `rtable_id` and `label`. Without labels nothing of the lists is used; otherwise at most
    `labels` pairs of train and valid, chosen by the active learner. Whole tables are compared, so that a pair is
    judged beside its rivals; pairs of the test list count as the same from a probability of 0.5 on.

    Raises:
        TruthUnusable: a file of the layout is missing or does not fit.
    """
    started = time.perf_counter()
    known = _labelled(folder, "train") | _labelled(folder, "valid")
    test = _labelled(folder, "test")
    every = [*known, *test]
    wanted = {left for left, _ in every}, {right for _, right in every}
    left, right = folder / "tableA.csv", folder / "tableB.csv"
    with record_tables(left, right, wanted, folder / "test.csv", progress) as tables:
        scored, said = with_labels(_judge(tables), lambda pair: known.get(tables.named(*pair)), labels)
        found = _likely(tables, scored)
        fields = [f"{each.left} = {each.right}" for each in tables.pair.fields]
    true = {pair for pair, same in test.items() if same}
    return {
        **compared(found & test.keys(), true),
        "labels_used": len(said),
        "pairs_judged": len(test),
        "fields": fields,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _judge(tables: RecordTables) -> Judge:
    return judge_of(tables.project, load_sides(tables.project, tables.pair), {})


def _pairs(scored: pa.Table) -> list[Pair]:
    return list(zip(scored["left_row"].to_pylist(), scored["right_row"].to_pylist(), strict=True))


def _likely(tables: RecordTables, scored: pa.Table) -> set[Pair]:
    return {tables.named(*pair) for pair in _pairs(scored.filter(pc.greater_equal(scored["probability"], EVEN)))}


def _clustered(tables: RecordTables, scored: pa.Table) -> set[Pair]:
    """Give the pairs of all clusters, which the pairs that were found make together."""
    table = tables.pair.left
    edges = collect_edges(tables.project.namer, [table], [(table, table, scored)], EVEN, [])
    groups: dict[int, list[str]] = {}
    for node, group in enumerate(cluster(edges, [table.id]).tolist()):
        groups.setdefault(group, []).append(edges.rows[node].as_py())
    return {
        tables.named(one, other) for rows in groups.values() for at, one in enumerate(rows) for other in rows[at + 1 :]
    }


def _known(rows: list[Pair], tables: RecordTables) -> set[Pair]:
    """Give the pairs of the truth whose records are there; what names no records, such as a header, is left out."""
    left, right = (set(names.values()) for names in tables.identifiers)
    if not tables.pair.duplicates:
        return {pair for pair in rows if pair[0] in left and pair[1] in right}
    return {(min(pair), max(pair)) for pair in rows if pair[0] != pair[1] and pair[0] in left and pair[1] in left}


def _labelled(folder: Path, name: str) -> dict[Pair, bool]:
    file = folder / f"{name}.csv"
    if not file.exists():
        raise TruthUnusable(file, "it is not there")
    header, *rows = read_rows(file)
    columns = [header.index(column) if column in header else -1 for column in ("ltable_id", "rtable_id", "label")]
    if -1 in columns:
        raise TruthUnusable(file, "its header must name ltable_id, rtable_id and label")
    return {(row[columns[0]], row[columns[1]]): row[columns[2]] in ("1", "true", "True") for row in rows}
