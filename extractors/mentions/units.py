"""Units as texts write them, in English and German, and their codes in the Unified Code for Units of Measure."""

import re
from collections.abc import Mapping

_PREFIXES = {
    "p": "p",
    "n": "n",
    "µ": "u",
    "μ": "u",
    "u": "u",
    "m": "m",
    "c": "c",
    "d": "d",
    "k": "k",
    "M": "M",
    "G": "G",
}
_PREFIXED: Mapping[str, tuple[str, str]] = {
    # symbol: (code, prefixes that are in use with it)
    "m": ("m", "nµμumcdk"),
    "g": ("g", "pnµμumk"),
    "s": ("s", "pnµμum"),
    "l": ("L", "nµμumcd"),
    "L": ("L", "nµμumcd"),
    "mol": ("mol", "pnµμumk"),
    "M": ("mol/L", "pnµμum"),
    "Pa": ("Pa", "mkMG"),
    "bar": ("bar", "m"),
    "W": ("W", "mkMG"),
    "Wh": ("W.h", "mkMG"),
    "V": ("V", "µμumk"),
    "A": ("A", "nµμum"),
    "Ah": ("A.h", "m"),
    "VA": ("V.A", "kM"),
    "Hz": ("Hz", "kMG"),
    "J": ("J", "mkMG"),
    "N": ("N", "mkM"),
    "Nm": ("N.m", "mk"),
    "\u2126": ("Ohm", "mkM"),
    "\u03a9": ("Ohm", "mkM"),
    "F": ("F", "pnµμum"),
    "eV": ("eV", "kM"),
    "cal": ("cal", "k"),
    "B": ("By", "kMG"),
    "bit": ("bit", "kMG"),
    "Bq": ("Bq", "kMG"),
    "Sv": ("Sv", "µμum"),
    "Gy": ("Gy", "m"),
    "T": ("T", "m"),
    "t": ("t", "k"),
}
_SYMBOLS = {
    "K": "K", "°C": "Cel", "ºC": "Cel", "℃": "Cel", "°F": "[degF]", "°": "deg", "h": "h", "hr": "h", "hrs": "h",
    "Std": "h",
    "min": "min", "mins": "min", "sec": "s", "d": "d", "ha": "har", "rpm": "{rev}/min", "U/min": "{rev}/min",
    "psi": "[psi]",
    "atm": "atm", "mmHg": "mm[Hg]", "ppm": "[ppm]", "ppb": "[ppb]", "dB": "dB", "dBA": "dB[A]", "dB(A)": "dB[A]",
    "cd": "cd",
    "lm": "lm", "lx": "lx", "IU": "[iU]", "IE": "[iU]", "U": "U", "ft": "[ft_i]", "yd": "[yd_i]", "mi": "[mi_i]",
    "lb": "[lb_av]", "lbs": "[lb_av]", "oz": "[oz_av]", "gal": "[gal_us]", "mph": "[mi_i]/h", "TB": "TBy",
    "TWh": "TW.h",
    "cP": "cP", "cps": "cP", "mPas": "mPa.s", "cSt": "cSt", "sqm": "m2", "qm": "m2", "cbm": "m3", "pcs": "{pieces}",
    "pc": "{pieces}", "Stk": "{pieces}", "St": "{pieces}", "kts": "[kn_i]", "Da": "u", "kDa": "ku", "HRC": "{HRC}",
    "HB": "{HB}",
    "HV": "{HV}", "bpm": "{beats}/min", "wt%": "%{mass}", "vol%": "%{vol}",
}  # fmt: skip
_WORDS = {
    "m": "meter meters metre metres metern", "km": "kilometer kilometers kilometre kilometres kilometern",
    "cm": "centimeter centimeters centimetre centimetres zentimeter",
    "mm": "millimeter millimeters millimetre millimetres",
    "um": "micron microns micrometer micrometers micrometre micrometres mikrometer",
    "nm": "nanometer nanometers nanometre nanometres", "g": "gram grams gramme grammes gramm",
    "kg": "kilogram kilograms kilogramme kilogrammes kilogramm kilo kilos", "mg": "milligram milligrams milligramm",
    "ug": "microgram micrograms mikrogramm mcg", "t": "ton tons tonne tonnes tonnen",
    "L": "liter liters litre litres litern",
    "mL": "milliliter milliliters millilitre millilitres cc", "s": "second seconds sekunde sekunden secs",
    "ms": "millisecond milliseconds millisekunde millisekunden", "min": "minute minutes minuten",
    "h": "hour hours stunde stunden", "d": "day days tag tage tagen", "wk": "week weeks woche wochen wks",
    "mo": "month months monat monate monaten", "a": "year years jahr jahre jahren yrs yr", "W": "watt watts",
    "kW": "kilowatt kilowatts", "MW": "megawatt megawatts", "kW.h": "kilowattstunde kilowattstunden", "V": "volt volts",
    "A": "ampere amperes amp amps", "Ohm": "ohm ohms", "Hz": "hertz", "J": "joule joules", "N": "newton newtons",
    "Pa": "pascal pascals", "bar": "bars", "Cel": "celsius", "[degF]": "fahrenheit", "K": "kelvin", "mol": "mole moles",
    "[in_i]": "inch inches zoll", "[ft_i]": "foot feet", "[yd_i]": "yard yards", "[mi_i]": "mile miles meilen",
    "[lb_av]": "pound pounds pfund", "[oz_av]": "ounce ounces unze unzen", "[gal_us]": "gallon gallons gallonen",
    "[acr_us]": "acre acres", "har": "hectare hectares hektar", "{pieces}": "piece pieces stück", "By": "byte bytes",
    "MBy": "megabyte megabytes", "GBy": "gigabyte gigabytes", "[iU]": "units einheiten", "%": "percent prozent",
    "m2": "quadratmeter quadratmetern", "m3": "kubikmeter kubikmetern",
}  # fmt: skip
_PHRASES = (
    (re.compile(r"(?:square|sq\.?) (?P<unit>\w+)", re.IGNORECASE), "{}2"),
    (re.compile(r"(?:cubic|cu\.?) (?P<unit>\w+)", re.IGNORECASE), "{}3"),
    (re.compile(r"(?:degrees?|deg\.?|Grad|°) (?P<unit>C|F|Celsius|Fahrenheit)\b", re.IGNORECASE), "{}"),
    (re.compile(r"(?P<unit>\w+) (?:per|pro) (?P<over>\w+)", re.IGNORECASE), "{}/{}"),
    (re.compile(r"mm (?P<unit>Hg)\b"), "{}"),
)
_PART = re.compile(r"(?P<unit>[^\d²³⁻^]+)(?:\^?(?P<minus>[-⁻])?(?P<power>[123²³¹]))?")
_POWERS = {"²": "2", "³": "3", "¹": "1"}
_CHUNK = re.compile(r"[^\s,;!?\"'\[\]]{1,16}")
_DECADE = re.compile(r"(?:1[5-9]|20)\d0$")
_GAP = re.compile(r"[ \u00a0\u202f\n-]?")
_AMBIGUOUS = frozenset((*"mgslLhdtAVWNKJFBUTM", "St", "ft", "pc", "Da", "mi"))
UNSURE = 0.65
"""Confidence of a unit that is also a common letter or word."""
SURE = 0.92


def _symbols() -> dict[str, str]:
    known = dict(_SYMBOLS)
    for symbol, (code, prefixes) in _PREFIXED.items():
        if symbol not in ("M", "B", "F", "T"):
            known[symbol] = code
        for prefix in prefixes:
            known[prefix + symbol] = _PREFIXES[prefix] + code
    return known


_KNOWN = _symbols()
_SPOKEN = {word: code for code, words in _WORDS.items() for word in words.split()}
_SPECIAL = {"c": "Cel", "f": "[degF]", "Hg": "mm[Hg]"}


def unit_at(text: str, start: int) -> tuple[int, str, float] | None:
    """Give the end, the code and the confidence of the unit that follows a number, if one does."""
    begin = _GAP.match(text, start).end()  # type: ignore[union-attr]  # It matches the empty text.
    for pattern, form in _PHRASES:
        if (match := pattern.match(text, begin)) and (code := _spoken(match, form)):
            return match.end(), code, SURE
    chunk = _CHUNK.match(text, begin)
    if chunk is None:
        return None
    written = chunk[0].rstrip(".:)/-")
    if written == "s" and _DECADE.search(text, max(0, start - 4), start):
        return None
    while written:
        code = _code(written)
        if code:
            return begin + len(written), code, UNSURE if written in _AMBIGUOUS else SURE
        # "kg-Sack", "mm)" and "kg/Stück" begin with a unit.
        shorter = re.match(r"(.+)[-/()\u2013].*", written, re.DOTALL)
        written = shorter[1] if shorter else ""
    return None


def _spoken(match: re.Match[str], form: str) -> str:
    groups = match.groupdict()
    codes = [_SPECIAL.get(word) or _SPECIAL.get(word.lower()) or _single(word) for word in groups.values()]
    return form.format(*codes) if all(codes) else ""


def _code(written: str) -> str:
    direct = _single(written)
    if direct:
        return direct
    codes = [_product(part) for part in written.replace("(", "").replace(")", "").split("/")]
    if not all(codes):
        return ""
    # What stands below the line is one product: UCUM reads a code from left to right.
    return "/".join([codes[0], *(f"({code})" if "." in code else code for code in codes[1:])])


def _product(written: str) -> str:
    codes = [_powered(part) for part in re.split(r"[·⋅*.\u2219]", written)]
    return ".".join(codes) if all(codes) else ""


def _powered(written: str) -> str:
    match = _PART.fullmatch(written)
    code = _single(match["unit"]) if match else ""
    if not code or match is None:
        return ""
    power = match["power"] or ""
    return f"{code}{'-' if match['minus'] else ''}{_POWERS.get(power, power)}"


def _single(written: str) -> str:
    return _KNOWN.get(written) or _SPOKEN.get(written.lower(), "")
