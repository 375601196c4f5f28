"""Records named by name: whole phrases first, then what annotators took for a name and a record nearly bears."""

from collections.abc import Sequence
from typing import Any

from bifrost import engine
from bifrost.project import Project
from linker.mentions.texts import MOST_WORDS_OF_NAME, keep_longest, windows
from linker.resolution.folding import sql_folded, sql_without_legal_form

PHRASE, WORD, PLAIN_PHRASE, COMMON_WORD = 0.98, 0.96, 0.8, 0.3
"""Probability by evidence: several words, one rare capitalised word, several in lower case, a word of the language."""
LEAST_LIKENESS, LEAST_LEAD = 0.9, 0.03
"""What a fuzzy match needs, and by how much it must lead over the next name."""
MOST_WORDS_OF_LABEL = 8

_WITHIN = r"[^\pL\pN]{1,3}"


def find_names(project: Project, connection: Any, mentions: Sequence[str]) -> None:
    """Make `named`: line, start, surface, t, row, probability."""
    connection.execute("CREATE TABLE openings AS SELECT DISTINCT split_part(name, ' ', 1) AS word FROM names")
    windows(
        connection,
        "phrases",
        MOST_WORDS_OF_NAME,
        within=_WITHIN,
        starting="folded IN (SELECT word FROM openings)",
    )
    connection.execute("DELETE FROM phrases WHERE folded NOT IN (SELECT name FROM names)")
    keep_longest(connection, "phrases")
    connection.execute(_PHRASES)
    _find_nearly(project, connection, mentions)


# A word that texts also write in lower case is a word of the language before it is a name.
_PHRASES = rf"""
    CREATE TABLE named AS
    WITH plain AS (SELECT DISTINCT folded FROM tokens WHERE regexp_matches(token, '^\p{{Ll}}')),
    seen AS (
        SELECT p.*, names.t, names.row, regexp_matches(p.surface, '^[\p{{Lu}}\pN]') AS capital,
               (n = 1 AND plain.folded IS NOT NULL) OR len(p.folded) < 4 AS common
        FROM phrases AS p JOIN names ON names.name = p.folded
        LEFT JOIN plain ON plain.folded = p.folded
    )
    SELECT line, start, surface, t, row,
           CASE WHEN common OR (n = 1 AND NOT capital) THEN {COMMON_WORD}
                WHEN n = 1 THEN {WORD}
                WHEN capital THEN {PHRASE} ELSE {PLAIN_PHRASE} END
           / count(*) OVER (PARTITION BY line, start, t) AS probability
    FROM seen
"""


def _find_nearly(project: Project, connection: Any, mentions: Sequence[str]) -> None:
    """Compare mentions of organisations and persons, and short lines that were recognised, with all names."""
    sources = [
        f"SELECT line, 1 AS start, text AS surface FROM lines WHERE method = 'ocr' "
        f"AND len(string_split(text, ' ')) <= {MOST_WORDS_OF_LABEL}"
    ]
    if mentions:
        files = engine.scan(project.staging.paths(mentions))
        sources.append(
            f"SELECT min(line) AS line, 0 AS start, m.text AS surface FROM {files} AS m "
            "JOIN lines ON lines.item = m.item AND lines.block = m.block AND contains(lines.text, m.text) "
            "WHERE m.label IN ('ORG', 'PERSON') GROUP BY m.item, m.block, m.text"
        )
    folded = sql_without_legal_form("folded")
    connection.execute(
        f"""
        CREATE TABLE said AS
        SELECT DISTINCT line, start, surface, {folded} AS name FROM (
            SELECT *, {sql_folded("surface")} AS folded FROM ({" UNION ALL ".join(sources)})
        );
        DELETE FROM said WHERE len(name) < 5 OR name IN (SELECT name FROM names)
        """
    )
    connection.execute(_NEARLY)


_NEARLY = f"""
    INSERT INTO named
    WITH wanted AS (SELECT DISTINCT name FROM said),
    known AS (SELECT DISTINCT name FROM names),
    met AS (
        SELECT w.name AS heard, k.name FROM wanted AS w JOIN known AS k ON w.name[:3] = k.name[:3]
        UNION SELECT w.name, k.name FROM wanted AS w JOIN known AS k ON w.name[-4:] = k.name[-4:]
    ),
    scored AS (
        SELECT heard, name, 1 - damerau_levenshtein(heard, name) / greatest(len(heard), len(name)) AS likeness
        FROM met WHERE abs(len(heard) - len(name)) <= 3
    ),
    -- Every record of the best name is a hit; a different name close behind makes none of them one.
    best AS (
        SELECT heard, name, likeness FROM scored
        WINDOW nearest_first AS (PARTITION BY heard ORDER BY likeness DESC, name)
        QUALIFY row_number() OVER nearest_first = 1
            AND likeness - coalesce(lead(likeness) OVER nearest_first, 0) >= {LEAST_LEAD}
    )
    SELECT said.line, said.start, said.surface, names.t, names.row,
           likeness / count(*) OVER (PARTITION BY said.line, said.start, said.surface, names.t) AS probability
    FROM said JOIN best ON best.heard = said.name JOIN names ON names.name = best.name
    WHERE likeness >= {LEAST_LIKENESS}
"""
