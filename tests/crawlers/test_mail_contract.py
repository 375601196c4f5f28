from collections.abc import Callable
from pathlib import Path

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.files.mail.crawler import MailConfig, MailCrawler


def mail_crawler(path: Path, **settings: object) -> MailCrawler:
    return MailCrawler("contract", MailConfig(path=str(path), **settings), Secrets(Path()))  # type: ignore[arg-type]  # settings of many types


def mail_text(number: int) -> str:
    return f"From: a@example.org\nDate: today\nMessage-ID: <{number}@example.org>\n\nText {number}\n" + "more\n" * 1000


class TestMailCrawler(CrawlerContract):
    kind = "mail"
    expected_keys = ("letter.eml", "INBOX/1.host.eml", "INBOX/2.host.eml", "old/Archive.mbox", "Sent")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "mail"
        for name in ("INBOX/cur", "INBOX/new", "INBOX/tmp", "old"):
            (folder / name).mkdir(parents=True)
        messages = ("letter.eml", "INBOX/cur/1.host:2,S", "INBOX/new/2.host", "INBOX/tmp/3.host", "notes.txt")
        for number, name in enumerate(messages):
            (folder / name).write_text(mail_text(number))
        for name in ("old/Archive.mbox", "Sent"):
            (folder / name).write_text(f"From a@example.org Mon Jan 01 10:00:00 2024\n{mail_text(9)}\n")
        return folder

    @pytest.fixture
    def crawler(self, folder: Path) -> MailCrawler:
        return mail_crawler(folder)

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> MailCrawler:
        return mail_crawler(tmp_path / "no such folder")

    @pytest.fixture
    def change(self, folder: Path) -> Callable[[], str]:
        def receive() -> str:
            with (folder / "Sent").open("a") as box:
                box.write(f"From a@example.org Mon Jan 01 11:00:00 2024\n{mail_text(10)}\n")
            return "Sent"

        return receive

    @pytest.fixture
    def source_state(self, folder: Path) -> Callable[[], object]:
        return lambda: {
            str(path): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")
        }
