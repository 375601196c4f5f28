"""Precision, recall and F1 of what was found."""

from collections.abc import Set
from typing import Any


def compared(found: Set[Any], truth: Set[Any]) -> dict[str, float]:
    """Compare two sets; what is empty is right when both are."""
    right = len(found & truth)
    precision = right / len(found) if found else float(not truth)
    recall = right / len(truth) if truth else 1.0
    f1 = 2 * right / (len(found) + len(truth)) if found or truth else 1.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
