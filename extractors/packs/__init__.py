"""Domain packs as data: what is found in texts of a domain, and how it is checked."""
