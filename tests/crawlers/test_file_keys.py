import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bifrost.model import ItemKind
from crawlers.files.folders.file_keys import key_of, path_of
from tests.crawlers.test_folder_contract import folder_crawler

names = st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)
tricky = st.lists(st.sampled_from([b"%", b"25", b"FF", b"ff", b"\xff", b"\xc3", b"\xa9", b"a", b"/"]), min_size=1)


@given(names | tricky.map(b"".join))
@example(b"a%FF.txt")
@example(b"a\xff.txt")
@example(b"100%.txt")
@example(b"%2525%25")
def test_every_path_comes_back_from_its_key_and_the_key_can_be_stored(path: bytes) -> None:
    key = key_of(os.fsdecode(path))
    key.encode("utf-8")
    assert os.fsencode(path_of(key)) == path


@pytest.mark.parametrize("path", ["a.txt", "ä/ö 日本.pdf", "100%.txt", "50% off/a%20b.csv", "tab\tline\n.txt"])
def test_ordinary_paths_are_their_own_keys(path: str) -> None:
    assert key_of(path) == path


def test_a_file_whose_name_is_no_text_is_listed_and_read(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))).write_text("coffee")
    (tmp_path / "caf%E9.txt").write_text("percent")
    crawler = folder_crawler(tmp_path)
    items = {item.key: item for item in crawler.listing().items}
    assert {item.kind for item in items.values()} == {ItemKind.FILE}
    contents = {key: crawler.fetch(item).stream.read() for key, item in items.items()}
    assert contents == {"caf%E9.txt": b"coffee", "caf%25E9.txt": b"percent"}
