"""Records named by an identifier, as written or as people say it."""

from typing import Any

from linker.mentions.texts import MOST_WORDS_OF_CODE, keep_longest, windows
from linker.references import transforms

EXACT, NAMED_NUMBER, COMPACT, ONE_LETTER, SHORT = 0.99, 0.97, 0.97, 0.96, 0.6
"""Probability by writing: as in the table, `batch 17`, other separators, with a single letter, or very short."""
LONG_NUMBER = 8
"""Digits from which a number alone is an identifier (the shortest trade number has eight)."""

_WITHIN = r"[ \-_/.:#]{1,3}"
_WORD_BEFORE = r"^(no|nr|num|number|id|code|nummer)$"


def find_identifiers(connection: Any) -> None:
    """Make `identified`: line, start, surface, t, row, probability."""
    windows(connection, "codes", MOST_WORDS_OF_CODE, within=_WITHIN, starting="true")
    connection.execute(
        rf"""
        CREATE TABLE coded AS
        SELECT codes.*, {transforms.sql("compact", "surface")} AS compact,
               {transforms.sql("folded", "surface")} AS written
        FROM codes WHERE regexp_matches(surface, '[0-9]');
        DELETE FROM coded WHERE compact NOT IN (SELECT compact FROM identifiers)
            OR (regexp_full_match(compact, '[0-9]+') AND (n > 1 OR len(surface) < {LONG_NUMBER}));
        """
    )
    keep_longest(connection, "coded")
    connection.execute(_IDENTIFIED)


_IDENTIFIED = rf"""
    CREATE TABLE identified AS
    WITH hits AS (
        SELECT coded.*, i.t, i.row, i.own_key, coded.written = i.written AS exact,
               w.t IS NOT NULL AS said
        FROM coded JOIN identifiers AS i USING (compact)
        LEFT JOIN tokens AS before ON before.line = coded.line AND before.position = coded.start - 1
        LEFT JOIN words AS w ON w.t = i.t AND w.word = before.folded
        -- A table that is named wins over one that is not, as written over other separators, a key over other fields.
        QUALIFY (said, exact, own_key) = max((said, exact, own_key)) OVER (PARTITION BY coded.line, start)
    ),
    numbered AS (
        SELECT word.line, word.position AS start, word.token || number.gap || number.token AS surface, n.t, n.row
        FROM tokens AS number
        JOIN numbers AS n ON n.number = coalesce(nullif(ltrim(number.token, '0'), ''), '0')
        JOIN tokens AS between_ ON between_.line = number.line AND between_.position = number.position - 1
        JOIN tokens AS word ON word.line = number.line AND word.position = number.position - 1
            - (regexp_matches(between_.folded, '{_WORD_BEFORE}')
               AND regexp_full_match(between_.gap, '[ .]{{1,2}}'))::INT
        JOIN words AS w ON w.t = n.t AND w.word = word.folded
        LEFT JOIN tokens AS after ON after.line = number.line AND after.position = number.position + 1
        WHERE regexp_full_match(number.token, '[0-9]+') AND regexp_full_match(number.gap, '[ .:#\-]{{1,3}}')
          -- Not the start of a date, a decimal or a range: "batch 17.5", "order 2025-03-14".
          AND NOT coalesce(regexp_full_match(after.gap, '[-./,]') AND regexp_matches(after.token, '^[0-9]'), false)
    ),
    every AS (
        SELECT line, start, surface, t, row,
               CASE WHEN said OR (exact AND len(compact) >= 3) OR len(surface) >= 5 AND exact THEN {EXACT}
                    WHEN regexp_full_match(compact, '[0-9]+') THEN {COMPACT}
                    WHEN len(compact) < 3 THEN {SHORT}
                    WHEN regexp_matches(compact, '^[^0-9]([0-9]|$)') THEN {ONE_LETTER}
                    ELSE {COMPACT} END AS probability
        FROM hits
        UNION ALL
        SELECT line, start, surface, t, row, {NAMED_NUMBER} FROM numbered
    )
    SELECT line, start, surface, t, row, probability / count(*) OVER (PARTITION BY line, start) AS probability
    FROM (SELECT line, start, min(surface) AS surface, t, row, max(probability) AS probability
          FROM every GROUP BY line, start, t, row)
"""
