"""Measured values: a property of a thing, and its value, as sentences and short notes state them."""

import re

from extractors.claims.lemmas import words_of

_PROPERTY = r"(?P<property>[^\W\d_][\w-]*(?: (?!of\b|is\b|was\b|von\b|at\b)[^\W\d_][\w-]*){0,2})"
_ABOUT = (
    r"(?: (?:about|approximately|around|only|exactly|over|under|up to|less than|more than|at|rund|etwa|ca\.?|nur))?"
)
_IS = (
    "(?:is|was|were|are|amounts? to|amounted to|measured|reached|lag bei|liegt bei|ist|war|beträgt|betrug|"
    rf"=|:){_ABOUT}"
)
_BEFORE = re.compile(
    rf"(?:^|\b(?:the|a|an|its|der|die|das)\s|[,.;:]\s*){_PROPERTY} (?:of|for|in|von|der|des)(?: (?:the|this|der|dem))?"
    r"(?: (?:batch|lot|sample|drum|order|machine|charge|probe))?$",
    re.IGNORECASE,
)
_IS_ONLY = re.compile(rf"^{_IS}$", re.IGNORECASE)
_HAS = re.compile(
    rf"^(?:has|had|have|shows?|showed|with|at|hat|hatte|zeigt|mit)(?: (?:an?|the|eine?[nm]?|its))? {_PROPERTY}"
    rf"(?: (?:of|von|=|:)|:|=){_ABOUT}$",
    re.IGNORECASE,
)
_OWN = re.compile(rf"^(?:['\u2019]s |: ?|- |, )?{_PROPERTY} ?{_IS}$", re.IGNORECASE)
_NOTE = re.compile(rf"^: ?{_PROPERTY}$", re.IGNORECASE)
_VERBS = (
    (re.compile(rf"^(?:weighs?|weighed|wiegt|wog){_ABOUT}$", re.IGNORECASE), "weight"),
    (re.compile(rf"^(?:costs?|kostet|kostete|is priced at|was priced at){_ABOUT}$", re.IGNORECASE), "price"),
    (re.compile(rf"^(?:lasts?|lasted|dauert|dauerte){_ABOUT}$", re.IGNORECASE), "duration"),
)
_NO_PROPERTIES = words_of(
    "as at much it this that which who there he she they date time and or but not no was is were total sum part end "
    "start one each"
)
_ARTICLES = re.compile(r"^(?:(?:the|a|an|its|der|die|das|ein|eine)\s)+", re.IGNORECASE)


def measured(before: str, between: str) -> str:
    """Give the property of the thing whose value follows, from the text before the thing and up to the value."""
    if _IS_ONLY.match(between):
        match = _BEFORE.search(before)
        return _named(match) if match else ""
    for pattern, name in _VERBS:
        if pattern.match(between):
            return name
    for pattern in (_HAS, _OWN, _NOTE):
        match = pattern.match(between)
        if match:
            return _named(match)
    return ""


def _named(match: re.Match[str]) -> str:
    name = _ARTICLES.sub("", match["property"].strip()).lower()
    return "" if set(name.split()) & _NO_PROPERTIES else name
