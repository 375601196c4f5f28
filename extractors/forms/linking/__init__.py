"""Scanned forms: which pieces of text are labels and values, and which belong together."""
