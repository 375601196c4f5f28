"""The command line; each command imports only what it needs."""

from bifrost.cli.app import main

__all__ = ["main"]
