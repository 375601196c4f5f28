"""Projects and staged worlds for tests of references."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bifrost.model import Proposal, Table
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.schemas import MATCHES, PROFILES


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give an empty project that works without the text encoder."""
    return create_project(tmp_path / "home", "extraction: {embeddings: false}\n")


Discover = Callable[[Sequence[Table]], list[Proposal]]


@pytest.fixture
def discovered(project: Project) -> Discover:
    """Give a function from staged tables to proposals; profiles come from the extract room, as in a run."""
    from extractors.fields.profile import profile_tables
    from linker.references.discover import discover

    def run(tables: Sequence[Table]) -> list[Proposal]:
        profiles = project.staging.table([profile_tables(project, tables, Silent())]).cast(PROFILES)
        return discover(project, tables, profiles, MATCHES.empty_table(), Silent())

    return run
