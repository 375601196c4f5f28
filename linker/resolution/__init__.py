"""Resolution: which tables describe the same kind of thing, and which records are the same thing."""

from linker.resolution.resolution import Resolution, resolve

__all__ = ["Resolution", "resolve"]
