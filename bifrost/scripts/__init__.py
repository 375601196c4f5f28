"""Scripts as child processes: what connectors and extractors that are scripts have in common."""
