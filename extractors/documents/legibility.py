"""Whether a text layer says what the page shows: fonts with wrong tables give letters that make no words."""

import re
from collections.abc import Sequence

_VOWELS = frozenset("aeiouyäöüåæøœáàâãéèêëíìîïóòôõúùûýčěůőű")
_NO_LATIN = re.compile(r"[^a-zà-öø-ÿœčěůőűšžřťďňłńśźżąęćğış]+")
_LONELY = re.compile(r"(?<!\S)[a-zà-öø-ÿ](?!\S)")
_SYMBOL = re.compile("[\x80-\xbf]")
_FEWEST_LETTERS = 80
_FEWEST_VOWELS, _MOST_VOWELS = 0.24, 0.62
"""Of the letters of languages in Latin script, between a third and a half are vowels."""
_MOST_SYMBOLS = 0.12
_MOST_LONELY = 0.6
_LONG = re.compile(r"[a-zà-öø-ÿœčěůőűšžřťďňłńśźżąęćğış]{4,}")
_UNSPOKEN = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|[aeiouäöü]{4}")
_MOST_UNSPOKEN = 0.22
_LEAST_AGREEMENT = 0.3
_WORD = re.compile(r"[^\W_]{3,}")
_SAMPLE = 500


def is_doubtful(text: str) -> bool:
    """Tell whether a text looks as if its letters were mixed up; a list of codes may look like that, too."""
    start = max(0, (len(text) - _SAMPLE) // 2)
    text = text[start : start + _SAMPLE].lower()
    letters = _NO_LATIN.sub("", text)
    if len(_SYMBOL.findall(text)) > _MOST_SYMBOLS * max(1, len(text) - text.count(" ")):
        return len(text) > _FEWEST_LETTERS
    if len(letters) < _FEWEST_LETTERS:
        return False
    vowels = sum(map(letters.count, _VOWELS)) / len(letters)
    if not _FEWEST_VOWELS <= vowels <= _MOST_VOWELS or len(_LONELY.findall(text)) > _MOST_LONELY * len(text.split()):
        return True
    long = _LONG.findall(text)
    unspoken = len(_UNSPOKEN.findall(text)) + sum(map(_VOWELS.isdisjoint, long))
    return unspoken > _MOST_UNSPOKEN * len(long)


def agrees(layer: str, recognised: Sequence[str]) -> bool:
    """Tell whether what was recognised on the page bears out its text layer."""
    seen = set(_WORD.findall(" ".join(recognised).casefold()))
    said = _WORD.findall(layer.casefold())
    if not seen or not said:
        return not seen
    return sum(word in seen for word in said) >= _LEAST_AGREEMENT * len(said)
