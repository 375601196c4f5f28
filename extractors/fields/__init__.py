"""Profiles of the fields of all tables, and which of them mean the same."""
