"""What people said of names is honoured in mentions and claims."""

from pathlib import Path

import pyarrow as pa

from bifrost import review
from bifrost.extraction import Extraction
from bifrost.names import Name, SaidOfNames, correct
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project, create_project
from bifrost.runner import run_stages
from bifrost.schemas import CLAIMS, MENTIONS
from extractors.mentions.said import corrected_claims, corrected_mentions

SAID = SaidOfNames(frozenset({("ultra seal", "PERSON"), ("n/a", "ORG")}), (("ultra seal", "PRODUCT"),))


def rows(schema: pa.Schema, *given: dict[str, object]) -> pa.Table:
    blank = {
        field.name: False if pa.types.is_boolean(field.type) else "" if field.type == pa.string() else 0
        for field in schema
    }
    return pa.Table.from_pylist([{**blank, **each} for each in given], schema)


def test_denied_names_go_and_corrected_ones_get_their_label() -> None:
    mentions = rows(
        MENTIONS,
        {"text": "Ultra\n SEAL", "label": "PERSON"},
        {"text": "n/a", "label": "ORG"},
        {"text": "N/A", "label": "CODE"},
        {"text": "Ultra Seal", "label": "ORG"},
    )
    found = corrected_mentions(mentions, SAID)
    assert found.schema == MENTIONS
    assert found.select(["text", "label"]).to_pylist() == [
        {"text": "Ultra\n SEAL", "label": "PRODUCT"},
        {"text": "N/A", "label": "CODE"},
        {"text": "Ultra Seal", "label": "ORG"},
    ]


def test_claims_about_denied_names_go() -> None:
    claims = rows(
        CLAIMS,
        {"subject": "N/A", "subject_label": "ORG", "object": "x", "object_label": "CODE"},
        {"subject": "x", "subject_label": "CODE", "object": "ultra seal", "object_label": "PERSON"},
        {"subject": "x", "subject_label": "CODE", "object": "n/a", "object_label": "CODE"},
    )
    assert corrected_claims(claims, SAID)["object"].to_pylist() == ["n/a"]


def labels(project: Project, stages: tuple[str, ...]) -> dict[str, str]:
    """Run stages, and give text -> label of the names that the notes hold now."""
    run_stages(project, Scope(), Silent(), stages)
    found = Extraction.load(project.staging, str(project.catalog.head("extraction"))).documents
    assert found is not None
    mentions = project.staging.table(found["notes"].mentions).to_pylist()
    return {row["text"]: row["label"] for row in mentions}


def test_an_extraction_honours_what_people_said_and_its_undo(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "visit.txt").write_text(
        "Nordwerk Chemie GmbH delivered late.\n\nOlsen Plast AG delivered in time.\n"
    )
    settings = """
extraction: {embeddings: false, workers: 1, name_engine: rules}
sources:
  notes: {kind: folder, path: ../notes}
"""
    project = create_project(tmp_path / "home", settings)
    before = labels(project, ("crawl", "extract"))
    assert before["Nordwerk Chemie GmbH"] == before["Olsen Plast AG"] == "ORG"
    wrong = correct(project, Name("nordwerk chemie gmbh", "ORG"), by="ann")
    correct(project, Name("Olsen Plast AG", "ORG", "notes"), "PRODUCT", by="ann")
    after = labels(project, ("extract",))
    assert (after.get("Nordwerk Chemie GmbH"), after["Olsen Plast AG"]) == (None, "PRODUCT")
    review.undo(project, wrong.proposal.id, by="ann")
    assert labels(project, ("extract",))["Nordwerk Chemie GmbH"] == "ORG"
