"""From a model's beliefs to questions for people: calibrated, explained, the most valuable first."""
