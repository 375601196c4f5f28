"""Randomness that is the same for the same seed, whatever else the generator does."""

import zlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Give an independent stream for a purpose, so that changing one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
