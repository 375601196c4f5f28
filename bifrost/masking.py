"""The forms in which a secret shows in texts: as it is, line by line, and as URLs, JSON, quotes and base64 write it."""

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote

SHORTEST_MASKED = 4
"""A shorter secret is masked only where it stands alone; a single character never."""


def forms(secret: str) -> set[str]:
    """Give every form of a secret that is long enough to be found anywhere in a text.

    Each line of a secret of several lines is a secret of its own: logs and errors show texts line by line.
    """
    pieces = {secret, secret.strip(), *(line.strip() for line in secret.splitlines())}
    long = [piece for piece in pieces if len(piece) >= SHORTEST_MASKED]
    found = {form for piece in long for form in (*_written(piece), *_base64(piece))}
    return {form for form in found if len(form) >= SHORTEST_MASKED}


def standing_alone(secret: str) -> re.Pattern[str] | None:
    """Give the pattern that finds a short secret between characters that are no letters or digits."""
    if not 1 < len(secret) < SHORTEST_MASKED:
        return None
    return re.compile(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])")


def _written(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogateescape")  # variables of the environment may hold any bytes
    yield from (text, unquote(text), html.escape(text))
    for encoded in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield from (encoded, re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded))
    yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (repr(text)[1:-1], repr(data)[2:-1])
    yield from (text.replace("'", "''"), text.replace("\\", "\\\\").replace("'", "\\'"))


def _base64(text: str) -> Iterator[str]:
    """Give what is the same in the base64 of every longer text that holds this one: it may start at three places."""
    data = text.encode("utf-8", "surrogateescape")
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        whole = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield from (whole, whole.translate(str.maketrans("+/", "-_")))
