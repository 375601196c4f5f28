"""A network that scores links by the paths between their ends, for entities seen or not."""
