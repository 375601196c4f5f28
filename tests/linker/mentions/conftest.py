"""Projects, and a function from tables and texts to the links between them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from bifrost.extraction import Documents, Extraction
from bifrost.model import Table
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.schemas import BLOCKS, DOCUMENTS, MENTIONS, PROFILES
from linker.mentions import MentionLinks, link_mentions

Texts = Mapping[str, str | Sequence[str]]
"""Item -> the texts of its blocks."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give an empty project that works without the text encoder."""
    return create_project(tmp_path / "home", "extraction: {embeddings: false}\n")


@pytest.fixture
def linked(project: Project) -> Callable[..., MentionLinks]:
    """Give a function that links texts to tables; profiles come from the extract room, as in a run."""
    from extractors.fields.profile import profile_tables

    def run(
        tables: Sequence[Table],
        texts: Texts,
        *,
        method: str = "markup",
        names: Sequence[tuple[str, str, str]] = (),
    ) -> MentionLinks:
        profiles = project.staging.table([profile_tables(project, tables, Silent())]).cast(PROFILES)
        blocks = project.staging.put_table(_blocks(texts, method)).digest
        mentions = (project.staging.put_table(_mentions(names)).digest,) if names else ()
        documents = project.staging.put_table(_documents(texts)).digest
        extraction = Extraction(tuple(tables), {"papers": Documents((documents,), (blocks,), mentions)})
        return link_mentions(project, extraction, profiles, Silent())

    return run


def _blocks(texts: Texts, method: str) -> pa.Table:
    rows = [
        {"item": item, "block": number, "page": 1, "kind": "text", "text": text, "confidence": 1.0, "method": method}
        for item, found in texts.items()
        for number, text in enumerate([found] if isinstance(found, str) else found, 1)
    ]
    return pa.Table.from_pylist(rows, BLOCKS)


def _documents(texts: Texts) -> pa.Table:
    rows = [{"item": item, "title": "", "media_type": "text/plain", "pages": 1, "text": ""} for item in texts]
    return pa.Table.from_pylist(rows, DOCUMENTS)


def _mentions(names: Sequence[tuple[str, str, str]]) -> pa.Table:
    """Take (item, label, text) as annotators would have found them in the first block."""
    rows = [
        {
            "item": item,
            "block": 1,
            "page": 1,
            "start": 0,
            "end": len(text),
            "text": text,
            "label": label,
            "value": text,
            "confidence": 0.8,
            "place": "page 1, block 1",
            "method": "names",
        }
        for item, label, text in names
    ]
    return pa.Table.from_pylist(rows, MENTIONS)
