"""What drivers say when something fails, sorted by what it means for a crawl."""

import re
from enum import Enum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class Fault(Enum):
    """What a database error says about the database, or about one table."""

    UNREACHABLE = "the server does not answer, or went away"
    REFUSED = "the server said no to the login, or has no such database"
    FORBIDDEN = "this role may not read this table"
    BUSY = "locked, timed out or rolled back: later it may work"
    MISSING = "there is no such table"
    OTHER = "anything else"


_CODES: dict[str, dict[Fault, frozenset[int]]] = {
    "mysql": {
        Fault.UNREACHABLE: frozenset(
            {1040, 1053, 1129, 1152, 1203, 1927, 2002, 2003, 2005, 2006, 2013, 2014, 2026, 2055}
        ),
        Fault.REFUSED: frozenset({1044, 1045, 1049, 1130, 1251, 1698, 1820, 2059}),
        Fault.FORBIDDEN: frozenset({1142, 1143, 1227, 1356, 1370, 1410}),
        Fault.BUSY: frozenset({1020, 1205, 1213, 1317, 1412, 1615, 1969, 3024, 3572}),
        Fault.MISSING: frozenset({1051, 1109, 1146, 1932}),
    },
    "mssql": {
        Fault.UNREACHABLE: frozenset({20002, 20003, 20004, 20006, 20009, 20017, 20047, 40613, 40197, 40501}),
        Fault.REFUSED: frozenset({4060, 4064, 18452, 18456, 18470, 18486, 18487, 18488, 40615}),
        Fault.FORBIDDEN: frozenset({229, 230, 262, 300, 916}),
        Fault.BUSY: frozenset({1204, 1205, 1222, 3960, 3961, 8645}),
        Fault.MISSING: frozenset({208}),
    },
    "oracle": {
        Fault.UNREACHABLE: frozenset({28, 1012, 1033, 1034, 1089, 3113, 3114, 3135, 12170, 12541, 12514, 12537, 12547}),
        Fault.REFUSED: frozenset({1005, 1017, 1045, 12505, 12516, 28000, 28001, 28003}),
        Fault.FORBIDDEN: frozenset({1031, 41900}),
        Fault.BUSY: frozenset({51, 54, 60, 1013, 1555, 4021, 8177, 8181}),
        Fault.MISSING: frozenset({942, 4043}),
    },
}
_WORDS: tuple[tuple[Fault, re.Pattern[str]], ...] = (
    (Fault.REFUSED, re.compile(r"password|login failed|authenticat|access denied|role .* does not exist", re.I)),
    (Fault.REFUSED, re.compile(r"unknown database|database .* does not exist|not a database", re.I)),
    (Fault.FORBIDDEN, re.compile(r"permission denied|not authorized|insufficient privilege", re.I)),
    (Fault.BUSY, re.compile(r"lock|timeout|timed out|deadlock|serializ|busy", re.I)),
    (Fault.MISSING, re.compile(r"no such table|(table|relation|view) .* (does not exist|not found)", re.I)),
    (Fault.UNREACHABLE, re.compile(r"connect|unable to open|server closed|network|unreachable|resolve", re.I)),
)
_ORACLE_CODE = re.compile(r"\b(?:ORA|DPY|DPI)-(\d+)")
_LOST_ORACLE = re.compile(r"DPY-(1001|4011|6000|6001|6003|6005)\b")


def fault_of(error: Exception, backend: str, *, connecting: bool = False) -> Fault:
    """Sort an error of a driver; `backend` is the name of SQLAlchemy's dialect."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Fault.UNREACHABLE
    text = _text(error)
    if _LOST_ORACLE.search(text):
        return Fault.UNREACHABLE
    codes = _codes(error, text)
    for fault, known in _CODES.get("mysql" if backend == "mariadb" else backend, {}).items():
        # A driver may give several: the server's own, then that it could not connect.
        if fault is not Fault.UNREACHABLE and codes & known:
            return fault
        if codes and codes <= known:
            return fault
    if backend not in _CODES:
        for fault, words in _WORDS:
            if words.search(text):
                return fault
    return Fault.UNREACHABLE if connecting else Fault.OTHER


def sentence_of(error: Exception) -> str:
    """Give the database's own sentence, without the query, its parameters and the driver's prefixes."""
    text = _text(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else type(error).__name__
    return first.removeprefix("ERROR: ").removeprefix("FATAL: ").rstrip(".")


def _text(error: Exception) -> str:
    """Give what the driver said; what SQLAlchemy adds to it holds the query."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    arguments = getattr(cause, "args", ())
    texts = [_decoded(each) for argument in arguments for each in _flat(argument) if isinstance(each, str | bytes)]
    if texts:
        return " ".join(texts)
    return str(cause) if not isinstance(cause, SQLAlchemyError) else type(cause).__name__


def _codes(error: Exception, text: str) -> frozenset[int]:
    cause = error.orig if isinstance(error, DBAPIError) else error
    numbers = {each for argument in getattr(cause, "args", ()) for each in _flat(argument) if isinstance(each, int)}
    numbers |= {int(code) for code in _ORACLE_CODE.findall(text)}
    numbers |= {int(code) for code in re.findall(r"DB-Lib error message (\d+)", text)}
    return frozenset(numbers)


def _flat(argument: object) -> tuple[object, ...]:
    return argument if isinstance(argument, tuple) else (argument,)


def _decoded(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
