"""The whole test of an extractor: the contract does most of the work."""

from pathlib import Path

import pytest
from bifrost_chromatogram.peak_list import (  # type: ignore[import-not-found]  # not installed where only Bifrost is
    PeakListExtractor,
)

from bifrost.config import Extraction
from bifrost.model import Item, ItemKind
from bifrost.testing.extractor_contract import ExtractorContract

PEAKS = "CHROMATOGRAM B-0012\n1.25 1033.5\n2.75 88.1\nPEAKS 2\n"


class TestPeakList(ExtractorContract):
    """The contract, and what only peak lists have."""

    name = "chromatogram"

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        file = tmp_path / "run.cgm"
        file.write_text(PEAKS)
        return file

    def test_a_line_that_is_no_peak_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "run.cgm"
        file.write_text(PEAKS.replace("88.1", "?"))
        extractor = PeakListExtractor(Extraction(), tmp_path)
        extract = extractor.extract(Item("lab", "run.cgm", ItemKind.FILE, "1"), file)
        assert [row["area"] for row in extract.tables[0].rows.to_pylist()] == [1033.5]
        assert extract.rejects == (("line 3", "it does not hold two numbers"),)
