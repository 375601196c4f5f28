"""The server: GraphQL, the SPARQL protocol, REST and the web pages over one project."""
