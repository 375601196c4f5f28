"""Projects, and a function from staged tables and matched fields to a resolution."""

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


@pytest.fixture
def new_project() -> Callable[[Path], Project]:
    """Give a function that makes empty projects that work without the text encoder."""
    return lambda folder: create_project(folder, "extraction: {embeddings: false}\n")


@pytest.fixture
def project(tmp_path: Path, new_project: Callable[[Path], Project]) -> Project:
    """Give an empty project."""
    return new_project(tmp_path / "home")


@pytest.fixture
def resolved() -> Callable[..., Resolution]:
    """Give a function that resolves staged tables; profiles come from the extract room, as in a run."""
    from extractors.fields.profile import profile_tables

    def run(
        project: Project, tables: Sequence[Table], fields: Iterable[FieldMatch] = (), decisions: Sequence[Decision] = ()
    ) -> Resolution:
        profiles = project.staging.table([profile_tables(project, tables, Silent())]).cast(PROFILES)
        return resolve(project, tables, profiles, _matches(fields), decisions, Silent())

    return run


def _matches(fields: Iterable[FieldMatch]) -> pa.Table:
    rows = [
        dict(zip(MATCHES.names, (a.source, a.name, one, b.source, b.name, two, 0.9, 0.9, "[]"), strict=True))
        for a, one, b, two in fields
    ]
    return pa.Table.from_pylist(rows, MATCHES)
