"""Files behind HTTP: index pages, single addresses, and how answers are read."""
