"""Entities and documents by words and by meaning."""
