"""Mentions: which records the documents name, by identifier or by name."""

from linker.mentions.linking import MentionLinks, link_mentions

__all__ = ["MentionLinks", "link_mentions"]
