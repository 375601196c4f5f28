"""Names in texts: trained packs, two engines, and how they are trained and measured."""
