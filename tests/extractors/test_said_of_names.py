"""What people said of names is honoured in mentions and claims."""

import pyarrow as pa

from bifrost.names import SaidOfNames
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
