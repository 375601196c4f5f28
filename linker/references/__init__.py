"""References between tables: which field names the records of which table, and the links that follow."""
