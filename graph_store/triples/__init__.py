"""The graph as RDF in an embedded Oxigraph store, and SPARQL on it."""
