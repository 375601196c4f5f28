"""How a link type is called after the IRI of its property."""

from urllib.parse import unquote


def link_name(predicate: str) -> str:
    """Give the name whose IRI the predicate is: its last segment, unquoted."""
    return unquote(predicate.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]) or predicate
