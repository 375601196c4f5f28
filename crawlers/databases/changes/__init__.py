"""What changed in a table of any database: change columns, hashes of rows, keys that are gone."""
