"""What the contract tests of databases in one file share, whichever engine reads the file."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from bifrost.testing.crawler_contract import CrawlerContract


class FileCrawlerContract(CrawlerContract):
    """The contract on a file: a subclass gives the fixture `path`, and what runs statements on it."""

    write: ClassVar[Callable[..., Path]]

    @pytest.fixture
    def change(self, path: Path) -> Callable[[], str]:
        def swap_two_values() -> str:
            self.write(path, "UPDATE batch SET supplier = 3 - supplier")
            return "batch"

        return swap_two_values

    @pytest.fixture
    def source_state(self, path: Path) -> Callable[[], object]:
        return lambda: (sorted(each.name for each in path.parent.iterdir()), path.read_bytes(), path.stat().st_mtime_ns)
