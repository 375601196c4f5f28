"""Claims whose ends are known, and the types of links that they support."""

import pyarrow as pa
import pytest

from bifrost.extraction import Documents
from bifrost.model import End, Proposal, RuleKind
from bifrost.project import create_project
from bifrost.schemas import CLAIMS
from linker.claims import link_claims, propose_claims
from linker.mentions.hits import HITS

PRECISION = 0.95


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "home", "extraction: {embeddings: false}\n")


def _claim(item, subject, relation, target, **more):
    plain = {"kind": "typed", "phrase": relation, "value": target, "datatype": "", "negated": False, "hedged": False}
    places = {"subject_start": 0, "subject_end": 1, "object_start": 5, "object_end": 6}
    labels = {"subject_label": "", "object_label": "", "confidence": 0.8, "method": "pattern"}
    found = {"item": item, "block": 1, "page": 1, "place": "page 1, block 1", "subject": subject, "relation": relation}
    return {**plain, **places, **labels, **found, "object": target, **more}


def _hit(item, text, table, row, probability=0.98):
    to = {"to_source": "erp", "to_table": table, "to_row": row, "probability": probability}
    return {"source": "papers", "item": item, "block": 1, "text": text, **to}


def _linked(project, claims, hits):
    digest = project.staging.put_table(pa.Table.from_pylist(claims, CLAIMS)).digest
    documents = {"papers": Documents((), (), (), (digest,))}
    return link_claims(project, documents, pa.Table.from_pylist(hits, HITS), precision=PRECISION)


def _ends(linked):
    return [(row["from_row"], row["relation"], row["to_row"] or row["value"]) for row in linked.to_pylist()]


def test_a_claim_is_linked_when_both_ends_are_named(project):
    hits = [_hit("a", "Acme", "makers", "1"), _hit("a", "B-12", "lots", "B-12"), _hit("b", "Acme", "makers", "1")]
    claims = [_claim("a", "Acme GmbH", "supplies", "lot B-12"), _claim("b", "Acme GmbH", "supplies", "B-13")]
    assert _ends(_linked(project, claims, hits)) == [("1", "supplies", "B-12")]


def test_an_end_is_named_by_whole_words_only(project):
    hits = [_hit("a", "Acme", "makers", "1"), _hit("a", "B-1", "lots", "B-1")]
    assert _ends(_linked(project, [_claim("a", "Acme", "supplies", "B-12")], hits)) == []


def test_what_is_denied_or_in_doubt_or_unsure_is_not_linked(project):
    hits = [_hit("a", "Acme", "makers", "1"), _hit("a", "B-1", "lots", "B-1"), _hit("a", "B-2", "lots", "B-2", 0.6)]
    claims = [
        _claim("a", "Acme", "supplies", "B-1", negated=True),
        _claim("a", "Acme", "supplies", "B-1", hedged=True),
        _claim("a", "Acme", "supplies", "B-2"),
    ]
    assert _ends(_linked(project, claims, hits)) == []


def test_of_several_tables_the_one_counts_that_texts_name_most(project):
    hits = [_hit("a", "Acme", table, "1") for table in ("buyers", "makers")]
    hits += [_hit("b", "Bolt", "makers", "2"), _hit("a", "B-1", "lots", "B-1")]
    (row,) = _linked(project, [_claim("a", "Acme", "supplies", "B-1")], hits).to_pylist()
    assert row["from_table"] == "makers"


def test_a_value_needs_no_record(project):
    claims = [_claim("a", "B-1", "weight", "12 kg", datatype="quantity")]
    (row,) = _linked(project, claims, [_hit("a", "B-1", "lots", "B-1")]).to_pylist()
    assert (row["from_row"], row["value"], row["to_table"]) == ("B-1", "12 kg", "")


def _many(project, relation, count, **more):
    items = [f"{number}.txt" for number in range(count)]
    hits = [_hit(item, "Acme", "makers", "1") for item in items]
    hits += [_hit(item, f"B-{number}", "lots", f"B-{number}") for number, item in enumerate(items)]
    claims = [_claim(item, "Acme", relation, f"B-{number}", **more) for number, item in enumerate(items)]
    return propose_claims(_linked(project, claims, hits))


def test_a_relation_is_proposed_when_it_relates_enough_pairs(project):
    assert _many(project, "checked by", 2) == []
    (proposal,) = _many(project, "checked by", 4, phrase="was checked by")
    assert (proposal.name, proposal.rule.kind, proposal.rule.transform) == ("checked_by", RuleKind.CLAIM, "checked by")
    assert (proposal.start, proposal.end) == (End("erp", "makers"), End("erp", "lots"))
    assert proposal.estimated_links == 4
    assert ("texts say", "was checked by") in {(reason.feature, reason.value) for reason in proposal.because}
    assert ("Acme", "B-0") in proposal.examples


def test_more_links_make_it_surer_and_none_so_sure_that_nobody_is_asked(project):
    few, many = _many(project, "checks", 3)[0], _many(project, "checks", 200, confidence=1.0)[0]
    assert few.probability < many.probability < PRECISION


def test_two_relations_of_the_same_tables_are_two_questions_that_keep_their_ids(project):
    checks, stores = _many(project, "checks", 3)[0], _many(project, "stores", 3)[0]
    assert checks.id != stores.id
    assert checks.id == _many(project, "checks", 9)[0].id
    assert Proposal.from_json(checks.as_json()).id == checks.id


def test_values_are_proposed_with_their_kind_as_end(project):
    (proposal,) = _many(project, "weight", 3, datatype="quantity")
    assert proposal.end == End(fields=("quantity",))
    assert str(proposal.end) == "quantity"
