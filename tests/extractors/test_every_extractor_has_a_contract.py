"""An extractor without a contract test is one nobody can rely on."""

from importlib.metadata import entry_points
from pathlib import Path

from bifrost import plugins
from tests.contract_classes import under_contract


def test_every_extractor_of_this_distribution_has_a_contract_test():
    ours = {entry.name for entry in entry_points(group=plugins.EXTRACTORS) if entry.module.startswith("extractors.")}
    without = ours - set(under_contract(Path(__file__).parent, "ExtractorContract", "name"))
    assert ours
    assert without == set(), f"write a subclass of ExtractorContract for {sorted(without)} in tests/extractors"
