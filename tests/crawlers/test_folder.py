"""What a folder can hold, and how it can fail."""

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from bifrost.errors import ItemUnreadable, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind, StageReport
from bifrost.project import Project
from bifrost.secrets import Secrets
from crawlers.files.folders.crawler import FolderConfig, FolderCrawler
from crawlers.files.folders.whole_file import WholeFile
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


def test_folders_that_are_linked_in_a_circle_are_walked_once(tmp_path: Path) -> None:
    for name, target in (("a", "../b"), ("b", "../a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text("x")
        (tmp_path / name / "to").symlink_to(target)
    (tmp_path / "a" / "root").symlink_to("..")
    listing = folder_crawler(tmp_path).listing()
    assert [item.key for item in listing.items] == ["a/x.txt", "b/x.txt"]
    assert listing.complete
    assert sorted(listing.skipped) == ["a/root", "a/to", "b/to"]


def test_a_folder_whose_name_is_no_text_is_walked(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"b\xfccher")
    folder.mkdir()
    (folder / os.fsdecode(b"\xe4.txt")).write_text("x")
    crawler = folder_crawler(tmp_path)
    (item,) = crawler.listing().items
    assert item.key == "b%FCcher/%E4.txt"
    assert crawler.fetch(item).stream.read() == b"x"


def test_a_file_that_is_renamed_while_its_folder_is_read_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.txt").write_text("x")
    scan = os.scandir

    def meanwhile(path: Path) -> object:
        """Give what the folder held, right before somebody renames a file in it."""
        entries = scan(path)
        if (tmp_path / "old.txt").exists():
            (tmp_path / "old.txt").rename(tmp_path / "new.txt")
            entries = scan(tmp_path / "empty")
        return entries

    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(os, "scandir", meanwhile)
    assert keys(folder_crawler(tmp_path)) == ["new.txt"]


def test_a_file_that_vanishes_after_the_listing_is_an_unreadable_item(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    crawler = folder_crawler(tmp_path)
    (item,) = crawler.listing().items
    (tmp_path / "a.txt").unlink()
    with pytest.raises(ItemUnreadable, match="no such file"):
        crawler.fetch(item)
    tmp_path.rename(tmp_path.with_name("moved"))
    with pytest.raises(SourceUnreachable):
        crawler.fetch(item)


@pytest.mark.parametrize("size", [0, 300_000])
def test_a_file_that_is_cut_while_it_is_read_fails_and_is_never_taken_for_whole(tmp_path: Path, size: int) -> None:
    content = os.urandom(1_000_000)
    (tmp_path / "a.bin").write_bytes(content)
    crawler = folder_crawler(tmp_path)
    (item,) = crawler.listing().items
    stream = crawler.fetch(item).stream
    assert stream.read(200_000) == content[:200_000]
    os.truncate(tmp_path / "a.bin", size)
    with pytest.raises(ItemUnreadable, match="shorter while it was read") as caught:
        stream.read()
    assert caught.value.retryable
    stream.close()


def test_a_file_that_is_deleted_or_replaced_while_it_is_read_is_read_as_it_was(tmp_path: Path) -> None:
    content = os.urandom(1_000_000)
    (tmp_path / "a.bin").write_bytes(content)
    crawler = folder_crawler(tmp_path)
    (item,) = crawler.listing().items
    with crawler.fetch(item).stream as stream:
        start = stream.read(200_000)
        (tmp_path / "b.bin").write_bytes(b"other")
        (tmp_path / "b.bin").replace(tmp_path / "a.bin")
        assert start + stream.read() == content
    assert crawler.listing().items[0].fingerprint != item.fingerprint


def test_a_file_that_is_cut_while_it_is_crawled_keeps_what_was_known_and_is_read_by_the_next_crawl(
    tmp_path: Path,
    make_project: Callable[..., Project],
    crawl: Callable[..., StageReport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("first")
    (folder / "b.txt").write_text("other")
    project = make_project({"files": {"kind": "folder", "path": str(folder)}})
    crawl(project)
    before = {each.item.key: each.content for each in project.catalog.items("files")}
    (folder / "a.txt").write_text("second " * 500_000)
    read = WholeFile.readinto

    def cut_after_reading(self: WholeFile, buffer: memoryview) -> int:
        count = read(self, buffer)
        os.truncate(folder / "a.txt", 10)
        return count

    with monkeypatch.context() as patch:
        patch.setattr(WholeFile, "readinto", cut_after_reading)
        crawl(project)
    assert {each.item.key: each.content for each in project.catalog.items("files")} == before
    (reject,) = project.catalog.rejects("files")
    assert (reject.item, reject.reason) == ("a.txt", "it became shorter while it was read")
    crawl(project)
    contents = {each.item.key: each.content for each in project.catalog.items("files")}
    assert contents["b.txt"] == before["b.txt"]
    assert project.staging.path(contents["a.txt"]).read_bytes() == b"second sec"
    assert project.catalog.rejects("files") == []


@pytest.mark.slow
def test_a_hundred_thousand_files_are_listed_in_bounded_time_and_memory(tmp_path: Path) -> None:
    for folder in range(100):
        (tmp_path / f"{folder}").mkdir()
        for number in range(1000):
            (tmp_path / f"{folder}" / f"{number}.txt").touch()
    crawler = folder_crawler(tmp_path)
    began = time.monotonic()
    listing = crawler.listing()
    seconds = time.monotonic() - began
    tracemalloc.start()
    assert crawler.listing() == listing
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"100,000 files listed in {seconds:.1f} s; peak {peak_mb:.0f} MB")
    assert len(listing.items) == 100_000
    assert seconds < 30
    assert peak_mb < 200
