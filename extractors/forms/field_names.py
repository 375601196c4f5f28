"""Labels of forms as names of fields: the same label gives the same name, however it is numbered, marked or set."""

import re

_NUMBERING = re.compile(r"^\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-zA-Z])[.)]\s+")
_ABBREVIATION = re.compile(r"(?<=\w)\.(?=\s|$|\))")
_NUMBER_SIGN = re.compile(r"\s*(?:#|№|\bn[ro]s?\b|\bnumber\b)\s*$", re.IGNORECASE)
_EDGES = " \t.:;,*_-\u2013=|?"
_LONGEST_ACRONYM = 4


def field_name(label: str) -> str:
    """Leave away numbering and signs, read "No." and "#" alike, and set capitals as in a sentence.

    Words that stand in capitals beside others that do not are taken for acronyms and stay.
    """
    name = _NUMBERING.sub("", label.strip()).strip(_EDGES)
    name = _ABBREVIATION.sub("", name)
    if len(name) > 3:
        name = _NUMBER_SIGN.sub(" no", name)
    words = name.split()
    capitals = all(word == word.upper() for word in words) and any(len(word) > _LONGEST_ACRONYM for word in words)
    shown = [word.lower() if capitals or not _is_acronym(word) else word for word in words]
    joined = " ".join(shown)
    return joined[:1].upper() + joined[1:]


def _is_acronym(word: str) -> bool:
    letters = [character for character in word if character.isalpha()]
    return 1 < len(letters) <= _LONGEST_ACRONYM and all(character.isupper() for character in letters)
