"""Stores that show the graph, and queries on them."""
