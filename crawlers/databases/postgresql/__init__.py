"""PostgreSQL: read through ADBC, changes told by the transactions that wrote the rows."""
