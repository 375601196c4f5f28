"""Reading one sentence: which of its ends are related, how, and whether it denies or doubts it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import sqrt

from extractors.claims.ends import End, Group
from extractors.claims.measures import measured
from extractors.claims.phrases import Phrase, continues, is_hedged, is_negated, open_relation, with_auxiliary
from extractors.claims.sentences import Sentence
from extractors.packs.pack import Relation

TYPED, OPEN = "typed", "open"
_TRUST = {"pattern": 0.9, "measure": 0.85, "phrase": 0.6}
_HEDGED = 0.5
_WORDS_BEFORE = re.compile(r"(?:\S+\s+){0,4}$")
_APPOSED = re.compile(
    r"(?:(?:^|\s)(?:the|a|an|our|its|their|this|der|die|das|den|dem|ein|eine|einem|einer)?\s?(?:company|firm|supplier|"
    r"customer|manufacturer|batch|lot|order|drum|sample|machine|product|firma|lieferant(?:en)?|kunde[n]?|charge|hersteller)?)$"
)
_GERMAN_FRAME = re.compile(r"^(?:wurden?|wird|werden|ist|sind|war|waren)\b.*\b(?:von|durch)$")
_GERMAN_PARTICIPLE = re.compile(r"\s+(?:\S+\s+){0,3}?(ge\w+(?:t|en)|\w+iert|(?:be|er|ver|ent|her)\w+(?:t|en))\b")


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """What a sentence states about two ends."""

    subject: End
    relation: str
    object: End
    phrase: str
    """What stands between them, as written."""
    kind: str
    method: str
    confidence: float
    negated: bool
    hedged: bool


def claims_of(sentence: Sentence, relations: Sequence[Relation]) -> Iterator[FoundClaim]:
    """Give what a sentence states about neighbouring ends."""
    things = [group for group in sentence.groups if not group[0].is_value]
    subject: Group | None = None
    phrase = ""
    for left, right in pairwise(things):
        earlier, phrase = phrase, sentence.between(left, right)
        rest = continues(phrase)
        first = left
        if rest is not None and subject:
            first, phrase = subject, with_auxiliary(earlier, rest)
        found = _between_things(sentence, (first, right), phrase, relations)
        if found:
            subject = first
            yield from found
    for place, group in enumerate(sentence.groups):
        if group[0].is_value and place:
            yield from _with_value(sentence, place)


def _between_things(
    sentence: Sentence, ends: tuple[Group, Group], phrase: str, relations: Sequence[Relation]
) -> list[FoundClaim]:
    left, right = ends
    bare = _APPOSED.sub("", phrase).strip()
    framed = _german(bare, sentence.after(right))
    for relation in relations:
        turned = _matches(relation, left[0], right[0], (bare, framed))
        if turned is not None:
            return _claims(sentence, ends, Phrase(relation.name, turned), "pattern", phrase)
    read = Phrase(framed) if framed else open_relation(bare)
    return _claims(sentence, ends, read, "phrase", phrase) if read else []


def _german(phrase: str, after: str) -> str:
    """Give `geliefert von` for `wurde von ... geliefert`: the verb stands behind the object."""
    if not _GERMAN_FRAME.match(phrase):
        return ""
    match = _GERMAN_PARTICIPLE.match(after)
    return f"{match[1].lower()} von" if match else ""


def _matches(relation: Relation, left: End, right: End, phrases: tuple[str, str]) -> bool | None:
    """Tell whether the object comes first; None when it is another relation."""
    for turned, pattern in ((False, relation.phrase), (True, relation.turned)):
        if pattern is None:
            continue
        subject, object_ = (right, left) if turned else (left, right)
        fits = _fits(subject, relation.subjects) and _fits(object_, relation.objects)
        if (relation.subjects or relation.objects) and not (subject.label or object_.label):
            continue  # A label that is asked for must be known of one end at least.
        if fits and any(phrase and pattern.search(phrase) for phrase in phrases):
            return turned
    return None


def _fits(end: End, labels: frozenset[str]) -> bool:
    return not labels or not end.label or end.label in labels


def _with_value(sentence: Sentence, place: int) -> list[FoundClaim]:
    """Relate a value to the thing before it: as a property of it, or by a verb."""
    value = sentence.groups[place]
    thing = sentence.groups[place - 1]
    if thing[0].is_value:
        return []
    between = " ".join(sentence.text[thing[-1].end : value[0].start].split())
    name = measured(sentence.before(thing).rstrip(), between)
    if name:
        return _claims(sentence, (thing, value), Phrase(name), "measure", between)
    read = open_relation(between.lower())
    if read is None or read.turned:
        return []
    return _claims(sentence, (thing, value), read, "phrase", between)


def _claims(sentence: Sentence, ends: tuple[Group, Group], read: Phrase, method: str, phrase: str) -> list[FoundClaim]:
    left, right = ends
    scope = sentence.before(left)
    tail = sentence.text[right[-1].end : sentence.end]
    last_words = _WORDS_BEFORE.search(scope)
    negated = is_negated(phrase) or is_negated(last_words[0] if last_words else "") or is_negated(tail[:12])
    hedged = is_hedged(f"{scope} {phrase}") or tail.rstrip().endswith("?")
    subjects, objects = (right, left) if read.turned else (left, right)
    return [
        FoundClaim(
            subject=subject,
            relation=read.relation,
            object=object_,
            phrase=phrase,
            kind=OPEN if method == "phrase" else TYPED,
            method=method,
            confidence=_confidence(subject, object_, method, hedged=hedged),
            negated=negated,
            hedged=hedged,
        )
        for subject, object_ in product(subjects, objects)
        if subject.text.casefold() != object_.text.casefold()
    ]


def _confidence(subject: End, object_: End, method: str, *, hedged: bool) -> float:
    trust = _TRUST[method] * sqrt(subject.confidence * object_.confidence)
    return round(trust * _HEDGED if hedged else trust, 3)
