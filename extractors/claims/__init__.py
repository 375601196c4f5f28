"""Claims: what the sentences of a text state about the things that they mention."""
