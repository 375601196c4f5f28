"""Planted truth: the true types of links and the true links, as two CSV files.

`link_types.csv`: type, from_source, from_item, from_field, to_source, to_item, to_field.
`links.csv`: type, from_source, from_item, from_key, to_source, to_item, to_key.
An item is a table of a database, a file, or a pattern of files; an empty key means the whole document. The type
`same_as` joins records that are the same thing.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from bifrost.extraction import Extraction
from bifrost.model import End, Proposal, RuleKind, Table
from bifrost.project import Project

SAME = "same_as"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TrueType:
    """One true type of link."""

    name: str
    from_source: str
    from_item: str
    from_field: str
    to_source: str
    to_item: str
    to_field: str


@dataclass(frozen=True)
class Truth:
    """The truth in the terms of one project: items become logical tables."""

    types: tuple[TrueType, ...]
    links: Mapping[str, frozenset[Pair]]
    """Type -> its links as pairs of IRIs of records or documents."""
    items: Mapping[str, frozenset[str]]
    """Logical table's id -> the items that its records come from."""

    @cached_property
    def same_tables(self) -> frozenset[frozenset[str]]:
        """Give the pairs of tables (by "source/item") that describe the same things."""
        return frozenset(
            frozenset((f"{true.from_source}/{true.from_item}", f"{true.to_source}/{true.to_item}"))
            for true in self.types
            if true.name == SAME
        )

    def names(self, end: End, source: str, item: str) -> bool:
        """Tell whether a proposal's end is this item, or a table of the same things."""
        if not end.table:
            return end.source == source
        if end.source == source and any(fnmatch(each, item) for each in self.items.get(f"{source}/{end.table}", ())):
            return True
        return any(
            frozenset((f"{source}/{item}", f"{end.source}/{each}")) in self.same_tables
            for each in self.items.get(f"{end.source}/{end.table}", ())
        )


def load_truth(folder: Path, project: Project) -> Truth:
    """Read both files and find the logical tables that they speak of."""
    types = _read(folder / "link_types.csv").rename_columns(list(TrueType.__slots__))
    head = project.catalog.head("extraction")
    tables = Extraction.load(project.staging, head).tables if head else ()
    items = {table.id: _items(project, table) for table in tables}
    return Truth(
        types=tuple(TrueType(**row) for row in types.to_pylist()),
        links=_links(project, _read(folder / "links.csv"), items),
        items=items,
    )


def true_types(truth: Truth, proposal: Proposal) -> list[TrueType]:
    """List the true types that a proposed link type stands for; the one with the same field first."""
    start, end = proposal.start, proposal.end
    if proposal.rule.kind is RuleKind.SAME_THING:
        ends = ((start, end), (end, start))
        return [
            true
            for true in truth.types
            if true.name == SAME
            and any(
                truth.names(left, true.from_source, true.from_item) and truth.names(right, true.to_source, true.to_item)
                for left, right in ends
            )
        ]
    found = [
        true
        for true in truth.types
        if true.name != SAME
        and truth.names(start, true.from_source, true.from_item)
        and truth.names(end, true.to_source, true.to_item)
        and _same_field(proposal, true)
    ]
    field = start.fields[0].lower() if start.fields else ""
    return sorted(found, key=lambda true: true.from_field.lower() != field)


def _same_field(proposal: Proposal, true: TrueType) -> bool:
    """A mention in a cell of a document's table is a mention; a column of a database must be the very one."""
    if not true.from_field or proposal.rule.kind is RuleKind.MENTION:
        return True
    return [field.lower() for field in proposal.start.fields] == [true.from_field.lower()]


def _links(project: Project, links: pa.Table, items: Mapping[str, frozenset[str]]) -> dict[str, frozenset[Pair]]:
    tables = {
        (table_id.split("/", 1)[0], item): table_id.split("/", 1)[1] for table_id in items for item in items[table_id]
    }

    def iri(source: str, item: str, key: str) -> str:
        if not key:
            return project.namer.document(source, item)
        return project.namer.record(source, tables.get((source, item), item), key)

    found: dict[str, set[Pair]] = defaultdict(set)
    for row in links.to_pylist():
        start = iri(row["from_source"], row["from_item"], row["from_key"])
        found[row["type"]].add((start, iri(row["to_source"], row["to_item"], row["to_key"])))
    return {name: frozenset(pairs) for name, pairs in found.items()}


def _read(path: Path) -> pa.Table:
    convert = pyarrow.csv.ConvertOptions(strings_can_be_null=False)
    header = path.read_text().split("\n", 1)[0].replace('"', "").strip().split(",")
    convert.column_types = {name: pa.string() for name in header}
    return pyarrow.csv.read_csv(path, convert_options=convert)


def _items(project: Project, table: Table) -> frozenset[str]:
    column = project.staging.table(table.batches, columns=["_item"]).column("_item")
    return frozenset(column.unique().to_pylist())
