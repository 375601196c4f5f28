"""Texts folded so that spellings of one name meet: case, accents, transliterations and punctuation go."""

# Letters that Unicode does not take apart, as people without such keys write them.
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
# "Krüger", "Krueger" and "Kruger" must meet: both the accent and its two-letter writing fold to the bare vowel.
_DIGRAPHS = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}

LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "aktiengesellschaft", "aps", "as", "asa", "bhd", "bv", "bvba", "co", "company", "corp",
        "corporation", "cv", "doo", "eg", "eirl", "ek", "gbr", "ges", "gesmbh", "gmbh", "inc", "incorporated",
        "kft", "kg", "kgaa", "kk", "lda", "limitada", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv",
        "ohg", "oo", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa", "sarl", "sas", "sca", "se", "sia", "sl", "sp",
        "spa", "spj", "spk", "spol", "spolka", "sprl", "srl", "sro", "tov", "uab", "ug", "zoo", "zrt",
    }
)  # fmt: skip
"""Words that say how a company is constituted, not which company it is, in folded form."""


def sql_folded(expression: str) -> str:
    """Give the SQL (DuckDB) that folds a text to lower-case words of a-z, 0-9 and foreign letters, one space between.

    Points inside abbreviations vanish (`S.p.A.` gives `spa`), all other punctuation separates words.
    """
    text = f"lower(strip_accents(CAST({expression} AS VARCHAR)))"
    for letter, plain in _LETTERS.items():
        text = f"replace({text}, '{letter}', '{plain}')"
    for digraph, vowel in _DIGRAPHS.items():
        text = f"replace({text}, '{digraph}', '{vowel}')"
    text = rf"regexp_replace({text}, '\b(\pL)[./]', '\1', 'g')"
    text = f"replace(replace({text}, '''', ''), '\u2019', '')"
    return rf"trim(regexp_replace({text}, '[^\pL\pN]+', ' ', 'g'))"


def sql_without_legal_form(folded: str) -> str:
    """Give the SQL that takes the legal form off a folded name; a name that is nothing else stays whole."""
    words = ", ".join(f"'{word}'" for word in sorted(LEGAL_FORMS))
    split = f"string_split(regexp_replace({folded}, ' (sp|spolka) z oo( |$)', ' '), ' ')"
    kept = f"trim(array_to_string(list_filter({split}, lambda word: word NOT IN ({words})), ' '))"
    return f"coalesce(nullif({kept}, ''), {folded})"
