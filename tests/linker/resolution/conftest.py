"""Projects, tables of companies in two spellings, and matches as the extract room would give them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from bifrost.model import Decision, Table
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.schemas import MATCHES, PROFILES
from linker.resolution import Resolution, resolve

FieldMatch = tuple[Table, str, Table, str]
Resolve = Callable[..., Resolution]


def new_project(folder: Path) -> Project:
    return create_project(folder, "extraction: {embeddings: false}\n")


def profiles_of(project: Project, tables: Sequence[Table]) -> pa.Table:
    from extractors.fields.profile import profile_tables

    return project.staging.table([profile_tables(project, tables, Silent())]).cast(PROFILES)


def matches_of(fields: Iterable[FieldMatch]) -> pa.Table:
    rows = [
        dict(zip(MATCHES.names, (a.source, a.name, one, b.source, b.name, two, 0.9, "[]"), strict=True))
        for a, one, b, two in fields
    ]
    return pa.Table.from_pylist(rows, MATCHES)


def resolve_in(
    project: Project, tables: Sequence[Table], fields: Iterable[FieldMatch] = (), decisions: Sequence[Decision] = ()
) -> Resolution:
    return resolve(project, tables, profiles_of(project, tables), matches_of(fields), decisions, Silent())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give an empty project that works without the text encoder."""
    return new_project(tmp_path / "home")
