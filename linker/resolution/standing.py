"""Which tables describe things of their own, and which only lie inside documents that tell of things."""

from collections.abc import Mapping, Sequence

from bifrost import engine
from bifrost.extraction import Documents, Extraction
from bifrost.model import ItemKind, Table
from bifrost.project import Project


def known_documents(project: Project) -> Mapping[str, Documents]:
    """Give the documents of the current extraction, by source."""
    head = project.catalog.head("extraction")
    return (Extraction.load(project.staging, head).documents or {}) if head else {}


def standing_alone(project: Project, tables: Sequence[Table], documents: Mapping[str, Documents]) -> list[Table]:
    """Keep the tables of databases and of files that hold nothing else: what a report repeats is no list of things."""
    inside = {
        source: _items(project, found.documents, "item") for source, found in documents.items() if found.documents
    }
    return [table for table in tables if table.rows and not _is_inside(project, table, inside.get(table.source, set()))]


def _is_inside(project: Project, table: Table, items: set[str]) -> bool:
    return table.origin is ItemKind.FILE and bool(items) and bool(items & _items(project, table.batches, "_item"))


def _items(project: Project, digests: Sequence[str], column: str) -> set[str]:
    connection = engine.connect(project.cache_folder("spill"))
    found = connection.sql(f"SELECT DISTINCT {column} FROM {engine.scan(project.staging.paths(digests))}")
    return {row[0] for row in found.fetchall()}
