"""DuckDB files, read natively."""
