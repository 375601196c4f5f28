"""How things are named: canonical IRIs under the project's base, the same in Python and in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ALT_LABEL = "http://www.w3.org/2004/02/skos/core#altLabel"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
XSD = "http://www.w3.org/2001/XMLSchema#"
XSD_STRING = XSD + "string"


def quoted(text: str) -> str:
    """Percent-encode what an IRI segment cannot hold; the slash stays, since keys are often paths."""
    return quote(text, safe="/")


def sql_quoted(expression: str) -> str:
    """Give the SQL (DuckDB) that encodes as `quoted` does."""
    return f"replace(url_encode({expression}), '%2F', '/')"


def sql_text(text: str) -> str:
    """Write a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Namer:
    """Names entities, terms and graphs under one base IRI, which ends with a slash."""

    base: str

    def record(self, source: str, table: str, row: str) -> str:
        """Name the entity that a record stands for, unless it was merged into another."""
        return f"{self.base}entity/{quoted(source)}/{quoted(table)}/{quoted(row)}"

    def sql_record(self, source: str, table: str, row_expression: str) -> str:
        """Give the SQL that names the entity of every row of one table."""
        head = sql_text(f"{self.base}entity/{quoted(source)}/{quoted(table)}/")
        return f"{head} || {sql_quoted(row_expression)}"

    def document(self, source: str, item: str) -> str:
        """Name a document."""
        return f"{self.base}document/{quoted(source)}/{quoted(item)}"

    def type(self, source: str, table: str) -> str:
        """Name the class of a table's entities."""
        return f"{self.base}ontology/{quoted(source)}/{_camel(table)}"

    def property(self, source: str, field: str) -> str:
        """Name the property of a field."""
        return f"{self.base}ontology/{quoted(source)}/{slug(field)}"

    def term(self, name: str) -> str:
        """Name a term of Bifrost's own vocabulary, such as `Document` or `confidence`."""
        return f"{self.base}ontology/{name}"

    def link(self, name: str) -> str:
        """Name the property of a link type."""
        return f"{self.base}link/{slug(name)}"

    def graph(self, sources: Iterable[str]) -> str:
        """Name the graph of one source, or of the set of sources that its links join."""
        return f"{self.base}graph/{'+'.join(quoted(source) for source in sorted(set(sources)))}"

    def special_graph(self, name: str) -> str:
        """Name a graph that no source owns: `ontology`, `provenance`, `decisions`, `predictions`."""
        return f"{self.base}graph/-/{name}"


def slug(text: str) -> str:
    """Turn a field's or link type's name into a readable IRI segment."""
    words = "".join(character if character.isalnum() else " " for character in text).split()
    return quoted("_".join(words).lower()) or "field"


def _camel(text: str) -> str:
    words = "".join(character if character.isalnum() else " " for character in text).split()
    return quoted("".join(word[:1].upper() + word[1:] for word in words)) or "Thing"
