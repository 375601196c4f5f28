"""Words by which receipts of many countries tell their parts."""

import re


def _any_of(words: str) -> re.Pattern[str]:
    """Match any of the words between strokes, which may be patterns, where no letter stands beside."""
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])", re.IGNORECASE)


LEGAL_FORM = _any_of(
    r"sdn\W*bhd|bhd|s/b|s\.?b|co\W*ltd|ltd|limited|pte\W*ltd|pty|llc|llp|plc|inc|corp|corporation|gmbh|ag|kg|"
    r"e\.?k|s\.?a\.?r\.?l|s\.?p\.?a|s\.?r\.?l|b\.v|n\.v|oy|ab|aps|d\.o\.o|sp\. ?z ?o\. ?o"
)
"""Legal forms of companies at or near the end of their names."""

BUSINESS = _any_of(
    "company|co|enterprises?|trading|traders?|industries|holdings?|group|syarikat|perniagaan|restaurants?|"
    "restoran|restaurante|ristorante|cafe|café|coffee|kitchen(?:ette)?|bistro|bar|bakery|grill|pizzeria|hotel|"
    "inn|market|supermarket|hypermarket|mart|grocers?|stores?|shop|pasaraya|pasar|kedai|hardware|stationery|"
    "books?|bookstore|electrical|electronics?|motors?|auto|petro(?:l|leum)?|pharmacy|farmasi|apotheke|clinic|"
    "klinik|salon|boutique|fashion|furniture|services?|station|deli|bäckerei|metzgerei|markt|laden|gasthaus|"
    "brasserie|boulangerie|tienda|farmacia|panader[ií]a"
)
"""What businesses call themselves."""

STREET = _any_of(
    "jalan|jln|lorong|lrg|persiaran|lebuh|lebuhraya|street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|"
    "blvd|highway|hwy|square|court|terrace|parkway|rue|calle|via|piazza|platz|allee|plaza|kampung|kg|taman|"
    "tmn|bandar|desa|seksyen|section|kawasan|medan|level|floor|flr|tingkat|unit|suite|lot|block|blok|building|"
    r"bangunan|mall|city|centre|no|off|batu|village|heights|p\.?o\.? ?box"
)
"""Parts of postal addresses. German names of streets end in a word of this kind; see `STREET_ENDING`."""

STREET_ENDING = re.compile(r"\w{3,}(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|straat|laan)\b", re.IGNORECASE)
POSTCODE = re.compile(r"(?<![\d#-])(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}(?:-\d{4})?|[A-Z]{2} \d{5})(?![\d-])")
HOUSE_NUMBER = re.compile(
    r"^(?:no\.?\W{0,3})?\d{1,5}[a-z]?(?:\s?[-&/,]\s?\d{1,5}[a-z]?)*\W{1,3}(?=[^\W\d_])|^no\.?\W{0,3}\d", re.IGNORECASE
)

AFTER_ADDRESS = _any_of(
    "tel(?:ephone|efon)?|phone|ph|hp|fax|faks|mobile|hotline|whatsapp|e-?mail|website|www|gst|vat|sst|tax|"
    "taxinvoice|ust|mwst|tva|iva|nif|invoice|inv|receipt|resit|bill|document|doc|order|table|cashier|date|"
    "tarikh|datum|time|member|counter|terminal|trans|transaction|qty|item|description|price|amount|total|cash|"
    "customer|pos|station|server|staff|slip|guest|welcome|rechnung|quittung|beleg|facture|ticket|factura|"
    "recibo|scontrino"
)
"""Words that open the part below the address."""

REGISTRATION = re.compile(
    r"\(?\b(?:co|company|comp|business|roc|br|ssm)?\W*(?:reg(?:istration)?)?\W*\b(?:no|nr|number)\b\W*\(?[A-Z]{0,3}\d{5,}|"
    r"\b(?:co|company|comp|business|roc|br)\b\W*(?:reg\w*|rfg|no)\b|\(?\b[A-Z]{0,3}\d{5,}\s?-\s?[A-Z0-9]{1,2}\b|\(\s?\d{5,}\b",
    re.IGNORECASE,
)
"""Numbers of registers of companies."""

PHONE = re.compile(
    r"^\W*(?:[a-z0-9]{1,4}\W{0,3})?\+?\(?0\d{1,3}\)?[\s-]*\d[\d\s-]{5,}(?:[\W\dtfel]|fax|tel)*$", re.IGNORECASE
)
"""Rows that hold nothing but numbers of telephones."""

GENERIC = _any_of("and|the|of|de|la|le|der|die|und|et|y|e")

FORMER = _any_of("formerly|licensee|franchisee|operated|managed by|owned by|known as|trading as|t/a|d/b/a")

NOT_A_NAME = _any_of(
    "(?:simplified )?tax ?invoice|invoice|receipt|cash bill|cash sales?|bill|welcome|thank(?:s| you)|copy|"
    "customer|date|table|order|rechnung|quittung|facture|ticket|original|reprint|duplicate|page"
)
"""Headings that are no names."""
