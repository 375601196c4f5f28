"""Texts of documents as words with what stands between them, and the windows of words that may name something."""

from collections.abc import Sequence
from typing import Any

from bifrost import engine
from bifrost.extraction import Documents
from bifrost.project import Project
from linker.resolution.folding import sql_folded

MOST_WORDS_OF_CODE = 4
MOST_WORDS_OF_NAME = 6


def load_words(project: Project, connection: Any, documents: Documents) -> None:
    """Make `tokens`: a row per word of every line, with its position, the gap before it, and the folded word.

    Texts inside barcodes are lines of their own.
    """
    sources = [f"SELECT item, page, block, text, method FROM {_scan(project, documents.blocks)}"]
    if documents.mentions:
        sources.append(
            f"SELECT item, page, block, text, method FROM {_scan(project, documents.mentions)} WHERE label = 'BARCODE'"
        )
    connection.execute(
        rf"""
        CREATE TABLE lines AS
        SELECT row_number() OVER (ORDER BY item, page, block, method, position, part) AS line,
               item, page, block, method, part AS text
        FROM (SELECT DISTINCT item, page, block, method, part, position FROM (
            SELECT item, page, block, method, unnest(parts) AS part, generate_subscripts(parts, 1) AS position
            FROM (SELECT *, string_split_regex(text, '[\n\r\x0b\t|]+') AS parts FROM ({" UNION ALL ".join(sources)}))
        ) WHERE trim(part) <> '');

        CREATE TABLE spelled AS
        SELECT line, unnest(tokens) AS token, unnest(gaps[:len(tokens)]) AS gap,
               generate_subscripts(tokens, 1)::INTEGER AS position
        FROM (SELECT line, regexp_extract_all(text, '[\pL\pN]+') AS tokens,
                     regexp_split_to_array(text, '[\pL\pN]+') AS gaps FROM lines);

        CREATE TABLE folds AS SELECT token, {sql_folded("token")} AS folded FROM (SELECT DISTINCT token FROM spelled);
        CREATE TABLE tokens AS SELECT * FROM spelled JOIN folds USING (token);
        """
    )


def windows(connection: Any, name: str, most_words: int, *, within: str, starting: str) -> None:
    """Make a table of windows: line, start, n, surface, folded.

    `within` is the pattern that the gaps inside a window must match; `starting` is a condition on its first word.
    """
    following = ", ".join(
        f"lead({column}, {ahead}) OVER (PARTITION BY line ORDER BY position) AS {column}{ahead}"
        for ahead in range(1, most_words)
        for column in ("token", "gap", "folded")
    )
    parts = []
    for count in range(1, most_words + 1):
        ahead = range(1, count)
        surface = " || ".join(["token", *(f"gap{step} || token{step}" for step in ahead)])
        folded = " || ' ' || ".join(["folded", *(f"folded{step}" for step in ahead)])
        joined = " AND ".join([f"regexp_full_match(gap{step}, '{within}')" for step in ahead] or ["true"])
        parts.append(
            f"SELECT line, position AS start, {count} AS n, {surface} AS surface, {folded} AS folded "
            f"FROM chained WHERE {joined} AND token{count - 1 or ''} IS NOT NULL"
        )
    connection.execute(
        f"""
        CREATE TABLE {name} AS
        WITH chained AS (SELECT * FROM (SELECT *{", " + following if following else ""} FROM tokens) WHERE {starting})
        {" UNION ALL ".join(parts)}
        """
    )


def keep_longest(connection: Any, name: str) -> None:
    """Drop windows that lie inside a longer one of the same table."""
    connection.execute(
        f"""
        DELETE FROM {name} AS short USING {name} AS long
        WHERE short.line = long.line AND long.n > short.n
          AND long.start <= short.start AND long.start + long.n >= short.start + short.n
        """
    )


def _scan(project: Project, digests: Sequence[str]) -> str:
    return engine.scan(project.staging.paths(digests))
