"""Rows whose texts share rare words: the cosine of words weighted by how rare they are (TF-IDF without counts)."""

from bifrost.engine import identifier
from bifrost.schemas import ITEM, PLACE, ROW

MOST_OF_A_WORD = 1_000
"""A word that more rows share says little, and would cost a pair for any two of them."""


def similar_sql(least: float, start: tuple[str, str], end: tuple[str, str]) -> str:
    """Give the query for the linked rows of two relations (SQL, field) whose similarity is at least `least`."""
    return f"""
        WITH {_scored(start, end)}
        SELECT from_row, from_item, from_place, to_row FROM scored WHERE score >= {least}
        ORDER BY from_row, from_item, from_place, to_row
    """


def scores_sql(start: tuple[str, str], end: tuple[str, str]) -> str:
    """Give the query for from_row, to_row and score (0 to 1) of all pairs that share a word."""
    return f"WITH {_scored(start, end)} SELECT from_row, to_row, score FROM scored"


def _scored(start: tuple[str, str], end: tuple[str, str]) -> str:
    row, item, place = identifier(ROW), identifier(ITEM), identifier(PLACE)
    return f"""
        l AS (SELECT {row} AS row, {item} AS item, {place} AS place, {_words(start[1])} AS words FROM {start[0]}),
        r AS (SELECT {row} AS row, {_words(end[1])} AS words FROM {end[0]}),
        lw AS (SELECT row, unnest(words) AS word FROM l), rw AS (SELECT row, unnest(words) AS word FROM r),
        held AS (SELECT word, count(*) AS rows FROM (FROM lw UNION ALL FROM rw) WHERE word <> '' GROUP BY word),
        weighted AS (
            SELECT word, rows, ln(1 + (SELECT count(*) FROM l) + (SELECT count(*) FROM r)) - ln(rows) AS weight
            FROM held
        ),
        ln AS (SELECT row, sqrt(sum(weight * weight)) AS norm FROM lw JOIN weighted USING (word) GROUP BY row),
        rn AS (SELECT row, sqrt(sum(weight * weight)) AS norm FROM rw JOIN weighted USING (word) GROUP BY row),
        shared AS (
            SELECT lw.row AS from_row, rw.row AS to_row, sum(weight * weight) AS common
            FROM lw JOIN weighted w ON w.word = lw.word AND w.rows <= {MOST_OF_A_WORD} JOIN rw ON rw.word = lw.word
            GROUP BY ALL
        ),
        scored AS (
            SELECT from_row, item AS from_item, place AS from_place, to_row, common / (ln.norm * rn.norm) AS score
            FROM shared JOIN ln ON ln.row = from_row JOIN rn ON rn.row = to_row JOIN l ON l.row = from_row
            WHERE ln.norm > 0 AND rn.norm > 0
        )
    """


def _words(field: str) -> str:
    text = f"lower(CAST({identifier(field)} AS VARCHAR))"
    return f"list_distinct(regexp_split_to_array({text}, '[^\\p{{L}}\\p{{Nd}}]+'))"
