"""Models that look at pictures, out of local folders."""
