"""Resolution of large tables, set-wise on DuckDB or Spark: pairs are told apart by the pattern in which they agree."""
