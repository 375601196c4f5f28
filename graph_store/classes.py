"""Classes as people name them."""

VOCABULARY = "http://www.w3.org/2002/07/owl#"
"""Classes of the graph's own vocabulary; their instances are terms, not things."""


def local_name(iri: str) -> str:
    """Give the last part of a class's IRI in lower case, as people write it in a filter."""
    return iri.rstrip("/").rpartition("/")[2].rpartition("#")[2].lower()
