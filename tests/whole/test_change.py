"""What changes in a source changes in the graph, exactly that, and nothing else."""

import sqlite3

import yaml

STORES = ("triples", "search")


def _changes(world, reports):
    counts = world.counts(reports, "publish")
    return {name: (counts[f"added_{name}"], counts[f"removed_{name}"]) for name in STORES}


def test_the_first_run_links_records_documents_and_scans(published):
    assert published.rows("SELECT ?s WHERE { ?b rdfs:label 'B-0007' . ?b ?link ?s . ?s rdfs:label 'Olsen Plast' }")
    assert "Nordwerk Chemie" in published.found("nordwerk")
    assert published.rows("SELECT ?d WHERE { ?d a bf:Document . ?d ?mentions ?b . ?b rdfs:label 'B-0007' }")


def test_a_second_run_with_nothing_changed_changes_no_store(published):
    before = published.quads()
    reports = published.call("run")
    assert set(_changes(published, reports).values()) == {(0, 0)}
    assert published.quads() == before


def test_a_changed_row_changes_its_facts_and_no_others(published):
    before = set(published.quads())
    with sqlite3.connect(published.data / "supply.db") as connection:
        connection.execute("UPDATE batches SET kg = 999.5 WHERE batch_id = 'B-0005'")
    published.call("run")
    after = set(published.quads())
    assert [quad for quad in before - after if "B-0005" not in quad] == []
    assert {quad.split('"')[1] for quad in after - before} == {"999.5"}


def test_a_replaced_file_changes_what_it_said_and_no_others(published):
    before = set(published.quads())
    deliveries = published.data / "documents" / "deliveries.csv"
    deliveries.write_text(deliveries.read_text().replace("D-003;B-0003", "D-003;B-0004"))
    published.call("run")
    after = set(published.quads())
    changed = before ^ after
    about_the_row = {quad.split()[0] for quad in changed if "D-003" in quad}
    assert about_the_row
    assert [quad for quad in changed if quad.split()[0] not in about_the_row] == []


def test_a_removed_file_takes_its_facts_along(published):
    (published.data / "documents" / "visit.docx").unlink()
    published.call("run")
    assert not [quad for quad in published.quads() if "visit.docx" in quad]
    assert published.rows("SELECT ?s WHERE { ?s rdfs:label 'B-0007' }")


def test_a_removed_source_takes_its_facts_and_leaves_the_others(published):
    settings = yaml.safe_load((published.home / "bifrost.yaml").read_text())
    del settings["sources"]["documents"]
    (published.home / "bifrost.yaml").write_text(yaml.safe_dump(settings))
    assert published.call("source", "remove", "documents", "--dry-run")["removed"] is False
    published.call("source", "remove", "documents")
    published.call("run")
    assert not [quad for quad in published.quads() if "/documents/" in quad or "graph/documents" in quad]
    assert "B-0007" in published.found("B-0007")
