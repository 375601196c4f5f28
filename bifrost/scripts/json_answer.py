"""Answers in lines of JSON: strict, of bounded length, and complete only when their last line says so."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bifrost.scripts.child_process import Child
from bifrost.scripts.faults import Blame, ScriptFault

COMPLETE = {"complete": True}


@dataclass(frozen=True, slots=True)
class Line:
    """One value of an answer."""

    number: int
    value: Any
    size_bytes: int


def json_lines(child: Child, longest_bytes: int, head: bytes = b"") -> Iterator[Line]:
    """Give the lines up to the last one, which must say that the answer is complete; `head` was read before.

    Raises:
        ScriptFault: a line is no JSON or too long, the script reports an error, or the answer is not complete.
    """
    ending: Any = None
    for number, raw in enumerate(_split(child, longest_bytes, head), start=1):
        if not raw.strip():
            continue
        if ending is not None:
            raise ScriptFault(f"line {number} comes after {json.dumps(ending)[:40]}, which must be the last")
        value = _decoded(number, raw)
        if value == COMPLETE or _is_error(value):
            ending = value
        else:
            yield Line(number, value, len(raw))
    if ending is None:
        raise ScriptFault(f"its answer ends without the line {json.dumps(COMPLETE)}")
    if ending != COMPLETE:
        raise ScriptFault(ending["error"], Blame.REPORTED, retryable=ending.get("retryable") is True)


def fields(line: Line, known: Iterable[str]) -> dict[str, Any]:
    """Take a line as an object that has no other fields than these.

    Raises:
        ScriptFault: it is no object, or has others.
    """
    if not isinstance(line.value, dict):
        raise ScriptFault(f"line {line.number} is no object")
    if unknown := sorted(line.value.keys() - set(known)):
        raise ScriptFault(f"line {line.number} has the unknown field {unknown[0]!r}; known here: {', '.join(known)}")
    return line.value


def text_of(line: Line, value: dict[str, Any], name: str) -> str:
    """Give a field that must hold text.

    Raises:
        ScriptFault: it holds something else, or nothing.
    """
    text = value.get(name)
    if not isinstance(text, str) or not text:
        raise ScriptFault(f"line {line.number} gives no text as {name!r}")
    return text


def _split(child: Child, longest_bytes: int, head: bytes) -> Iterator[bytes]:
    pieces: list[bytes] = []
    size = 0
    data = head or child.read()
    while data:
        *lines, rest = data.split(b"\n")
        for line in lines:
            yield b"".join((*pieces, line))
            pieces, size = [], 0
        pieces.append(rest)
        size += len(rest)
        if size > longest_bytes:
            raise ScriptFault(f"a line of its answer is longer than {longest_bytes >> 20} MB")
        data = child.read()
    yield b"".join(pieces)


def _decoded(number: int, raw: bytes) -> Any:
    try:
        return _DECODER.decode(raw.decode().strip())
    except UnicodeDecodeError as error:
        raise ScriptFault(f"line {number} is no valid UTF-8 at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        # Never the line itself: it may hold a secret, in whole or in part.
        raise ScriptFault(f"line {number} is no JSON: {error.msg.lower()} at character {error.pos + 1}") from error
    except ValueError as error:
        raise ScriptFault(f"line {number} is no JSON that can be read: {error}") from error
    except RecursionError as error:
        raise ScriptFault(f"line {number} is nested too deeply") from error


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("error"), str)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
