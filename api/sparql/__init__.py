"""The SPARQL 1.1 protocol over the published graph, for reading."""
