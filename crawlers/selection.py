"""Which items of a source are wanted: patterns for paths, and for names of tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_TOKENS = re.compile(
    r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<part>\*)|(?P<one>\?)|(?P<set>\[!?\]?[^\]/]*\])|(?P<other>.)", re.S
)
_FIXED = {"folders": "(?:[^/]+/)*", "all": ".*", "part": "[^/]*", "one": "[^/]"}


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


def takes_table(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Tell whether a table is wanted; `*` stands for any characters."""
    return any(fnmatchcase(name, pattern) for pattern in include) and not any(
        fnmatchcase(name, pattern) for pattern in exclude
    )


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
