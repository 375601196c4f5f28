"""Bad input is said plainly, the rest goes on, and nothing known is lost."""

import shutil

import pytest
import yaml

CANARY = "canary-pa55word"


def _rejects(world):
    return {f"{each['source']}/{each['item']}": each["reason"] for each in world.call("status")["rejects"]}


@pytest.fixture
def spoiled(world):
    documents = world.data / "documents"
    whole = (documents / "scans" / "QR-0001.pdf").read_bytes()
    (documents / "corrupt.pdf").write_bytes(whole[: len(whole) // 3])
    (documents / "empty.png").write_bytes(b"")
    (documents / "truncated.xlsx").write_bytes(b"PK\x03\x04" + b"\x00" * 400)
    (documents / "ragged.csv").write_text("order_no,item\nO-1,bolt\nO-2,nut,brass,extra\nO-3,washer\n")
    (documents / "strange.bin").write_bytes(bytes(range(256)) * 8)
    return world


def test_every_bad_file_is_rejected_with_its_reason_and_the_rest_is_published(spoiled):
    spoiled.call("run")
    rejects = _rejects(spoiled)
    names = {"corrupt.pdf", "empty.png", "truncated.xlsx", "ragged.csv", "strange.bin"}
    assert set(rejects) == {f"documents/{name}" for name in names}
    assert all(len(reason) > 10 for reason in rejects.values())
    assert "3" in rejects["documents/ragged.csv"]
    assert "B-0007" in spoiled.found("B-0007")
    assert spoiled.rows("SELECT ?s WHERE { ?s ?p 'washer' }")


def test_a_mended_file_is_no_longer_rejected(spoiled):
    spoiled.call("run")
    shutil.copy(spoiled.data / "documents" / "scans" / "QR-0002.pdf", spoiled.data / "documents" / "corrupt.pdf")
    spoiled.call("run")
    assert "documents/corrupt.pdf" not in _rejects(spoiled)


def test_a_source_that_is_gone_fails_the_run_and_loses_nothing(world):
    world.call("run")
    before = world.quads()
    shutil.move(world.data / "supply.db", world.data / "away.db")
    reports = world.call("run", expect=1)
    (failure,) = next(report["failures"] for report in reports if report["stage"] == "crawl")
    assert "supply" in failure
    assert world.quads() == before


def test_a_folder_that_is_gone_retracts_nothing(world):
    world.call("run")
    before = world.quads()
    shutil.move(world.data / "documents", world.data / "away")
    world.call("run", expect=1)
    assert world.quads() == before


def test_a_wrong_password_never_shows(world, monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", CANARY)
    path = world.home / "bifrost.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["sources"]["crm"] = {
        "kind": "postgresql",
        "host": "127.0.0.1",
        "port": 1,
        "database": "crm",
        "user": "reader",
        "password": "${env:CRM_PASSWORD}",
    }
    path.write_text(yaml.safe_dump(settings))
    process = world.start("--verbose", "run")
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "crm" in output
    assert CANARY not in output + errors
    kept = [file for file in world.home.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]
    assert kept == []
    assert "B-0007" in world.found("B-0007")


def test_a_command_on_a_folder_without_a_project_says_what_to_do(world, tmp_path):
    world.home = tmp_path / "nowhere"
    answer = world.call("status", expect=2)
    assert "init" in answer["error"]
