"""Logs say what happened, and never stop what happens."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bifrost.config import Logging
from bifrost.logs import configure_logs
from bifrost.secrets import Secrets


@pytest.fixture(autouse=True)
def logs(tmp_path: Path) -> Iterator[None]:
    configure_logs(Logging(), Secrets(tmp_path))
    yield
    structlog.reset_defaults()


def test_what_is_logged_goes_where_standard_error_is_at_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    later = io.StringIO()
    monkeypatch.setattr(sys, "stderr", later)
    structlog.get_logger().error("the disk is slow")
    assert "the disk is slow" in later.getvalue()


def test_a_log_that_is_closed_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    structlog.get_logger().error("nobody hears this")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_on_a_full_disk_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(full, write_through=True))
        structlog.get_logger().error("nobody hears this")
