import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.files.folders.crawler import FolderConfig, FolderCrawler


def folder_crawler(path: Path, **settings: object) -> FolderCrawler:
    return FolderCrawler("contract", FolderConfig(path=str(path), **settings), Secrets(Path()))  # type: ignore[arg-type]  # settings of many types


class TestFolderCrawler(CrawlerContract):
    kind = "folder"
    expected_keys = ("a.txt", "b/c.txt", "b/d é.txt")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "folder"
        (folder / "b").mkdir(parents=True)
        for key in self.expected_keys:
            (folder / key).write_text(f"content of {key}\n" * 500)
        return folder

    @pytest.fixture
    def crawler(self, folder: Path) -> FolderCrawler:
        return folder_crawler(folder)

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> FolderCrawler:
        return folder_crawler(tmp_path / "no such folder")

    @pytest.fixture
    def change(self, folder: Path) -> Callable[[], str]:
        def replace_by_one_of_the_same_size_and_date() -> str:
            old = folder / "a.txt"
            state = old.stat()
            new = folder / "new"
            new.write_text(old.read_text().replace("content", "CONTENT"))
            os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))
            new.replace(old)
            return "a.txt"

        return replace_by_one_of_the_same_size_and_date

    @pytest.fixture
    def source_state(self, folder: Path) -> Callable[[], object]:
        return lambda: {
            str(path): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")
        }
