"""Bifrost: an enterprise knowledge graph out of the data an organisation already has."""

__version__ = "0.1.0"
