"""SQLite files, read through ADBC."""
