"""Pairs of pictures that look the same and say the same.

Multi-index hashing (Norouzi, Punjani and Fleet 2012, "Fast Search in Hamming Space with Multi-Index Hashing"): of
eight blocks of a hash, at least one is equal in two that differ in at most seven bits. Labels and forms all look
alike: what is written in both must agree in its numbers and codes, and for the most part in its words.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bifrost import engine
from bifrost.engine import identifier
from bifrost.extraction import Documents
from bifrost.model import Table
from bifrost.project import Project
from bifrost.schemas import ITEM, PERCEPTUAL_HASH, PERCEPTUAL_HASH_BITS, ROW

BLOCKS, BLOCK_DIGITS = 8, 4
MOST_BITS = BLOCKS - 1
_MOST_IN_BLOCK = 200
"""What so many pictures share, as a frame, tells nothing; it would make all of them candidates."""
_LEAST_SHARED_WORDS = 0.5
_LEAST_CONFIDENCE = 0.6
"""What is recognised with less is as likely a pattern as a word."""


class PicturePair(NamedTuple):
    """Two pictures, in the order of table and row, and the bits in which their hashes differ."""

    left_table: str
    left_row: str
    left_item: str
    right_table: str
    right_row: str
    right_item: str
    bits: int


def picture_pairs(project: Project, tables: Iterable[Table], documents: Mapping[str, Documents]) -> list[PicturePair]:
    """Find the pairs, those that differ least first; equal pictures are each paired with the first of them only."""
    digits = PERCEPTUAL_HASH_BITS // 4
    query = f"""
        WITH pieces AS ({_pieces(project, documents)}), words AS (
            SELECT DISTINCT s, i, unnest(regexp_extract_all(lower(text), '[\\p{{L}}\\p{{N}}]{{3,}}')) AS word
            FROM pieces
        ), texts AS (
            SELECT s, i, list(word ORDER BY word) AS words, coalesce(
                string_agg(word, ' ' ORDER BY word) FILTER (regexp_matches(word, '[0-9]')), '') AS numbers
            FROM words GROUP BY ALL
        ), pictures AS (
            SELECT *, row_number() OVER (PARTITION BY h, numbers, words ORDER BY t, r) AS copy
            FROM (SELECT t, r, i, h, coalesce(words, []) AS words, coalesce(numbers, '') AS numbers
                  FROM ({_hashes(project, tables)}) LEFT JOIN texts USING (s, i))
            WHERE regexp_full_match(h, '[0-9a-f]{{{digits}}}')
        ), firsts AS (
            SELECT *, row_number() OVER (ORDER BY t, r) AS p,
                   ('0x' || h[:{digits // 2}])::UBIGINT AS high, ('0x' || h[{digits // 2 + 1}:])::UBIGINT AS low
            FROM pictures WHERE copy = 1
        ), blocks AS (
            SELECT p, n, numbers, h[n * {BLOCK_DIGITS} + 1 : (n + 1) * {BLOCK_DIGITS}] AS block
            FROM firsts, range({BLOCKS}) AS counted(n)
            QUALIFY count(*) OVER (PARTITION BY n, numbers, block) <= {_MOST_IN_BLOCK}
        ), candidates AS (
            SELECT DISTINCT a.p AS one, b.p AS two
            FROM blocks a JOIN blocks b ON a.n = b.n AND a.numbers = b.numbers AND a.block = b.block AND a.p < b.p
        ), found AS (
            SELECT a, b, bit_count(xor(a.high, b.high)) + bit_count(xor(a.low, b.low)) AS bits
            FROM candidates JOIN firsts a ON a.p = one JOIN firsts b ON b.p = two
            WHERE len(list_intersect(a.words, b.words))
                  >= {_LEAST_SHARED_WORDS} * len(list_distinct(a.words || b.words))
        )
        SELECT a.t, a.r, a.i, b.t, b.r, b.i, bits FROM found WHERE bits <= {MOST_BITS}
        UNION ALL
        SELECT a.t, a.r, a.i, b.t, b.r, b.i, 0
        FROM pictures a JOIN pictures b
        ON a.h = b.h AND a.numbers = b.numbers AND a.words = b.words AND a.copy = 1 AND b.copy > 1
    """
    connection = engine.connect(project.cache_folder("spill"))
    found = [PicturePair._make(row) for row in connection.sql(query).fetchall()]
    return sorted(found, key=lambda pair: (pair.bits, *pair[:6]))


def _hashes(project: Project, tables: Iterable[Table]) -> str:
    return " UNION ALL ".join(
        f"SELECT {_text(table.id)} AS t, {_text(table.source)} AS s, {identifier(ROW)} AS r, {identifier(ITEM)} AS i, "
        f"{PERCEPTUAL_HASH} AS h FROM {engine.scan(project.staging.paths(table.batches))}"
        for table in tables
    )


def _pieces(project: Project, documents: Mapping[str, Documents]) -> str:
    """Give what is written in the pictures of all sources: source, item, text."""
    return (
        " UNION ALL ".join(
            f"SELECT {_text(source)} AS s, item AS i, text FROM {engine.scan(project.staging.paths(found.blocks))} "
            f"WHERE method = 'barcode' OR (method = 'ocr' AND confidence >= {_LEAST_CONFIDENCE})"
            for source, found in sorted(documents.items())
            if found.blocks
        )
        or "SELECT '' AS s, '' AS i, '' AS text WHERE false"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
