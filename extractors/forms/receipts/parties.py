"""Who issued a receipt, and the postal address below the name."""

import re
from collections.abc import Sequence
from statistics import median

from extractors.forms.receipts import vocabulary
from extractors.forms.receipts.dates import dates_in
from extractors.pages.content import Line

_HEAD_ROWS = 14
"""Name and address stand in the first rows."""
_MOST_ADDRESS_ROWS = 6
_LETTERS = re.compile(r"[^\W\d_]")
_WIDEST_GAP_HEIGHTS = 1.6
_TRAILING = re.compile(r"[\s|_~'\"]+$")


def find_company(rows: Sequence[Line]) -> tuple[str, int]:
    """Give the name of the issuer and the number of the row after it; no name and 0 when none is convincing.

    A row with a legal form wins; else the row that looks most like a name above the address.
    """
    head = rows[:_HEAD_ROWS]
    stop = next((place for place, row in enumerate(head) if place and _is_address(row.text)), len(head))
    candidates = [
        (score, -place) for place, row in enumerate(head[: max(stop, 1)]) if (score := _name_score(head, place)) > 0
    ]
    if not candidates:
        return "", 0
    _score, negative = max(candidates)
    place = -negative
    text = head[place].text
    first = place
    if _only_legal(text) or (place and _continues_name(head[place - 1], head[place])):
        first = place - 1 if place else place
        text = f"{head[first].text} {text}" if first != place else text
    last = place
    unfinished = text.rstrip().endswith(("&", "-", "+")) or text.casefold().endswith((" and", " und", " et", " dan"))
    if last + 1 < len(head) and (
        unfinished or (not vocabulary.LEGAL_FORM.search(text) and _only_legal(head[last + 1].text))
    ):
        last += 1
        text = f"{text} {head[last].text}"
    return _name(text), last + 1


def find_address(rows: Sequence[Line], after: int) -> str:
    """Give the address in the rows from number `after` on: from its first sign to the first row of another kind."""
    start = next(
        (place for place in range(after, min(len(rows), _HEAD_ROWS + after)) if _is_address(rows[place].text)), None
    )
    if start is None:
        return ""
    taken = [rows[start]]
    for row in rows[start + 1 : start + _MOST_ADDRESS_ROWS]:
        apart = row.box[1] - taken[-1].box[3] > _WIDEST_GAP_HEIGHTS * max(row.height, taken[-1].height)
        if apart or _ends_address(row.text):
            break
        taken.append(row)
    return " ".join(_TRAILING.sub("", row.text) for row in taken)


def _name_score(head: Sequence[Line], place: int) -> float:
    text = vocabulary.REGISTRATION.sub("", head[place].text)
    letters = len(_LETTERS.findall(text))
    if (
        letters < 3
        or letters < 0.5 * len(text.replace(" ", ""))
        or vocabulary.NOT_A_NAME.search(text)
        or dates_in(text)
    ):
        return 0.0
    registration = vocabulary.REGISTRATION.search(head[place].text)
    if (
        vocabulary.FORMER.search(text)
        or vocabulary.AFTER_ADDRESS.match(text)
        or (registration and registration.start() < 3)
    ):
        return 0.0
    if place and vocabulary.FORMER.search(head[place - 1].text):
        return 0.1  # a name that is no longer used, or somebody else's
    score = 1.0 - 0.08 * place
    legal, business = vocabulary.LEGAL_FORM.search(text), vocabulary.BUSINESS.search(text)
    score += 2.0 if legal else 0.3 if business and not _only_generic(text) else -0.3 if business else 0.0
    score += 0.3 * (head[place].height > 1.2 * median(row.height for row in head))
    if text == text.lower() and any(row.text.isupper() for row in head):
        score -= 0.8  # a note by hand, or the name of whoever filed it
    return score * min(1.0, 0.3 + head[place].confidence)


def _is_address(text: str) -> bool:
    """Tell whether a row belongs to a postal address: two signs of one, or one strong sign."""
    if _ends_address(text):
        return False
    numbered = bool(vocabulary.HOUSE_NUMBER.search(text))
    post = bool(vocabulary.POSTCODE.search(text))
    street = bool(vocabulary.STREET.search(text) or vocabulary.STREET_ENDING.search(text))
    digits = any(character.isdigit() for character in text)
    return (street and digits) or (post and _LETTERS.search(text) is not None) or (numbered and "," in text)


def _ends_address(text: str) -> bool:
    if vocabulary.REGISTRATION.search(text) or vocabulary.PHONE.search(text) or dates_in(text):
        return True
    if not _LETTERS.search(text) and not vocabulary.POSTCODE.fullmatch(text.strip(" .,")):
        return True
    found = vocabulary.AFTER_ADDRESS.search(text)
    return bool(found and found.start() < 12 and not vocabulary.STREET.match(text)) or "@" in text


def _only_legal(text: str) -> bool:
    return len(_LETTERS.findall(vocabulary.LEGAL_FORM.sub("", text))) <= 2 and bool(vocabulary.LEGAL_FORM.search(text))


def _continues_name(above: Line, row: Line) -> bool:
    """Tell whether a name began in the row above: as large, close, and no other kind of row."""
    close = row.box[1] - above.box[3] < 0.6 * row.height
    alike = 0.8 < above.height / row.height < 1.25 and above.text.isupper() == row.text.isupper()
    other = (
        vocabulary.LEGAL_FORM.search(above.text)
        or vocabulary.NOT_A_NAME.search(above.text)
        or any(map(str.isdigit, above.text))
    )
    short = len(vocabulary.LEGAL_FORM.sub("", _name(row.text)).split()) <= 1
    return close and alike and short and not other and above.confidence > 0.8


def _only_generic(text: str) -> bool:
    rest = vocabulary.GENERIC.sub("", vocabulary.BUSINESS.sub("", text))
    return not _LETTERS.search(rest)


def _name(text: str) -> str:
    """Leave away the number of the register and what follows it, and a label before the name."""
    registration = vocabulary.REGISTRATION.search(text)
    if registration and registration.start():
        text = text[: registration.start()]
    text = re.sub(r"^[^\W\d_]+\s?:\s", "", text)
    return " ".join(re.sub(r"[\s(\[|]+$", "", text).split())
