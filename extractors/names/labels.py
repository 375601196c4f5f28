"""Labels of names: how corpora write them, and which are kinds of which."""

from collections.abc import Iterable

_WRITTEN = {
    "PERSON": ("per", "person", "people"),
    "ORG": ("org", "organisation", "organization", "company"),
    "PLACE": ("loc", "location", "place", "gpe", "geo-loc", "facility", "fac"),
    "CORPORATION": ("corporation",),
    "GROUP": ("group",),
    "PRODUCT": ("product",),
    "WORK": ("work", "creative-work", "work_of_art"),
    "CHEMICAL": ("chemical", "chem", "drug", "simple_chemical"),
    "DISEASE": ("disease", "diso", "disorder", "specificdisease"),
    "MISC": ("misc", "miscellaneous", "other"),
}
_KIND_OF = {"CORPORATION": "ORG", "GROUP": "ORG"}
_CANONICAL = {written: label for label, forms in _WRITTEN.items() for written in forms}


def canonical(label: str) -> str:
    """Give the label as packs write it."""
    return _CANONICAL.get(label.casefold(), label.upper())


def kind_of(label: str) -> str:
    """Give the label that one is a kind of, or an empty text."""
    return _KIND_OF.get(canonical(label), "")


def mapped(labels: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """Map labels of a pack to those that a file knows: to the same one, else to the one that it is a kind of.

    Labels that have no counterpart are left out.
    """
    known = {canonical(label): label for label in wanted}
    mapping = {}
    for label in labels:
        general = canonical(label)
        while general not in known and general in _KIND_OF:
            general = _KIND_OF[general]
        if general in known:
            mapping[label] = known[general]
    return mapping
