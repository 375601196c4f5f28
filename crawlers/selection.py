"""What of a source is wanted: patterns for paths and for names of tables, conditions on rows, fields to copy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bifrost.config import TableSelection

_TOKENS = re.compile(
    r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<part>\*)|(?P<one>\?)|(?P<set>\[!?\]?[^\]/]*\])|(?P<other>.)", re.S
)
# A folder's name may be empty: keys of object stores may hold `//` or begin with `/`.
_FIXED = {"folders": "(?:[^/]*/)*", "all": ".*", "part": "[^/]*", "one": "[^/]"}
HIDDEN = (
    "**/.*",
    "**/~$*",
    "**/*~",
    "**/*.tmp",
    "**/*.part",
    "**/*.crdownload",
    "**/Thumbs.db",
    "**/desktop.ini",
)
"""Patterns of hidden and temporary files."""


@dataclass(frozen=True, slots=True)
class PathSelection:
    """Chooses files by patterns: `*` stays within a folder, `**` crosses folders, `folder/**` is all below it."""

    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    pruned: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, include: Iterable[str], exclude: Sequence[str]) -> "PathSelection":
        """Compile the patterns."""
        return cls(
            include=tuple(_compiled(pattern) for pattern in include),
            exclude=tuple(_compiled(pattern) for pattern in exclude),
            pruned=tuple(_compiled(pattern.rstrip("/").removesuffix("/**")) for pattern in exclude),
        )

    def takes_file(self, key: str) -> bool:
        """Tell whether a file is wanted."""
        return _any(self.include, key) and not _any(self.exclude, key)

    def takes_folder(self, key: str) -> bool:
        """Tell whether anything below a folder can be wanted."""
        return not _any(self.pruned, key)

    def takes_path(self, key: str) -> bool:
        """Tell whether a file is wanted that was found without entering its folders."""
        if not self.takes_file(key):
            return False
        ends = [found.start() for found in re.finditer("/", key)]
        # In a store without folders `..` is a name like any other, and nothing hidden.
        return all(self.takes_folder(key[:end]) for end in ends if key[:end].rpartition("/")[2] not in ("", ".", ".."))


def takes_table(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Tell whether a table is wanted; `*` stands for any characters."""
    return any(fnmatchcase(name, pattern) for pattern in include) and not any(
        fnmatchcase(name, pattern) for pattern in exclude
    )


def row_condition(config: TableSelection, table: str) -> str:
    """Give the condition in SQL that wanted rows of a table meet; empty for all rows."""
    return _last_fitting(config.rows, table) or ""


def is_copied(config: TableSelection, table: str, field: str) -> bool:
    """Tell whether the values of a field are copied; those of the others stay at the source."""
    return _last_fitting(config.fields, f"{table}.{field}") != "link-only"


def change_column(config: TableSelection, table: str) -> str | None:
    """Give the column that the settings declare to grow with every change of a row."""
    return _last_fitting(config.changed_by, table)


def _last_fitting(choices: Mapping[str, str], name: str) -> str | None:
    fitting = [choice for pattern, choice in choices.items() if fnmatchcase(name, pattern)]
    return fitting[-1] if fitting else None


def _any(patterns: Iterable[re.Pattern[str]], key: str) -> bool:
    return any(pattern.fullmatch(key) for pattern in patterns)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(token) for token in _TOKENS.finditer(pattern)), re.S)


def _translated(token: re.Match[str]) -> str:
    kind, text = token.lastgroup or "other", token[0]
    if kind == "set":
        negated = text[1] == "!"
        members = text[2 if negated else 1 : -1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"(?!/)[{'^' if negated else ''}{members.replace('^', chr(92) + '^')}]"
    return _FIXED.get(kind) or re.escape(text)
