"""Finders of names and identifiers in texts."""
