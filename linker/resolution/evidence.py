"""What speaks for and against each candidate pair, as columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from linker.resolution.candidates import Candidates
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.sides import Sides
from linker.resolution.sparse_texts import WORDS, Scores, Vectors, vectors

Columns = dict[str, Scores]

SOFT_WORDS = 14
"""Words of a name that are compared one by one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Columns by name, one value per candidate pair; NaN where a value is missing on a side."""

    columns: Mapping[str, Scores]
    rankings: tuple[str, ...]
    """Columns that each rank all candidates of a record by themselves."""
    beside_name: tuple[str, ...] = ()
    """Columns of the fields that do not name the records."""


def gather(
    sides: Sides, candidates: Candidates, spaces: Mapping[str, Vectors], match_weight: Scores, *, ranks: bool
) -> Evidence:
    """Compare every candidate pair by names, by all texts, and field by field.

    `match_weight` is the classical model's; `ranks` tells whether it is good enough to rank by.
    """
    connection = sides.connection
    connection.register("candidates", candidates.as_table())
    columns: Columns = {name: space.cosine(candidates.left, candidates.right) for name, space in spaces.items()}
    columns |= _soft_names(connection)
    columns["match_weight"] = match_weight
    rankings = (*spaces, "soft_name", *(("match_weight",) if ranks else ()))
    columns |= _rarest_words(spaces["words_of_all"], candidates)
    columns |= _codes(connection)
    columns |= _rarest_codes(connection, sides)
    beside: list[str] = []
    for position, pair in enumerate(sides.pair.fields):
        if pair not in sides.pair.names or len(sides.pair.names) > 1:
            of_field = _compare_field(connection, position, pair)
            if sides.pair.duplicates and pair.compared is Compared.TEXT:
                of_field |= _rare_words_of_field(sides, candidates, position)
            columns |= of_field
            beside += [] if pair in sides.pair.names else of_field
    connection.unregister("candidates")
    # Single precision, as it is staged: what is read again is judged like what was just gathered.
    single = {name: values.astype(np.float32).astype(np.float64) for name, values in columns.items()}
    return Evidence(single, rankings, tuple(beside))


def _soft_names(connection: Any) -> Columns:
    """Compare names word by word, forgiving typos and abbreviations (soft TF-IDF: Cohen, Ravikumar, Fienberg 2003)."""
    for side in ("left", "right"):
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {side}_words AS
            SELECT code, unnest(list_distinct(string_split(name, ' ')[:{SOFT_WORDS}])) AS word
            FROM {side}_side WHERE name <> ''
            """
        )
    return _columns(connection, _SOFT_NAMES)


_SOFT_NAMES = """
    WITH worded AS (SELECT 0 AS side, * FROM left_words UNION ALL SELECT 1, * FROM right_words),
    weights AS (SELECT word, ln(1 + (SELECT count(DISTINCT (side, code)) FROM worded) / count(*)) AS weight
                FROM worded GROUP BY word),
    l AS (SELECT * FROM left_words JOIN weights USING (word)),
    r AS (SELECT * FROM right_words JOIN weights USING (word)),
    met AS (
        SELECT pair, l.word AS lw, r.word AS rw, l.weight AS lweight, r.weight AS rweight,
               CASE WHEN l.word = r.word THEN 1.0
                    WHEN l.word[1] <> r.word[1] THEN 0.0
                    WHEN least(len(l.word), len(r.word)) = 1 THEN 0.5
                    WHEN least(len(l.word), len(r.word)) >= 3 AND abs(len(l.word) - len(r.word)) >= 3
                         AND (starts_with(l.word, r.word) OR starts_with(r.word, l.word)) THEN 0.93
                    ELSE greatest(0, (jaro_winkler_similarity(l.word, r.word) - 0.8) * 5) END AS alike
        FROM candidates JOIN l ON l.code = candidates.l JOIN r ON r.code = candidates.r
    ),
    of_left AS (SELECT pair, sum(alike * lweight ORDER BY lw) / sum(lweight ORDER BY lw) AS score FROM (
                    SELECT pair, lw, any_value(lweight) AS lweight, max(alike) AS alike FROM met GROUP BY pair, lw)
                GROUP BY pair),
    of_right AS (SELECT pair, sum(alike * rweight ORDER BY rw) / sum(rweight ORDER BY rw) AS score FROM (
                    SELECT pair, rw, any_value(rweight) AS rweight, max(alike) AS alike FROM met GROUP BY pair, rw)
                GROUP BY pair)
    SELECT pair, coalesce((of_left.score + of_right.score) / 2, 0) AS soft_name,
           coalesce(greatest(of_left.score, of_right.score), 0) AS contained_name
    FROM candidates LEFT JOIN of_left USING (pair) LEFT JOIN of_right USING (pair)
    ORDER BY pair
"""


def _codes(connection: Any) -> Columns:
    """Look for model numbers and the like: words with digits that the other side holds, spaces or not."""
    codes = "list_filter(string_split(text, ' '), lambda word: len(word) >= 3 AND regexp_matches(word, '[0-9]'))"
    side = f"SELECT code, {codes} AS codes, replace(text, ' ', '') AS whole FROM {{side}}_side"
    return _columns(
        connection,
        f"""
        WITH a AS ({side.format(side="left")}), b AS ({side.format(side="right")}),
        met AS (
            SELECT pair, len(a.codes) > 0 AND len(b.codes) > 0 AS coded,
                   len(list_filter(a.codes, lambda word: contains(b.whole, word))) AS hits_left,
                   len(list_filter(b.codes, lambda word: contains(a.whole, word))) AS hits_right,
                   len(a.codes) AS of_left, len(b.codes) AS of_right
            FROM candidates JOIN a ON a.code = l JOIN b ON b.code = r
        )
        SELECT pair,
               coalesce(greatest(hits_left / nullif(of_left, 0), hits_right / nullif(of_right, 0)), 0) AS code_hit,
               (coded AND hits_left + hits_right = 0)::DOUBLE AS code_conflict
        FROM met ORDER BY pair
        """,
    )


def _rarest_codes(connection: Any, sides: Sides) -> Columns:
    """Weigh by rarity the words with digits as written: the rarest that the other side holds, spaces and signs apart.

    `010-10723-06` is one code, where its folded words meet half of a catalogue. What is missed counts where both sides
    miss something.
    """
    texts = [f"r{position}" for position, pair in enumerate(sides.pair.fields) if pair.compared is Compared.TEXT]
    for side in ("left", "right"):
        connection.execute(_WRITTEN_CODES.format(side=side, texts=", ".join(texts)))
    found = _columns(connection, _RAREST_CODES)
    for side in ("left", "right"):
        connection.execute(f"DROP TABLE {side}_codes")
    return found


_WRITTEN_CODES = r"""
    CREATE OR REPLACE TEMP TABLE {side}_codes AS
    SELECT code, regexp_replace(written, '[^\pL\pN]', '', 'g') AS whole,
           list_distinct(list_filter(
               list_transform(string_split_regex(written, '\s+'), lambda word:
                   regexp_replace(word, '[^\pL\pN]', '', 'g')),
               lambda word: len(word) BETWEEN 4 AND 24 AND regexp_matches(word, '[0-9]'))) AS codes
    FROM (SELECT code, lower(concat_ws(' ', {texts})) AS written FROM {side}_side)
"""
_RAREST_CODES = """
    WITH l AS (SELECT code, unnest(codes) AS word FROM left_codes),
    r AS (SELECT code, unnest(codes) AS word FROM right_codes),
    records AS (SELECT (SELECT count(*) FROM left_codes) + (SELECT count(*) FROM right_codes) AS n),
    weights AS (
        SELECT word, ln(1 + any_value(n) / count(*)) AS weight
        FROM (SELECT word FROM l UNION ALL SELECT word FROM r), records GROUP BY word
    ),
    of_left AS (
        SELECT pair, max(weight) FILTER (contains(whole, word)) AS hit,
               max(weight) FILTER (NOT contains(whole, word)) AS miss
        FROM candidates JOIN l ON l.code = candidates.l JOIN weights USING (word)
             JOIN right_codes AS other ON other.code = candidates.r
        GROUP BY pair
    ),
    of_right AS (
        SELECT pair, max(weight) FILTER (contains(whole, word)) AS hit,
               max(weight) FILTER (NOT contains(whole, word)) AS miss
        FROM candidates JOIN r ON r.code = candidates.r JOIN weights USING (word)
             JOIN left_codes AS other ON other.code = candidates.l
        GROUP BY pair
    )
    SELECT pair, coalesce(greatest(of_left.hit, of_right.hit), 0) AS code_rarest_hit,
           least(coalesce(of_left.miss, 0), coalesce(of_right.miss, 0)) AS code_rarest_miss
    FROM candidates LEFT JOIN of_left USING (pair) LEFT JOIN of_right USING (pair)
    ORDER BY pair
"""


def _compare_field(connection: Any, position: int, pair: FieldPair) -> Columns:
    name = f"f{position}"
    a, b = f"a.{name}", f"b.{name}"
    if pair.compared is Compared.TEXT:
        words = [f"list_distinct(string_split({side}[:400], ' '))" for side in (a, b)]
        shared = f"len(list_intersect({words[0]}, {words[1]}))"
        parts = {
            "alike": f"jaro_winkler_similarity({a}[:60], {b}[:60])",
            "words": f"{shared} / least(len({words[0]}), len({words[1]}))",
        }
    elif pair.compared is Compared.NUMBER:
        parts = {
            "equal": f"({a} = {b})::DOUBLE",
            "near": f"1 - least(1, abs({a} - {b}) / greatest(abs({a}), abs({b}), 1e-9))",
        }
    else:
        parts = {"equal": f"({a} = {b})::DOUBLE", "near": f"1 / (1 + abs({a} - {b}) / 30)"}
    chosen = ", ".join(f"({sql})::DOUBLE AS {name}_{part}" for part, sql in parts.items())
    return _columns(
        connection,
        f"""
        SELECT pair, {chosen} FROM candidates JOIN left_side AS a ON a.code = l JOIN right_side AS b ON b.code = r
        ORDER BY pair
        """,
    )


def _rare_words_of_field(sides: Sides, candidates: Candidates, position: int) -> Columns:
    """Give the cosine of a field's words by rarity: most venues are proceedings of something."""
    space = vectors(sides, f"f{position}", WORDS)
    filled = [np.diff(matrix.indptr) > 0 for matrix in (space.left, space.right)]
    known = filled[0][candidates.left] & filled[1][candidates.right]
    return {f"f{position}_rare": np.where(known, space.cosine(candidates.left, candidates.right), np.nan)}


def _columns(connection: Any, query: str) -> Columns:
    found = connection.sql(query).to_arrow_table()
    return {
        name: np.asarray(found[name].to_numpy(zero_copy_only=False), dtype=np.float64)
        for name in found.column_names
        if name != "pair"
    }


def _rarest_words(space: Vectors, candidates: Candidates) -> Columns:
    """Give the weight of the rarest word that both hold, and of the rarest that only one of them holds."""
    shared, unshared = np.zeros(len(candidates)), np.zeros(len(candidates))
    left, right = _weighed(space.left, space.idf), _weighed(space.right, space.idf)
    for start in range(0, len(candidates), 50_000):
        part = slice(start, start + 50_000)
        a, b = left[candidates.left[part]], right[candidates.right[part]]
        both = a.minimum(b)
        shared[part] = both.max(axis=1).toarray().ravel()
        unshared[part] = np.minimum((a - both).max(axis=1).toarray(), (b - both).max(axis=1).toarray()).ravel()
    return {"rarest_shared": shared, "rarest_unshared": unshared}


def _weighed(matrix: Any, idf: Scores) -> Any:
    weighed = matrix.copy()
    weighed.data = idf[matrix.indices]
    return weighed
