"""Prefixes that queries may use without declaring them."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from bifrost.iris import Namer

STANDARD: Mapping[str, str] = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prov": "http://www.w3.org/ns/prov#",
}


def known_prefixes(namer: Namer, graphs: Iterable[str]) -> dict[str, str]:
    """Give the standard prefixes, `bf:`, `link:`, `graph:`, and one for the classes and properties of each source."""
    own = {
        "bf": namer.term(""),
        "link": f"{namer.base}link/",
        "graph": f"{namer.base}graph/",
    }
    return {
        **{source: namer.type(source, "").rpartition("/")[0] + "/" for source in sources_of(namer, graphs)},
        **STANDARD,
        **own,
    }


def sources_of(namer: Namer, graphs: Iterable[str]) -> list[str]:
    """Read the names of sources from the names of graphs."""
    head, special = f"{namer.base}graph/", namer.special_graph("")
    joined = (graph.removeprefix(head) for graph in graphs if graph.startswith(head) and not graph.startswith(special))
    return sorted({unquote(source) for names in joined for source in names.split("+")})
