"""Trains what ranks pairs of fields, on tables that are made up: run `python -m extractors.fields.training`."""
