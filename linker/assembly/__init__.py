"""Assembly: from what was accepted to facts, one staged batch per unit of the snapshot."""
