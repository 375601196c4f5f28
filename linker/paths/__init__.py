"""Paths: link types whose links follow other links, one after the other."""
