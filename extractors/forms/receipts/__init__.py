"""Receipts and invoices: who sold, when, where, and what it came to."""
