"""What a folder of mail can hold, and what changes in it without changing a message."""

import os
from pathlib import Path

import pytest

from bifrost.errors import ItemUnreadable
from bifrost.model import Item, ItemKind
from crawlers.files.mail.crawler import MailCrawler
from tests.crawlers.test_mail_contract import mail_crawler, mail_text

BOX = f"From a@example.org Mon Jan 01 10:00:00 2024\n{mail_text(1)}\n"


def keys(crawler: MailCrawler) -> list[str]:
    return [item.key for item in crawler.listing().items]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_reading_marking_and_moving_a_message_changes_neither_its_key_nor_its_fingerprint(maildir: Path) -> None:
    message = maildir / "new" / "1700000000.M1P2.host"
    message.write_text(mail_text(1))
    crawler = mail_crawler(maildir)
    before = crawler.listing()
    assert [item.key for item in before.items] == ["1700000000.M1P2.host.eml"]
    for name in ("cur/1700000000.M1P2.host:2,", "cur/1700000000.M1P2.host:2,RS", "cur/1700000000.M1P2.host;2,RST"):
        message = message.rename(maildir / name)
        assert crawler.listing() == before
        assert crawler.fetch(before.items[0]).stream.read() == mail_text(1).encode()


def test_a_message_is_found_without_a_listing_by_the_same_crawler(maildir: Path) -> None:
    write(maildir, **{"cur/1.host:2,S": mail_text(1)})
    items = mail_crawler(maildir).listing().items
    other = mail_crawler(maildir)
    assert other.fetch(items[0]).stream.read() == mail_text(1).encode()
    (maildir / "cur" / "1.host:2,S").unlink()
    with pytest.raises(ItemUnreadable, match="no such file"):
        other.fetch(items[0])


def test_a_folder_is_read_once_to_find_all_its_messages(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(maildir, **{f"cur/{number}.host:2,S": mail_text(number) for number in range(50)})
    crawler = mail_crawler(maildir)
    items = crawler.listing().items
    read: list[Path] = []
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: read.append(path) or listdir(path))
    assert {len(crawler.fetch(item).stream.read()) > 0 for item in items} == {True}
    assert len(read) == 2  # new and cur


def test_a_message_in_both_folders_is_listed_once(maildir: Path) -> None:
    write(maildir, **{"new/1.host": mail_text(1), "cur/1.host:2,S": mail_text(1)})
    assert keys(mail_crawler(maildir)) == ["1.host.eml"]


def test_a_message_that_moves_while_its_folders_are_listed_is_not_missed(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(maildir, **{"new/1.host": mail_text(1), "cur/2.host:2,S": mail_text(2)})
    scan = os.scandir

    def meanwhile(path: Path) -> object:
        """Let a mail program move one message and mark another, right after the folder was read."""
        with scan(path) as entries:
            seen = list(entries)
        moves = {"new": ("new/1.host", "cur/1.host:2,"), "cur": ("cur/2.host:2,S", "cur/2.host:2,RS")}
        source, target = moves.get(Path(path).name, ("", ""))
        if source and (maildir / source).exists():
            (maildir / source).rename(maildir / target)
        return Entries(seen)

    monkeypatch.setattr(os, "scandir", meanwhile)
    assert keys(mail_crawler(maildir)) == ["1.host.eml", "2.host.eml"]


class Entries(list[os.DirEntry[str]]):
    def __enter__(self) -> "Entries":
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def test_unfinished_and_hidden_files_of_a_maildir_are_no_messages(maildir: Path) -> None:
    write(
        maildir,
        **{"tmp/1.host": BOX, "tmp/2.eml": BOX, "cur/.nfs1": BOX, "dovecot-uidlist": "3 V1\n", "cur/3.host": "x"},
    )
    assert keys(mail_crawler(maildir)) == ["3.host.eml"]


def test_folders_of_a_maildir_server_are_listed_though_their_names_start_with_a_dot(tmp_path: Path) -> None:
    write(tmp_path, **{".Sent/cur/1.host:2,S": "x", ".Sent/new/.keep": "", "cur/2.host:2,S": "x", "new/3.host": "x"})
    assert keys(mail_crawler(tmp_path)) == [".Sent/1.host.eml", "2.host.eml", "3.host.eml"]
    assert keys(mail_crawler(tmp_path, exclude=[".Sent/**"])) == ["2.host.eml", "3.host.eml"]
    assert keys(mail_crawler(tmp_path, include=[".Sent/**"])) == [".Sent/1.host.eml"]


def test_a_folder_called_cur_alone_is_no_maildir(tmp_path: Path) -> None:
    assert keys(mail_crawler(write(tmp_path, **{"cur/notes": "x", "cur/a.eml": "x"}))) == ["cur/a.eml"]


def test_mailboxes_of_thunderbird_are_listed(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "Mail/Inbox": BOX,
            "Mail/Inbox.msf": "// index",
            "Mail/Projects 2.0": BOX,
            "Mail/Projects 2.0.msf": "// index",
            "Mail/Trash": "",
            "Mail/Trash.msf": "// index",
            "Mail/nstmp": BOX,
            "Mail/Inbox.sbd/Suppliers": BOX,
            "Mail/Maildir/cur/5.eml": mail_text(5),
            "Mail/Maildir/tmp/6.eml": mail_text(6),
            "msgFilterRules.dat": "x",
            "prefs": "From here\n",
        },
    )
    expected = ["Mail/Inbox", "Mail/Inbox.sbd/Suppliers", "Mail/Maildir/5.eml", "Mail/Projects 2.0"]
    assert keys(mail_crawler(tmp_path)) == expected


def test_empty_mailboxes_are_not_listed(tmp_path: Path) -> None:
    assert keys(mail_crawler(write(tmp_path, **{"a.mbox": "", "b.MBOX": BOX, "c": ""}))) == ["b.MBOX"]


def test_a_file_that_cannot_be_looked_at_is_skipped_and_not_gone(shared_folder: Path, as_ordinary_user: None) -> None:
    write(shared_folder, Inbox=BOX)
    (shared_folder / "Inbox").chmod(0)
    os.mkfifo(shared_folder / "pipe")
    listing = mail_crawler(shared_folder).listing()
    assert listing.items == ()
    assert dict(listing.skipped) == {"Inbox": "permission denied"}


def test_a_name_that_is_no_text_is_listed_and_read(maildir: Path) -> None:
    (maildir / "cur" / os.fsdecode(b"1.h\xf6st:2,S")).write_text(mail_text(1))
    crawler = mail_crawler(maildir)
    (item,) = crawler.listing().items
    assert item.key == "1.h%F6st.eml"
    assert crawler.fetch(item).stream.read() == mail_text(1).encode()


@pytest.mark.parametrize("key", ["../secret.eml", "out/1.host.eml", "gone.eml", "cur"])
def test_a_key_that_is_no_mail_inside_the_folder_is_never_opened(tmp_path: Path, key: str) -> None:
    write(tmp_path, **{"secret.eml": "x", "other/cur/1.host:2,S": "x", "mail/cur/2.host": "x"})
    (tmp_path / "mail" / "out").symlink_to("../other")
    with pytest.raises(ItemUnreadable):
        mail_crawler(tmp_path / "mail").fetch(Item("contract", key, ItemKind.FILE, ""))
