"""Worked examples that ship with Bifrost, each with its planted truth."""
