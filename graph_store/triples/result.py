"""The answer to a SPARQL query, and the forms in which it travels."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import Any

from bifrost.errors import QueryInvalid
from bifrost.iris import XSD

_PLAIN: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"), int),
    **dict.fromkeys(("decimal", "double", "float"), float),
    "boolean": lambda text: text in ("true", "1"),
}


@dataclass(frozen=True)
class SparqlResult:
    """Rows of a SELECT or ASK, or the triples of a CONSTRUCT or DESCRIBE."""

    columns: tuple[str, ...]
    content: bytes
    """SPARQL 1.1 JSON results; N-Triples when `is_graph`."""
    is_graph: bool = False

    @cached_property
    def rows(self) -> list[dict[str, Any]] | None:
        """Give rows of plain values, None for what is not bound; None for triples; ASK has one row `answer`."""
        if self.is_graph:
            return None
        if "boolean" in self._parsed:
            return [{"answer": self._parsed["boolean"]}]
        return [
            {column: _plain(found.get(column)) for column in self.columns}
            for found in self._parsed["results"]["bindings"]
        ]

    def json(self) -> str:
        """Give SPARQL 1.1 JSON results, or JSON-LD for triples."""
        return self._triples_as("JSON_LD") if self.is_graph else self.content.decode()

    def xml(self) -> str:
        """Give SPARQL XML results."""
        return self._rows_as("XML")

    def tsv(self) -> str:
        """Give SPARQL 1.1 TSV results."""
        return self._rows_as("TSV")

    def csv(self) -> str:
        """Give SPARQL 1.1 CSV results."""
        if self.is_graph or "boolean" not in self._parsed:
            return self._rows_as("CSV")
        text = StringIO()
        csv.writer(text).writerows([["answer"], [str(self._parsed["boolean"]).lower()]])
        return text.getvalue()

    def ntriples(self) -> str:
        """Give triples as N-Triples."""
        return self._triples_as("N_TRIPLES")

    def turtle(self) -> str:
        """Give triples as Turtle."""
        return self._triples_as("TURTLE")

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    def _rows_as(self, form: str) -> str:
        from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

        if self.is_graph:
            raise QueryInvalid("SPARQL", "it yields triples, not rows: take them as Turtle, N-Triples or JSON-LD")
        results = parse_query_results(self.content, QueryResultsFormat.JSON)
        assert isinstance(results, QuerySolutions | QueryBoolean)
        written = results.serialize(format=getattr(QueryResultsFormat, form))
        assert written is not None  # no file was given
        return written.decode()

    def _triples_as(self, form: str) -> str:
        from pyoxigraph import RdfFormat, parse, serialize

        if not self.is_graph:
            raise QueryInvalid("SPARQL", "it yields rows, not triples: take them as JSON, XML, CSV or TSV")
        if form == "N_TRIPLES":
            return self.content.decode()
        # Bifrost lets only valid IRIs in; an IRI that a query builds may still be none.
        triples = parse(self.content, RdfFormat.N_TRIPLES, lenient=True)
        written = serialize((quad.triple for quad in triples), format=getattr(RdfFormat, form))
        assert written is not None  # no file was given
        return written.decode()


def _plain(term: Mapping[str, str] | None) -> Any:
    if term is None:
        return None
    read = _PLAIN.get(term.get("datatype", "").removeprefix(XSD), str)
    try:
        return read(term["value"])
    except ValueError:  # a literal that is not what its datatype says
        return term["value"]
