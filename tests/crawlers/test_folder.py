"""What a folder can hold, and how it can fail."""

import os
import time
from pathlib import Path

import pytest

from bifrost.errors import ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind
from bifrost.secrets import Secrets
from crawlers.folder import FolderConfig, FolderCrawler
from tests.crawlers.test_folder_contract import folder_crawler


def keys(crawler: FolderCrawler) -> list[str]:
    return [item.key for item in crawler.listing().items]


def test_hidden_and_temporary_files_are_left_out_unless_they_are_wanted(tmp_path: Path) -> None:
    for name in ("a.xlsx", "~$a.xlsx", ".DS_Store", "b.tmp", "c.txt~", "Thumbs.db"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    assert keys(folder_crawler(tmp_path)) == ["a.xlsx"]
    assert len(keys(folder_crawler(tmp_path, hidden=True))) == 7


def test_links_are_followed_to_files_inside_only_and_the_others_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "same.txt").symlink_to("a.txt")
    (folder / "out.txt").symlink_to("../secret.txt")
    (folder / "nowhere.txt").symlink_to("missing")
    (folder / "sub" / "up").symlink_to("..")
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe")
    listing = folder_crawler(folder).listing()
    assert [item.key for item in listing.items] == ["a.txt", "same.txt"]
    assert listing.complete
    assert sorted(listing.skipped) == ["circle", "nowhere.txt", "out.txt", "pipe", "sub/up"]
    assert "out of" in listing.skipped["out.txt"]


@pytest.mark.parametrize("key", ["out.txt", "pipe", "sub", "../secret.txt", "gone.txt"])
def test_a_key_that_is_no_file_inside_the_folder_is_never_opened(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "out.txt").symlink_to("../secret.txt")
    os.mkfifo(folder / "pipe")
    with pytest.raises(ItemUnreadable):
        folder_crawler(folder).fetch(Item("contract", key, ItemKind.FILE, ""))


def test_a_sub_folder_that_cannot_be_listed_makes_the_listing_partial(
    shared_folder: Path, as_ordinary_user: None
) -> None:
    for name in ("open", "closed"):
        (shared_folder / name).mkdir()
        (shared_folder / name / "a.txt").write_text("x")
    (shared_folder / "closed").chmod(0)
    listing = folder_crawler(shared_folder).listing()
    assert [item.key for item in listing.items] == ["open/a.txt"]
    assert dict(listing.failed_scopes) == {"closed": "permission denied"}
    assert folder_crawler(shared_folder, exclude=["closed/**"]).listing().complete


def test_a_root_without_rights_is_refused_and_a_missing_one_unreachable(
    shared_folder: Path, as_ordinary_user: None
) -> None:
    root = shared_folder / "root"
    with pytest.raises(SourceUnreachable):
        folder_crawler(root).listing()
    root.write_text("a file")
    with pytest.raises(SourceUnreachable):
        folder_crawler(root).listing()
    root.unlink()
    root.mkdir(mode=0)
    with pytest.raises(SourceRefused):
        folder_crawler(root).listing()


def test_a_source_around_the_project_leaves_the_project_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "staging" / "objects").mkdir(parents=True)
    (home / "data").mkdir()
    for name in ("bifrost.yaml", "catalog.sqlite", "staging/objects/x", "data/a.csv", "b.csv"):
        (home / name).write_text("x")
    crawler = FolderCrawler("around", FolderConfig(path=str(home / "..")), Secrets(home))
    assert keys(crawler) == ["home/b.csv", "home/data/a.csv"]


def test_a_listing_ends_after_the_clock_tick_of_the_last_change(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    folder_crawler(tmp_path).listing()
    assert time.time_ns() - (tmp_path / "a.txt").stat().st_mtime_ns >= 10_000_000
