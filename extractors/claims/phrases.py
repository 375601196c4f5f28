"""The phrase between two ends as an open relation: a verb in its base form with its preposition.

After the idea of open information extraction by verb patterns (Fader, Soderland, Etzioni: Identifying Relations for
Open Information Extraction, 2011), without a tagger: closed classes of words and the endings of verbs decide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.claims.lemmas import PARTICIPLES, PAST, base_form, words_of

MOST_WORDS = 9
_PREPOSITIONS = words_of(
    "to in at on of for from with by into onto over under against within via through as after before between near "
    "about an bei von mit für nach aus zu auf durch"
)
_BE = words_of("is are was were be been being am")
_HAVE = words_of("has have had having")
_MODALS = words_of("can could may might will would shall should must do does did")
_ARTICLES = words_of(
    "the a an our your their its his her this these those some any all both each "
    "der die das den dem des ein eine einen "
    "einem einer us"
)
_ADVERBS = words_of(
    "also then now still already always often again later once further only just first too both so far auch dann schon"
)
_NO_ADVERBS = words_of("supply apply rely reply comply imply multiply assembly family")
_LEADING = re.compile(r"^(?:,\s*)?(?:which|that|who|whom)\s+")
_CONTINUING = re.compile(r"^(?:,\s*)?(?:and|but|then|und|aber)\s+(?:then\s+|later\s+)?")
_GERMAN_PAST = re.compile(
    r"(?:liefer|stell|verkauf|kauf|produzier|nutz|verwend|bezieh|betreib|beliefer|prüf|lager)\w*t(?:e|en)?$"
)
_NO_VERBS = words_of(
    "as its his this is was has does us plus minus versus besides towards sales goods news patients subjects rats "
    "cases effects levels rates doses animals results terms parts definitions"
)
_MARKS = re.compile(r"[.:;()\[\]\"/|=,\d]")
_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_NEGATIONS = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|nicht|kein\w*|nie|niemals|ohne|weder)\b|n['\u2019]t\b", re.IGNORECASE
)
_HEDGES = re.compile(
    r"\b(?:may|might|could|would|should|possibly|probably|perhaps|presumably|allegedly|suspected|suspects?|suspect|whether|"
    r"if|unclear|suggests?|planned|plans?|expected|expects?|vermutlich|möglicherweise|eventuell|angeblich|könnte[nt]?|"
    r"wahrscheinlich|falls|ob|soll(?:te|ten)?)\b|\?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What two ends are to each other, in normal form."""

    relation: str
    turned: bool = False
    """True when the first end is the object: `is supplied by`."""


def is_negated(text: str) -> bool:
    """Tell whether a piece of a sentence denies."""
    return bool(_NEGATIONS.search(text))


def is_hedged(text: str) -> bool:
    """Tell whether a piece of a sentence leaves open whether it is so."""
    return bool(_HEDGES.search(text))


def continues(text: str) -> str | None:
    """Give the rest of a phrase that goes on with the subject before it (`and shipped to`), else None."""
    match = _CONTINUING.match(text)
    return text[match.end() :] if match else None


def with_auxiliary(earlier: str, phrase: str) -> str:
    """Let a phrase that goes on share the form of `to be` before it: `was mixed on M-12 and shipped to`."""
    first = earlier.partition(" ")[0]
    return f"{first} {phrase}" if first in _BE and _is_participle(phrase.partition(" ")[0]) else phrase


def open_relation(text: str) -> Phrase | None:
    """Read a connecting phrase in lower case; None when no verb connects the ends."""
    text = _LEADING.sub("", text)
    if _MARKS.search(text):
        return None
    words = [word for word in _WORD.findall(_NEGATIONS.sub(" ", text)) if not _is_filling(word)]
    bare = bool(words) and words[0] in _MODALS
    words = [word for word in words if word not in _MODALS]
    if not words or len(words) > MOST_WORDS:
        return None
    if words[0] in _HAVE and len(words) > 1 and (words[1] in _BE or _is_participle(words[1])):
        words.pop(0)
    if words[0] in _BE:
        return _stated(_without_articles([word for word in words if word not in _BE]))
    return _done(words, bare=bare)


def _stated(words: Sequence[str]) -> Phrase | None:
    """Read what follows a form of `to be`."""
    if not words:
        return None
    verb, rest = words[0], words[1:]
    if _is_participle(verb):
        if rest and rest[-1] in ("by", "von", "durch") and len(rest) <= 2:
            return Phrase(" ".join([base_form(verb), *rest[:-1]]), turned=True)
        return Phrase(" ".join([verb, *rest])) if _ends_well(rest) and rest else None
    return Phrase(" ".join(words)) if len(words) > 1 and _ends_well(words) else None


def _done(words: Sequence[str], *, bare: bool) -> Phrase | None:
    """Read a phrase that begins with the verb itself; a `bare` one follows a modal verb in its base form."""
    verb, rest = words[0], words[1:]
    if not _GERMAN_PAST.match(verb):  # In German, `an` is a preposition.
        rest = _without_articles(rest)
    if _is_participle(verb) and rest in (["by"], ["von"]):
        return Phrase(base_form(verb), turned=True)
    if not (bare or _is_verb(verb)) or not _ends_well(rest) or not _BE.isdisjoint(rest):
        return None
    return Phrase(" ".join([base_form(verb), *rest]))


def _ends_well(rest: Sequence[str]) -> bool:
    """Accept what leads on to an object: nothing, a preposition, or words up to one."""
    return not rest or (len(rest) <= 4 and rest[-1] in _PREPOSITIONS)


def _is_participle(word: str) -> bool:
    return word in PARTICIPLES or (word.endswith("ed") and len(word) > 3)


def _is_verb(word: str) -> bool:
    if word in PAST or word in _HAVE or _GERMAN_PAST.match(word):
        return True
    if word in _NO_VERBS or len(word) < 4:
        return False
    return word.endswith("ed") or (word.endswith("s") and not word.endswith(("ss", "us", "is", "ous")))


def _is_filling(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and word not in _NO_ADVERBS)


def _without_articles(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _ARTICLES]
