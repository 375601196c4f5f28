"""Databases: their tables as Arrow streams."""
