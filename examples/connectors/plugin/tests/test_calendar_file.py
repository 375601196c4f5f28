"""The whole test of a connector: the contract does most of the work."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from bifrost_calendar.calendar_file import (  # type: ignore[import-not-found]  # not installed where only Bifrost is
    CalendarConfig,
    CalendarCrawler,
)

from bifrost.errors import SourceDamaged
from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1@example.org
SUMMARY:Audit of supplier 12\\, second
  visit
LOCATION:Plant North
DTSTART;TZID=Europe/Berlin:20260301T090000
END:VEVENT
BEGIN:VEVENT
UID:2@example.org
SUMMARY:Maintenance
DTSTART:soon
END:VEVENT
END:VCALENDAR
"""


def _calendar(path: Path) -> CalendarCrawler:
    return CalendarCrawler("contract", CalendarConfig(path=str(path)), Secrets(path.parent))


class TestCalendarCrawler(CrawlerContract):
    """The contract, and what only calendars have."""

    kind = "calendar"
    expected_keys = ("events",)

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "plant.ics"
        file.write_text(CALENDAR)
        return file

    @pytest.fixture
    def crawler(self, file: Path) -> CalendarCrawler:
        return _calendar(file)

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> CalendarCrawler:
        return _calendar(tmp_path / "nothing.ics")

    @pytest.fixture
    def change(self, file: Path) -> Callable[[], str]:
        def postpone() -> str:
            file.write_text(CALENDAR.replace("20260301", "20260315").replace("Maintenance", "Repair"))
            return "events"

        return postpone

    @pytest.fixture
    def source_state(self, file: Path) -> Callable[[], object]:
        return lambda: (file.stat().st_mtime_ns, file.read_bytes())

    def test_events_become_rows_and_faults_become_rejects(self, crawler: CalendarCrawler) -> None:
        (item,) = crawler.listing().items
        rows = crawler.fetch(item)
        first, second = rows.batches.read_all().to_pylist()
        assert first["summary"] == "Audit of supplier 12, second visit"
        assert first["starts"] == datetime(2026, 3, 1, 9)
        assert second["starts"] is None
        assert list(rows.rejects) == [("2@example.org, starts", "no date or time")]

    def test_half_a_calendar_is_an_error(self, file: Path) -> None:
        file.write_text(CALENDAR[: len(CALENDAR) // 2])
        with pytest.raises(SourceDamaged):
            _calendar(file).check()
