"""The words in names of tables and fields, whatever the convention they are written in."""

import re
from collections.abc import Set
from pathlib import PurePosixPath

REFERENCE_WORDS = frozenset(
    {"id", "ids", "code", "key", "no", "nr", "num", "number", "nbr", "ref", "reference", "fk", "pk", "uid"}
    | {"uuid", "guid"}
)
"""Words that say "what stands here identifies something"."""

PREPOSITIONS = frozenset({"to", "by", "via", "from", "for", "of"})
"""Words that end the name of a role: reports to, approved by, shipped via."""

SELF_ROLES = frozenset(
    {"parent", "manager", "boss", "supervisor", "superior", "predecessor", "successor", "previous", "next", "reports"}
    | {"replaces", "original", "root", "ancestor", "superseded", "duplicate"}
)
"""Roles that a record of the same table plays."""

PERSON_ROLES = frozenset(
    {"rep", "representative", "agent", "manager", "owner", "author", "assignee", "approver", "buyer", "seller", "clerk"}
    | {"salesperson", "supervisor", "operator", "inspector", "creator", "editor", "reviewer", "driver", "planner"}
    | {"responsible", "requester", "sender", "receiver", "teacher", "doctor", "physician", "leader", "head", "by"}
)
"""Roles that people play; what is done `by` is done by people."""

PEOPLE = frozenset({"employee", "user", "person", "staff", "member", "worker", "personnel", "people", "colleague"})
"""What tables of people are called, in the singular."""

GENERIC_WORDS = REFERENCE_WORDS | {
    *("name", "title", "label", "type", "kind", "status", "state", "date", "time", "day", "month", "year", "value"),
    *("description", "comment", "comments", "note", "notes", "text", "address", "street", "city", "town", "country"),
    *("phone", "fax", "email", "mail", "url", "amount", "price", "quantity", "total", "count", "unit", "units"),
    *("first", "last", "full", "position", "order by", "rank", "size", "weight", "length", "width", "height", "age"),
    *("contact", "group", "category", "class", "level", "remark", "remarks", "flag", "active", "version", "region"),
    *("row", "record", "index", "line no", "serial", "sequence", "seq", "start", "end", "begin", "created", "updated"),
}
"""Words that any table may use, so that two fields that share them need not mean the same."""

_FILE_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods", ".parquet"})
_WORD = re.compile(r"[A-ZÀ-ÖØ-Þ]+(?![a-zß-öø-ÿ])|[A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+|[0-9]+|[^\W\d_A-Za-zÀ-ÿ]+")
_IRREGULAR = {"series": "series", "species": "species", "news": "news", "people": "person", "children": "child"}
_SHORTEST_SPLIT, _SHORTEST_STEM = 3, 4
_GLUED_ENDINGS = ("id", "no", "nr", "code", "key", "ref", "via", "by", "number")


def words(name: str) -> tuple[str, ...]:
    """Split `CustomerID`, `customer_id` or `customer id` into lower-case words."""
    return tuple(word.lower() for word in _WORD.findall(name))


def table_words(name: str) -> tuple[str, ...]:
    """Split a table's name without its folder, schema and file ending; each word in the singular."""
    path = PurePosixPath(name)
    plain = path.stem if path.suffix.lower() in _FILE_ENDINGS else path.name.rsplit(".", 1)[-1]
    return tuple(singular(word) for word in words(plain))


def core(name_words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what only says "identifier" or "role" at the end: supplier id -> supplier, reports to -> reports."""
    end = len(name_words)
    while end > 1 and singular(name_words[end - 1]) in REFERENCE_WORDS | PREPOSITIONS:
        end -= 1
    return () if end == 1 and name_words[0] in REFERENCE_WORDS else name_words[:end]


def singular(word: str) -> str:
    """Give the singular of an English plural; other words stay as they are."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def unglued(name_words: tuple[str, ...], vocabulary: Set[str]) -> tuple[str, ...]:
    """Split words written as one (`customerid`) where every part is a known word, or the end alone is."""
    parts: list[str] = []
    for word in name_words:
        parts += _parts(word, vocabulary) or _ending(word, vocabulary) or [word]
    return tuple(parts)


def _ending(word: str, vocabulary: Set[str]) -> list[str] | None:
    if word in vocabulary | GENERIC_WORDS:
        return None
    endings = (end for end in _GLUED_ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM)
    end = max(endings, key=len, default="")
    return [word.removesuffix(end), end] if end else None


def _parts(word: str, vocabulary: Set[str]) -> list[str] | None:
    for cut in range(len(word) - 2, _SHORTEST_SPLIT - 1, -1):
        head, tail = word[:cut], word[cut:]
        if head not in vocabulary:
            continue
        if tail in REFERENCE_WORDS | PREPOSITIONS or tail in vocabulary:
            return [head, tail]
        if rest := _parts(tail, vocabulary):
            return [head, *rest]
    return None
