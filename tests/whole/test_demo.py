"""The demo keeps its promises: precision, recall, effort, and an answer that leads to a page."""

import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo") / "demo"
    command = [sys.executable, "-m", "bifrost", "demo", "--dir", str(home), "--scale", "16", "--seed", "11", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.timeout(600)
def test_links_are_right_and_complete_with_few_decisions(outcome):
    assert outcome["precision"] >= 0.95, outcome["per_link_type"]
    assert outcome["recall"] >= 0.95, outcome["per_link_type"]
    assert outcome["decisions"] <= 20


def test_every_planted_type_of_link_is_found(outcome):
    planted = {name: each for name, each in outcome["per_link_type"].items() if each["true"]}
    assert [name for name, each in planted.items() if not each["recall"]] == []


def test_the_question_is_answered_down_to_the_page(outcome):
    assert outcome["answer"]["rows"]
    assert "reports/QR-" in outcome["answer"]["provenance"]
    assert "page 1" in outcome["answer"]["provenance"]


def test_nothing_is_rejected_in_a_world_without_faults(outcome):
    assert outcome["rejects"] == []
