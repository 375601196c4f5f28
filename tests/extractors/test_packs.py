"""Domain packs: what their identifiers find and refuse, gazetteers, and packs of one's own."""

import time

import pytest

from bifrost.config import Extraction
from bifrost.errors import ConfigInvalid, UnknownName
from extractors.mentions.identifiers import IdentifierAnnotator
from extractors.packs import pack as packs
from extractors.packs.gazetteers import Gazetteer, Term


def _found(pack, text):
    (found,) = IdentifierAnnotator(Extraction(packs=[pack])).annotate([text])
    return [(mention.label, mention.value) for mention in found]


@pytest.mark.parametrize(
    ("pack", "text", "label", "value"),
    [
        ("life-sciences", "formaldehyde (50-00-0)", "CAS", "50-00-0"),
        ("life-sciences", "InChIKey BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "INCHIKEY", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"),
        ("life-sciences", "aspirin is CHEMBL25 there", "CHEMBL", "CHEMBL25"),
        ("life-sciences", "see PubChem CID 2244.", "PUBCHEM", "CID 2244"),
        ("life-sciences", "UniProt: P04637 and", "UNIPROT", "P04637"),
        ("life-sciences", "the gene ENSG00000141510.18", "ENSEMBL", "ENSG00000141510.18"),
        ("life-sciences", "annotated with GO:0006915", "GO", "GO:0006915"),
        ("life-sciences", "MeSH D001241", "MESH", "D001241"),
        ("life-sciences", "in NCT01234567 they", "TRIAL", "NCT01234567"),
        ("life-sciences", "carriers of rs429358", "VARIANT", "rs429358"),
        ("life-sciences", "by trypsin (EC 3.4.21.4)", "ENZYME", "3.4.21.4"),
        ("life-sciences", "Lot No. A12B-77 was", "LOT", "A12B-77"),
        ("healthcare", "Diagnosis: E11.9, stable", "ICD-10", "E11.9"),
        ("healthcare", "Diagnose I10.", "ICD-10", "I10"),
        ("healthcare", "LOINC 2160-0", "LOINC", "2160-0"),
        ("healthcare", "SNOMED CT 73211009 |Diabetes|", "SNOMED", "73211009"),
        ("healthcare", "NDC 0777-3105-02", "NDC", "00777-3105-02"),
        ("healthcare", "NPI: 1234567893", "NPI", "1234567893"),
        ("healthcare", "UDI (01)00889842003482(17)251231(10)A213B1", "UDI", "(01)00889842003482(17)251231(10)A213B1"),
        ("healthcare", "NHS number 943 476 5919", "NHS-NUMBER", "9434765919"),
        ("healthcare", "PZN 04114918", "PZN", "04114918"),
        ("finance", "BIC: DEUTDEFF500", "BIC", "DEUTDEFF500"),
        ("finance", "CUSIP 037833100", "CUSIP", "037833100"),
        ("finance", "SEDOL B0YBKJ7", "SEDOL", "B0YBKJ7"),
        ("finance", "FIGI BBG000BLNNH6", "FIGI", "BBG000BLNNH6"),
        ("finance", "LEI 5493001KJTIIGC8Y1R12", "LEI", "5493001KJTIIGC8Y1R12"),
        ("finance", "listed (NASDAQ: AAPL)", "TICKER", "AAPL"),
        ("finance", "eingetragen HRB 12345 B", "REGISTER", "HRB 12345 B"),
        ("finance", "Rechnung-Nr. 2024/118", "INVOICE", "2024/118"),
        ("manufacturing", "SSCC 106141411234567897", "SSCC", "106141411234567897"),
        ("manufacturing", "GTIN 04006381333931", "GTIN", "04006381333931"),
        ("manufacturing", "UPC 036000291452", "GTIN", "036000291452"),
        ("manufacturing", "according to DIN EN ISO 9001:2015 and", "STANDARD", "DIN EN ISO 9001:2015"),
        ("manufacturing", "tested to ASTM D638-14", "STANDARD", "ASTM D638-14"),
        ("manufacturing", "IEC 60529", "STANDARD", "IEC 60529"),
        ("manufacturing", "S/N: XJ-4471-B", "SERIAL", "XJ-4471-B"),
        ("manufacturing", "Part No. 7.110.22", "PART", "7.110.22"),
        ("manufacturing", "Charge 8812A", "LOT", "8812A"),
        ("manufacturing", "paint is UN 1263", "UN-NUMBER", "1263"),
        ("manufacturing", "Werkstoff 1.4301", "MATERIAL", "1.4301"),
        ("manufacturing", "container CSQU3054383", "CONTAINER", "CSQU3054383"),
        ("manufacturing", "parts of Edelstahl", "MATERIAL", "stainless steel"),
        ("general", "ORCID 0000-0002-1825-0097", "ORCID", "0000-0002-1825-0097"),
        ("general", "call +49 30 1234567", "PHONE", "+49301234567"),
    ],
)
def test_an_identifier_of_a_domain_is_found_in_its_normal_form(pack, text, label, value):
    assert (label, value) in _found(pack, text)


@pytest.mark.parametrize(
    ("pack", "text", "label"),
    [
        ("life-sciences", "formaldehyde (50-00-1)", "CAS"),
        ("life-sciences", "EC 2.0 is a version", "ENZYME"),
        ("healthcare", "LOINC 2160-1", "LOINC"),
        ("healthcare", "SNOMED 73211008", "SNOMED"),
        ("healthcare", "NPI 1234567890", "NPI"),
        ("healthcare", "UDI (01)00889842003483(10)A1", "UDI"),
        ("healthcare", "room E11 on the left", "ICD-10"),
        ("healthcare", "the number 73211009", "SNOMED"),
        ("finance", "CUSIP 037833101", "CUSIP"),
        ("finance", "the word DOCUMENT stands alone", "BIC"),
        ("manufacturing", "SSCC 106141411234567890", "SSCC"),
        ("manufacturing", "UPC 036000291453", "GTIN"),
        ("manufacturing", "in batch of 12 pieces", "LOT"),
        ("manufacturing", "container CSQU3054384", "CONTAINER"),
    ],
)
def test_a_wrong_check_digit_or_a_missing_context_makes_it_none(pack, text, label):
    assert label not in {found for found, _value in _found(pack, text)}


def test_packs_join_and_the_surer_shape_stands():
    (found,) = IdentifierAnnotator(Extraction(packs=["general", "healthcare"])).annotate(
        ["NDC 0777-3105-02, batch B-0002, E11.9"]
    )
    assert [mention.label for mention in found] == ["NDC", "LOT", "ICD-10"]


def test_every_shipped_pack_is_described():
    described = {each["name"]: each for each in packs.described_packs()}
    assert set(described) == {"general", "life-sciences", "healthcare", "finance", "manufacturing"}
    assert all(each["labels"] and each["identifiers"] and each["heads"] for each in described.values())
    assert all((packs.load_pack(name).folder / "card.md").is_file() for name in described)


def _own(folder, content, terms=""):
    folder.mkdir()
    (folder / "pack.yaml").write_text(content)
    (folder / "terms.tsv").write_text(terms)
    return str(folder)


def test_a_folder_is_a_pack_of_ones_own(tmp_path):
    content = (
        "description: Spectra\nextends: [general]\ngazetteers: [terms.tsv]\n"
        "identifiers:\n  - {label: SPECTRUM, pattern: 'SP-\\d{4}', confidence: 0.97}\n"
    )
    folder = _own(tmp_path / "spectra", content, "Raman shift\tMETHOD\traman\n")
    text = "SP-0012 shows the raman shift of B-0007"
    assert _found(folder, text) == [("SPECTRUM", "SP-0012"), ("METHOD", "raman"), ("CODE", "B-0007")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("description: x\nidentifiers: [{label: A, pattern: '('}]", "identifiers[0].pattern"),
        ("description: x\nidentifiers: [{label: A, pattern: a, check: nothing}]", "stdnum.MODULE"),
        ("description: x\nidentifier: []", "valid: description, extends"),
        ("description: x\nextends: [{}]", "extends[0]"),
        ("description: x\ngazetteers: [none.tsv]", "there is no file none.tsv"),
        ("description: [", "it is no YAML"),
        ("{}", "description"),
    ],
)
def test_what_a_pack_cannot_have_is_said_with_its_place(tmp_path, content, says):
    with pytest.raises(ConfigInvalid) as refused:
        packs.load_pack(_own(tmp_path / "own", content))
    assert says in str(refused.value)


def test_a_line_of_a_gazetteer_without_three_columns_is_refused(tmp_path):
    folder = _own(tmp_path / "own", "description: x\ngazetteers: [terms.tsv]", "steel\n")
    with pytest.raises(ConfigInvalid, match="line 1"):
        IdentifierAnnotator(Extraction(packs=[folder]))


def test_an_unknown_pack_names_the_known_ones():
    with pytest.raises(UnknownName, match="manufacturing"):
        packs.load_pack("biology")


def test_a_pack_that_extends_itself_is_refused(tmp_path):
    folder = tmp_path / "own"
    _own(folder, f"description: x\nextends: ['{folder}']")
    with pytest.raises(ConfigInvalid, match="extends itself"):
        packs.load_pack(folder)


def test_the_identity_changes_with_a_packs_terms(tmp_path):
    folder = _own(tmp_path / "own", "description: x\ngazetteers: [terms.tsv]", "steel\tMATERIAL\t\n")
    before = packs.identity([folder])
    (tmp_path / "own" / "terms.tsv").write_text("iron\tMATERIAL\t\n")
    assert packs.identity([folder]) != before


def test_the_longest_term_is_found_on_word_boundaries_and_short_ones_as_written():
    terms = [("steel", "M", "s"), ("tool steel", "M", "ts"), ("PE", "M", "pe"), ("tool steel sheet metal", "M", "x")]
    gazetteer = Gazetteer(Term(*term) for term in terms)
    text = "Tool-Steel sheet, steel; steelworks pe PE tool\nsteel tool, steel"
    found = [(text[start:end], term.identifier) for start, end, term in gazetteer.find(text)]
    assert found == [("Tool-Steel", "ts"), ("steel", "s"), ("PE", "pe"), ("tool\nsteel", "ts"), ("steel", "s")]


_TEDIOUS = ["1.1.", "a.b@", "A1-", "1-", "(01)", "lot 1-", "DE89 ", "ISO ", "+1 ", "10.1000/", "part no. ", "9", "A"]


@pytest.mark.parametrize("unit", _TEDIOUS)
def test_the_time_of_a_shape_grows_with_the_text_only(unit):
    shapes = {shape for name in packs.pack_names() for shape in packs.load_pack(name).identifiers}

    def seconds(length):
        text = unit * (length // len(unit))
        start = time.process_time()
        for shape in shapes:
            for _match in shape.pattern.finditer(text):
                pass
        return time.process_time() - start

    seconds(1_000)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.01)
