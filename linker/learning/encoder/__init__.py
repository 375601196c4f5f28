"""A relation-aware encoder of links, types and texts, with its training."""
