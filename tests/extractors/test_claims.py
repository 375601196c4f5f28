"""Claims: what sentences state about their mentions."""

import pyarrow as pa
import pytest

from bifrost.config import Extraction
from bifrost.extraction import Documents
from bifrost.extraction import Extraction as Manifest
from bifrost.schemas import BLOCKS, CLAIMS, MENTIONS
from bifrost.staging import Staging
from extractors.claims.ends import End
from extractors.claims.finder import ClaimFinder
from extractors.claims.lemmas import base_form
from extractors.claims.sentences import sentences
from extractors.mentions.identifiers import IdentifierAnnotator
from extractors.mentions.names import RuleNames
from extractors.mentions.quantities import QuantityAnnotator


def _mentions(text, packs):
    settings = Extraction(packs=packs)
    (identifiers,) = IdentifierAnnotator(settings).annotate([text])
    (values,) = QuantityAnnotator(settings).annotate([text])
    return [*identifiers, *values, *RuleNames().find(text)]


def _claims(text, *packs, extra=()):
    packs = list(packs) or ["general"]
    found = _mentions(text, packs)
    ends = [End(each.start, each.end, each.text, each.label, each.value, each.confidence) for each in found]
    ends += [End(text.index(name), text.index(name) + len(name), name, label, name, 0.9) for name, label in extra]
    return list(ClaimFinder(Extraction(packs=packs)).find(text, ends))


def _triples(text, *packs, extra=()):
    return [(each.subject.text, each.relation, each.object.value) for each in _claims(text, *packs, extra=extra)]


ACME, BOLT = "Acme Resins GmbH", "Bolt Works AG"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"B-0007 was supplied by {ACME}.", (ACME, "supplies", "B-0007")),
        (f"B-0007 was delivered on 2024-03-05 by {ACME}.", (ACME, "supplies", "B-0007")),
        (f"{ACME} supplies B-0007.", (ACME, "supplies", "B-0007")),
        (f"B-0007 wurde am 5. März 2024 von {ACME} geliefert.", (ACME, "supplies", "B-0007")),
        (f"{ACME} is a subsidiary of {BOLT}.", (BOLT, "owns", ACME)),
        (f"Dr. Anna Weber works for {ACME}.", ("Anna Weber", "works for", ACME)),
        (f"{ACME} is based in New York.", (ACME, "located in", "New York")),
        ("C-0012 was caused by M-0003.", ("C-0012", "caused by", "M-0003")),
        ("M-0003 caused C-0012.", ("C-0012", "caused by", "M-0003")),
    ],
)
def test_a_relation_that_a_pack_knows_is_found_in_either_direction(text, expected):
    assert expected in _triples(text)
    assert {claim.kind for claim in _claims(text) if claim.relation == expected[1]} == {"typed"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ACME} inspected B-0007.", (ACME, "inspect", "B-0007")),
        (f"B-0007 has been carefully inspected by {ACME}.", (ACME, "inspect", "B-0007")),
        (f"B-0007 was shipped to {BOLT}.", ("B-0007", "shipped to", BOLT)),
        (f"{ACME} is a customer of {BOLT}.", (ACME, "customer of", BOLT)),
        (f"{ACME} will complain to {BOLT}.", (ACME, "complain to", BOLT)),
        (f"B-0007 was mixed on M-0012 and shipped to {BOLT}.", ("B-0007", "shipped to", BOLT)),
        (f"{ACME}, which audits {BOLT}, wrote.", (ACME, "audit", BOLT)),
        ("B-0007 was tested on 2024-03-05.", ("B-0007", "tested on", "2024-03-05")),
    ],
)
def test_another_relation_is_its_phrase_in_normal_form(text, expected):
    assert expected in _triples(text)
    assert {claim.kind for claim in _claims(text)} == {"open"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The viscosity of B-0007 was 320 mPas.", ("B-0007", "viscosity", "320 mPa.s")),
        ("B-0007: moisture 0.41 %", ("B-0007", "moisture", "0.41 %")),
        ("B-0007 has a moisture content of 0.41 %.", ("B-0007", "moisture content", "0.41 %")),
        ("B-0007 weighs about 12 kg.", ("B-0007", "weight", "12 kg")),
        ("Die Viskosität von B-0007 beträgt 320 mPas.", ("B-0007", "viskosität", "320 mPa.s")),
    ],
)
def test_a_measured_value_is_a_property_of_the_thing(text, expected):
    assert _triples(text) == [expected]


def test_what_is_listed_together_is_stated_of_each():
    text = f"{ACME} supplies B-0001, B-0002 and B-0003."
    assert _triples(text) == [(ACME, "supplies", f"B-000{number}") for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "text",
    [
        f"B-0007 was not supplied by {ACME}.",
        f"No B-0007 was supplied by {ACME}.",
        f"B-0007 wurde nicht von {ACME} geliefert.",
    ],
)
def test_what_is_denied_is_marked(text):
    assert [(claim.negated, claim.hedged) for claim in _claims(text)] == [(True, False)]


@pytest.mark.parametrize(
    "text",
    [
        f"B-0007 may have been supplied by {ACME}.",
        f"Was B-0007 supplied by {ACME}?",
        f"If B-0007 was supplied by {ACME}, ask.",
    ],
)
def test_what_is_left_open_is_marked_and_less_sure(text):
    (doubtful,), (plain,) = _claims(text), _claims(f"B-0007 was supplied by {ACME}.")
    assert doubtful.hedged
    assert doubtful.confidence < plain.confidence


@pytest.mark.parametrize(
    "text",
    [
        f"{ACME} and {BOLT} met.",
        f"B-0007 arrived. {ACME} wrote.",
        f"{ACME} (see {BOLT}).",
        f"{ACME} said that {BOLT} supplies nothing.",
        "B-0007 5 kg",
    ],
)
def test_ends_that_no_verb_connects_state_nothing(text):
    assert [triple for triple in _triples(text) if triple[2] != "nothing"] == []


def test_a_pack_brings_relations_of_its_domain():
    text = "Acute hepatitis was induced by halothane."
    extra = [("Acute hepatitis", "DISEASE"), ("halothane", "CHEMICAL")]
    assert _triples(text, "life-sciences", extra=extra) == [("halothane", "causes", "Acute hepatitis")]


def test_labels_that_do_not_fit_leave_the_relation_open():
    text = "M-0001 acquired B-0007."
    assert _triples(text) == [("M-0001", "acquire", "B-0007")]


def test_the_claims_of_a_document_are_a_table_with_their_places():
    text = f"B-0007 was supplied by {ACME}."
    block = {
        "item": "a.txt",
        "block": 4,
        "page": 2,
        "kind": "text",
        "text": text,
        "confidence": 1.0,
        "method": "markup",
    }
    rows = [
        {
            **{"item": "a.txt", "block": 4, "page": 2, "place": "page 2, block 4", "method": "test"},
            **{name: getattr(each, name) for name in ("start", "end", "text", "label", "value", "confidence")},
        }
        for each in _mentions(text, ["general"])
    ]
    mentions = pa.Table.from_pylist(rows, MENTIONS)
    table = ClaimFinder(Extraction()).table(pa.Table.from_pylist([block], BLOCKS), mentions)
    assert table.schema == CLAIMS
    (row,) = table.to_pylist()
    assert (row["subject"], row["relation"], row["object"], row["place"]) == (
        ACME,
        "supplies",
        "B-0007",
        "page 2, block 4",
    )
    assert text[row["object_start"] : row["object_end"]] == "B-0007"


def test_sentences_end_where_they_end():
    text = "Dr. Weber of Acme S.p.A. came. She left at 5. No. 3 stayed!\n\nNew part\n- point one\n- point two"
    found = [text[start:end].strip() for start, end in sentences(text, bytearray(len(text)))]
    assert found == [
        "Dr. Weber of Acme S.p.A. came.",
        "She left at 5. No. 3 stayed!",
        "New part",
        "- point one",
        "- point two",
    ]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        *[
            ("supplied", "supply"),
            ("produces", "produce"),
            ("shipped", "ship"),
            ("stored", "store"),
            ("passed", "pass"),
        ],
        *[
            ("sent", "send"),
            ("operated", "operate"),
            ("treated", "treat"),
            ("agreed", "agree"),
            ("controlled", "control"),
        ],
    ],
)
def test_a_verb_is_given_in_its_base_form(word, base):
    assert base_form(word) == base


def test_an_extraction_from_before_there_were_claims_is_still_read(tmp_path):
    staging = Staging(tmp_path)
    part = {"documents": ["a"], "blocks": ["b"], "mentions": ["c"]}
    digest = staging.put_json({"tables": [], "documents": {"papers": part}, "profiles": "", "matches": ""})
    assert Manifest.load(staging, digest).documents == {"papers": Documents(("a",), ("b",), ("c",), ())}
