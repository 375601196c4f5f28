"""Forms and receipts: what the lines of a page say as labels and values."""
