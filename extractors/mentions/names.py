"""Names in texts by their form: companies by legal form, people by title, products and places by their context.

Nothing here is learned: what has no mark that shows what it is stays unnamed, so that what is found is mostly right.
"""

import re
from collections.abc import Iterator

from bifrost.model import Mention
from extractors.mentions.taken import Taken

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽ"
_WORD = rf"[{_UPPER}][\w'\u2019&-]*"
_NAME_WORD = rf"(?:{_WORD}|\d+[A-Z]\w*|&|und|and|de|del|della|di|du|van|von|der|den|y|e)"
_LEGAL_FORMS = (
    r"GmbH\s?&\s?Co\.?\s?KGa?A?|gGmbH|GmbH|mbH|AG|SE|KGaA|KG|OHG|GbR|UG|e\.?\s?V\.?|Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|"
    r"PLC|plc|Inc\.?|Incorporated|Corp\.?|Corporation|Company|Co\.|S\.?A\.?S\.?|S\.?A\.?R\.?L\.?|S\.?A\.?|S\.?p\.?A\.?|"
    r"S\.?r\.?l\.?|S\.?L\.?|ApS|A/S|AS|ASA|AB|Oy|Oyj|B\.?V\.?|N\.?V\.?|Sp\.?\s?z\s?o\.?\s?o\.?|s\.?r\.?o\.?|a\.?s\.?|"
    r"Kft\.?|Zrt\.?|d\.?o\.?o\.?|Pty\.?\sLtd\.?|K\.?K\.?"
)
_TITLES = (
    r"Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Herr|Frau|Sir|Dame|Ing|Dipl\.-Ing|Señor|Señora|Monsieur|Madame|Signor|Signora"
)
_ORGANISATION = re.compile(rf"(?<![\w.])(?:{_WORD}(?:[ ]{_NAME_WORD}){{0,5}}),?[ ](?:{_LEGAL_FORMS})(?![\w])")
_INSTITUTIONS = "University|Institute|Hospital|Bank|Foundation|Association|Agency|Ministry|Laborator(?:y|ies)"
_INSTITUTION = re.compile(
    rf"(?<!\w)(?:(?:{_WORD}[ ]){{1,4}}(?:{_INSTITUTIONS})"
    rf"|(?:University|Institute|Ministry|Bank)[ ]of[ ]{_WORD}(?:[ ]{_WORD}){{0,3}})(?!\w)"
)
_FURTHER = rf"(?:[ ](?:{_WORD}|[A-Z]\.|van|von|de|der))"
_TITLED = re.compile(rf"(?<!\w)(?:{_TITLES})\.?[ ](?:(?:{_TITLES})\.?[ ])*(?P<name>{_WORD}{_FURTHER}{{0,3}})")
_GREETINGS = r"(?:Kind|Best|Warm|Many)\s+regards|Regards|Sincerely|Yours\s+\w+|Mit\s+freundlichen\s+Grüßen"
_SIGNED = re.compile(rf"(?:^|\n)\s*(?:{_GREETINGS}),?\s*\n+\s*(?P<name>{_WORD}{_FURTHER}{{1,3}})\s*(?:\n|$)")
_ROLES = r"Inspector|Author|Contact|Engineer|Manager|(?:Prepared|Signed|Checked|Approved) by|Attn\.?|c/o"
_ROLE = re.compile(rf"(?<!\w)(?:{_ROLES})\s?:\s(?P<name>{_WORD}{_FURTHER}{{1,3}})")
_LABELLED = tuple(
    (label, re.compile(rf"(?<!\w)(?:{words})(?:\sname)?\s?:\s(?P<name>{name})"))
    for label, words, name in (
        ("PRODUCT", "Product|Article|Model|Material", rf"{_WORD}(?:[ ][\w-]+){{0,4}}"),
        ("PLACE", "City|Town|Country|Location|Plant|Site|Place", rf"{_WORD}(?:[ ]{_WORD}){{0,3}}"),
        ("ORG", "Company|Supplier|Vendor|Customer|Manufacturer|Client", rf"{_WORD}(?:[ ]{_NAME_WORD}){{0,5}}"),
    )
)
LEADS = frozenset(
    re.findall(
        r"\w+",
        "the a an this that these those we our your his her their its ask from by for with to at in on of and or as if "
        "when where while after before since please dear hello both either all each",
    )
)


class RuleNames:
    """Finds organisations, people, products and places where the text itself marks them."""

    def find(self, text: str) -> list[Mention]:
        """Give the names of a text in their order; they do not overlap."""
        return sorted(_found(text), key=lambda mention: mention.start)


def _found(text: str) -> list[Mention]:
    found: list[Mention] = []
    taken = Taken(len(text))
    for label, start, end, confidence in _candidates(text):
        if taken.is_free(start, end):
            taken.take(start, end)
            found.append(Mention(text[start:end], label, " ".join(text[start:end].split()), start, end, confidence))
    return found


def _candidates(text: str) -> Iterator[tuple[str, int, int, float]]:
    """Give (label, start, end, confidence) in the order of trust."""
    for match in _ORGANISATION.finditer(text):
        start = _after_leads(text, match.start(), match.end())
        if start is not None:
            yield "ORG", start, match.end(), 0.9
    for pattern, confidence in ((_TITLED, 0.85), (_ROLE, 0.85), (_SIGNED, 0.8)):
        for match in pattern.finditer(text):
            yield "PERSON", *match.span("name"), confidence
    for label, pattern in _LABELLED:
        for match in pattern.finditer(text):
            yield label, *match.span("name"), 0.75
    for match in _INSTITUTION.finditer(text):
        start = _after_leads(text, match.start(), match.end())
        if start is not None:
            yield "ORG", start, match.end(), 0.75


def _after_leads(text: str, start: int, end: int) -> int | None:
    """Pass over words that begin a sentence and no name; None when only one word is left."""
    while True:
        word, _blank, rest = text[start:end].partition(" ")
        if not rest:
            return None
        if word.casefold().rstrip(",") not in LEADS:
            return start
        start += len(word) + 1
