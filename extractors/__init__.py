"""Reads what a crawl brings: tables, documents and images become records, blocks and mentions."""
