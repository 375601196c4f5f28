"""Evaluation of a project's graph against planted truth."""
