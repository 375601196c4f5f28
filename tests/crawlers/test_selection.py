import pytest

from bifrost.config import TableSelection
from crawlers.selection import PathSelection, change_column, is_copied, row_condition, takes_table


@pytest.mark.parametrize(
    ("pattern", "taken", "left"),
    [
        ("**/*", ["a", "b/a", "b/c/a"], []),
        ("*", ["a"], ["b/a"]),
        ("*.pdf", ["a.pdf"], ["b/a.pdf", "apdf", "a.pdf.txt"]),
        ("**/*.pdf", ["a.pdf", "b/c/a.pdf"], ["a.PDF"]),
        ("reports/**", ["reports/a", "reports/b/c"], ["reports", "old/reports/a"]),
        ("**/old/**", ["old/a", "b/old/c/d"], ["older/a"]),
        ("a?.txt", ["ab.txt"], ["a/.txt", "abc.txt"]),
        ("[a-c]*.[!x]", ["b1.y"], ["d1.y", "b1.x"]),
        ("a[]]b", ["a]b"], ["a[b"]),
        ("a[b", ["a[b"], ["ab"]),
        ("a+(b).txt", ["a+(b).txt"], ["aab.txt"]),
    ],
)
def test_patterns_choose_paths(pattern: str, taken: list[str], left: list[str]) -> None:
    selection = PathSelection.of([pattern], [])
    assert [key for key in taken + left if selection.takes_file(key)] == taken


def test_excluding_wins_and_keeps_whole_folders_from_being_entered() -> None:
    selection = PathSelection.of(["**/*"], ["archive/**", "*.log", "**/tmp"])
    assert not selection.takes_file("archive/a.csv")
    assert not selection.takes_file("a.log")
    assert selection.takes_file("b/a.log")
    assert not selection.takes_folder("archive")
    assert not selection.takes_folder("b/tmp")
    assert selection.takes_folder("b")


def test_tables_are_chosen_by_names_with_stars() -> None:
    chosen = [name for name in ("batch", "sales.order", "sales.tmp_1") if takes_table(name, ["sales.*"], ["*.tmp_*"])]
    assert chosen == ["sales.order"]


def test_of_several_patterns_the_last_that_fits_counts() -> None:
    config = TableSelection(
        rows={"*": "deleted = 0", "sales.*": "year > 2020", "*.tmp": ""},
        fields={"*": "link-only", "sales.*": "copy", "*.salary": "link-only"},
        changed_by={"sales.*": "updated_at"},
    )
    assert [row_condition(config, table) for table in ("batch", "sales.order", "sales.tmp")] == [
        "deleted = 0",
        "year > 2020",
        "",
    ]
    assert is_copied(config, "sales.person", "name")
    assert not is_copied(config, "sales.person", "salary")
    assert not is_copied(config, "batch", "id")
    assert change_column(config, "sales.order") == "updated_at"
    assert change_column(config, "batch") is None


def test_without_patterns_all_rows_and_fields_are_copied() -> None:
    assert row_condition(TableSelection(), "t") == ""
    assert is_copied(TableSelection(), "t", "a")
