"""Writes names as systems do: conventions, abbreviations, prefixes, words left out."""

from collections.abc import Callable, Sequence
from random import Random

from extractors.fields.training.values import one_typing_error

_VOWELS = frozenset("aeiou")
_SUFFIXES = ("Cd", "Fld", "Val", "Nm", "Txt", "1", "x", "Col", "Desc", "Attr")
_QUALIFIERS = ("main", "iso", "local", "official", "eu", "internal", "external", "reported", "national")
_OTHER_MEANINGS = (
    "previous", "planned", "type of", "method of", "maximum", "secondary", "reason for", "days to", "comment on",
    "original", "number of", "date of", "change of", "unit of", "source of", "lowest",
)  # fmt: skip

_SURROUNDINGS = (
    ("", "at registration"), ("", "at entry"), ("", "present"), ("", "value"), ("", "status"), ("", "result"),
    ("", "measurement"), ("", "category"), ("", "information"), ("", "code"), ("name of", ""), ("kind of", ""),
    ("recorded", ""), ("current", ""), ("first", ""), ("percent", ""), ("primary", ""), ("", "of record"), ("this", ""),
)  # fmt: skip

Style = Callable[[Sequence[str]], str]

STYLES: tuple[Style, ...] = (
    "_".join,
    "_".join,
    lambda words: "_".join(word.capitalize() for word in words),
    lambda words: "".join(word.capitalize() for word in words),
    lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    lambda words: "_".join(words).upper(),
    " ".join,
    lambda words: ".".join(word.capitalize() for word in words),
    "-".join,
    "".join,
)


def shortened(words: Sequence[str], chance: Random) -> str:
    """Abbreviate a name in one of the ways in which people do, each with its own convention."""
    length = chance.choice([2, 3, 3, 4])
    ways: tuple[Callable[[], str], ...] = (
        lambda: "_".join(word[: max(length, round(len(word) * 0.5))] for word in words),
        lambda: "_".join(word[:length] for word in words),
        lambda: "".join(word[:length].capitalize() for word in words),
        lambda: "".join(_without_vowels(word) for word in words).upper(),
        lambda: "_".join(_without_vowels(word) for word in words),
        lambda: "".join(word[0] for word in words).upper() if len(words) > 2 else "".join(words).upper(),
        lambda: "".join(words),
        lambda: one_typing_error("_".join(words), chance),
    )
    return chance.choice(ways)()


def decorated(name: str, table: str, chance: Random) -> str:
    """Put the table's name before a name, or a word that says little after it."""
    draw = chance.random()
    if draw < 0.25:
        return f"{table}_{name}"
    return name + chance.choice(["", "_"]) + chance.choice(_SUFFIXES) if draw < 0.4 else name


def fewer_words(words: Sequence[str], chance: Random) -> list[str]:
    """Leave one word out of a long name."""
    if len(words) < 3:
        return list(words)
    out = chance.randrange(len(words))
    return [word for place, word in enumerate(words) if place != out]


def qualified(name: str, chance: Random) -> str:
    """Say more exactly whose or which, without changing the meaning."""
    return f"{chance.choice(_QUALIFIERS)} {name}"


def surrounded(name: str, chance: Random) -> str:
    """Put words around a name that people put there without saying much, or turn it round at "of"."""
    before, after = chance.choice(_SURROUNDINGS)
    head, of, tail = name.partition(" of ")
    if of and chance.random() < 0.5:
        name = f"{tail} {head}"
    return f"{before} {name} {after}".strip()


def of_other_meaning(name: str, chance: Random) -> str:
    """Change the meaning with a word or two."""
    return f"{chance.choice(_OTHER_MEANINGS)} {name}"


def _without_vowels(word: str) -> str:
    return word[:1] + "".join(letter for letter in word[1:] if letter not in _VOWELS)
