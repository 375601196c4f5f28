"""Every extractor of this distribution keeps the contract."""

import pytest

from bifrost.testing.extractor_contract import ExtractorContract


class TestDelimited(ExtractorContract):
    name = "delimited"
    notices_truncation = False  # a table that is cut between rows is a shorter table

    @pytest.fixture
    def sample(self, written):
        return written("parts.csv")


class TestJsonLines(ExtractorContract):
    name = "json_lines"
    notices_truncation = False  # the same: lines are whole without each other

    @pytest.fixture
    def sample(self, written):
        return written("log.jsonl")


class TestParquet(ExtractorContract):
    name = "parquet"

    @pytest.fixture
    def sample(self, written):
        return written("carriers.parquet")


class TestWorkbook(ExtractorContract):
    name = "workbook"

    @pytest.fixture
    def sample(self, written):
        return written("parts.xlsx")


class TestWord(ExtractorContract):
    name = "word"

    @pytest.fixture
    def sample(self, written):
        return written("note.docx")


class TestPresentation(ExtractorContract):
    name = "presentation"

    @pytest.fixture
    def sample(self, written):
        return written("review.pptx")


class TestPlainText(ExtractorContract):
    name = "text"
    notices_truncation = False  # plain text has no end mark

    @pytest.fixture
    def sample(self, written):
        return written("note.txt")


class TestPdf(ExtractorContract):
    name = "pdf"

    @pytest.fixture
    def sample(self, written):
        return written("QR-0001.pdf")


class TestImage(ExtractorContract):
    name = "image"

    @pytest.fixture
    def sample(self, written):
        return written("label.png")


class TestOpenDocument(ExtractorContract):
    name = "open_document"

    @pytest.fixture
    def sample(self, written):
        return written("visit.odt")
