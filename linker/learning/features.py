"""Features of what is written about entities: hashed character n-grams, and the vectors of a text encoder."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bifrost.ports import TextEncoder
from linker.learning.graph import Floats

WIDTH = 256
VALUES_WIDTH = 128
LENGTHS = (2, 3, 4, 5)
ROWS_AT_ONCE = 8_192

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def text_features(labels: pa.Array, values: pa.Array, encoder: TextEncoder | None) -> Floats:
    """Turn labels and values into rows: the n-grams of each, and with an encoder the meaning of both together.

    Each group of columns is a unit row, or zeros where there is no text.
    """
    groups = [hashed_ngrams(labels), hashed_ngrams(values, VALUES_WIDTH)]
    if encoder is not None:
        texts = pc.binary_join_element_wise(pc.fill_null(labels, ""), pc.fill_null(values, ""), ". ")
        groups.append(encoded(texts, encoder))
    return np.concatenate(groups, axis=1)


def hashed_ngrams(labels: pa.Array, width: int = WIDTH) -> Floats:
    """Turn labels into unit rows of `width` signed, hashed character n-grams weighted by rarity.

    Feature hashing after Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009). Needs no
    vocabulary, so that a label never seen before has features too; an empty label gives a row of zeros.
    """
    counts = np.zeros((len(labels), width), np.float32)
    for start in range(0, len(labels), ROWS_AT_ONCE):
        chunk = labels.slice(start, ROWS_AT_ONCE)
        counts[start : start + len(chunk)] = _counts(chunk, width)
    present = np.count_nonzero(counts, axis=0)
    rarity = np.log((1 + len(labels)) / (1 + present)) + 0.1
    weighted = np.sign(counts) * np.sqrt(np.abs(counts)) * rarity.astype(np.float32)
    norms = np.linalg.norm(weighted, axis=1, keepdims=True)
    features: Floats = (weighted / np.maximum(norms, 1e-9)).astype(np.float32)
    return features


def encoded(labels: pa.Array, encoder: TextEncoder) -> Floats:
    """Turn labels into the encoder's unit vectors; each distinct label is encoded once."""
    distinct = pc.dictionary_encode(pc.fill_null(labels, ""))
    vectors = np.asarray(encoder(distinct.dictionary.to_pylist()), np.float32)
    features: Floats = vectors[distinct.indices.to_numpy()]
    return features


def _counts(labels: pa.Array, width: int) -> Floats:
    """Count signed hashes per row, over the code points of all rows at once."""
    texts = pc.utf8_lower(pc.fill_null(labels, ""))
    framed = pc.if_else(pc.equal(texts, ""), "", pc.binary_join_element_wise("^", texts, "$", ""))
    lengths = pc.utf8_length(framed).to_numpy().astype(np.int64)
    points = np.frombuffer("".join(framed.to_pylist()).encode("utf-32-le"), np.uint32).astype(np.uint64)
    rows = np.repeat(np.arange(len(labels)), lengths)
    ends = np.repeat(np.cumsum(lengths), lengths)
    total = np.zeros(len(labels) * width)
    for size in LENGTHS:
        starts = np.flatnonzero(np.arange(len(points)) + size <= ends)
        codes = _hashes(points, starts, size)
        cells = rows[starts] * width + (codes % np.uint64(width)).astype(np.int64)
        signs = np.where(codes >> np.uint64(63), 1.0, -1.0)
        total += np.bincount(cells, weights=signs, minlength=len(total))
    return total.reshape(len(labels), width).astype(np.float32)


def _hashes(points: NDArray[np.uint64], starts: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Mix `size` code points from each start; unsigned arithmetic wraps, as a hash wants it."""
    codes = np.full(len(starts), size, np.uint64)
    for step in range(size):
        codes = (codes ^ points[starts + step]) * _MULTIPLIER
        codes ^= codes >> np.uint64(29)
    return codes
