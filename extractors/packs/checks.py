"""Checks of identifiers by name: each gives the normalised form, or an empty text where the check fails."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from bifrost.errors import UnknownName

Check = Callable[[str], str]

_LIBRARY = "stdnum."
_BLANKS = re.compile(r"[\s-]")
_SNOMED_PARTITIONS = frozenset(("00", "01", "02", "10", "11", "12"))
_NDC_PARTS = frozenset(((4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)))


@cache
def check_named(name: str) -> Check:
    """Give a check: one of ours, or a module of python-stdnum such as `stdnum.iban`.

    Raises:
        UnknownName: there is no such check.
    """
    if name in _OURS:
        return _OURS[name]
    if name.startswith(_LIBRARY) and _exists(name):
        return _of_library(name)
    raise UnknownName("check", name, [*_OURS, "stdnum.MODULE"])


def gs1(text: str) -> str:
    """Check GTIN-8, -12, -13, -14, GLN and SSCC: weights 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    digits = _BLANKS.sub("", text)
    if not digits.isdecimal() or len(digits) not in (8, 12, 13, 14, 18) or not int(digits):
        return ""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return digits if total % 10 == 0 else ""


def gs1_elements(text: str) -> str:
    """Check a string of GS1 element strings such as `(01)...(17)...(10)...` by the trade number in it."""
    compact = re.sub(r"\s", "", text)
    trade_number = re.match(r"\(0[12]\)(\d{14})", compact)
    return compact if trade_number and gs1(trade_number[1]) else ""


def loinc(text: str) -> str:
    """Check a LOINC code: a number, a hyphen, and Luhn's check digit."""
    return text if _luhn(text.replace("-", "")) else ""


def npi(text: str) -> str:
    """Check a National Provider Identifier: Luhn with the prefix of the USA's health applications, 80840."""
    digits = _BLANKS.sub("", text)
    return digits if len(digits) == 10 and _luhn("80840" + digits) else ""


def orcid(text: str) -> str:
    """Check an ORCID: the check digit of ISNI, written with its hyphens."""
    from stdnum import isni

    return text if isni.is_valid(text) else ""


def snomed(text: str) -> str:
    """Check a SNOMED CT identifier: Verhoeff's digit, and a partition that exists."""
    from stdnum import verhoeff

    known = 6 <= len(text) <= 18 and text[-3:-1] in _SNOMED_PARTITIONS
    return text if known and verhoeff.is_valid(text) else ""


def ndc(text: str) -> str:
    """Write a National Drug Code in eleven digits (5-4-2); only its parts prove it."""
    parts = text.split("-")
    if tuple(len(part) for part in parts) not in _NDC_PARTS:
        return ""
    return "-".join(part.zfill(width) for part, width in zip(parts, (5, 4, 2), strict=True))


def pzn(text: str) -> str:
    """Check a German pharmacy number: the sum of digit times place, modulo 11."""
    digits = _BLANKS.sub("", text).zfill(8)
    total = sum(int(digit) * place for place, digit in enumerate(digits[:-1], 1))
    return digits if total % 11 == int(digits[-1]) else ""


def icd10(text: str) -> str:
    """Write an ICD-10 code with its dot; U is for provisional codes and allowed as U07 only."""
    compact = text.replace(".", "").upper()
    if compact.startswith("U") and not compact.startswith("U07"):
        return ""
    return compact if len(compact) == 3 else f"{compact[:3]}.{compact[3:]}"


def _luhn(digits: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


@cache
def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _of_library(module: str) -> Check:
    def check(text: str) -> str:
        valid, compact = _functions(module)
        return compact(text) if valid(text) else ""

    return check


@cache
def _functions(module: str) -> tuple[Callable[[str], bool], Callable[[str], str]]:
    """Import when the first candidate is seen: most texts hold none."""
    functions = import_module(module)
    return functions.is_valid, functions.compact


_OURS: Mapping[str, Check] = {
    "gs1": gs1,
    "gs1-elements": gs1_elements,
    "icd-10": icd10,
    "loinc": loinc,
    "ndc": ndc,
    "npi": npi,
    "orcid": orcid,
    "pzn": pzn,
    "snomed": snomed,
}
