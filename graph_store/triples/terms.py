"""SQL (DuckDB) that writes the terms of facts as N-Quads and SPARQL do, and tells which facts cannot be written."""

from bifrost.iris import XSD_STRING, sql_text

_BEYOND_ASCII = (
    (0xA0, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFEF),
    *((n << 16, n << 16 | 0xFFFD) for n in range(1, 14)),
)
_UCS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _BEYOND_ASCII)
_UNRESERVED = rf"A-Za-z0-9\-._~{_UCS}"
_SUB_DELIMITERS = r"!$&'()*+,;="
_ESCAPED = "%[0-9A-Fa-f]{2}"
_PATH = rf"(?:[{_UNRESERVED}{_SUB_DELIMITERS}:@/]|{_ESCAPED})*"
_HOST = rf"(?:[{_UNRESERVED}{_SUB_DELIMITERS}]|{_ESCAPED})*"
_USER = rf"(?:[{_UNRESERVED}{_SUB_DELIMITERS}:]|{_ESCAPED})*@"
_TAIL = rf"(?:[{_UNRESERVED}{_SUB_DELIMITERS}:@/?]|{_ESCAPED})*"

IRI = (
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?://(?:{_USER})?{_HOST}(?::[0-9]*)?(?:/{_PATH})?"
    rf"|/|/?(?:[{_UNRESERVED}{_SUB_DELIMITERS}:@]|{_ESCAPED}){_PATH}|)(?:\?{_TAIL})?(?:#{_TAIL})?"
)
"""Absolute IRIs (RFC 3987) without address literals in brackets, as RE2 and Python read regular expressions."""

_LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def iri(column: str) -> str:
    """Give the SQL that writes an IRI."""
    return f"'<' || {column} || '>'"


def literal(value: str, datatype: str) -> str:
    """Give the SQL that writes a literal; both arguments are SQL expressions."""
    escaped = value
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        escaped = f"replace({escaped}, {_character(character)}, {sql_text(written)})"
    plain = f"{datatype} IN ({sql_text(XSD_STRING)}, {sql_text(_LANGUAGE_STRING)})"
    return f"""'"' || {escaped} || CASE WHEN {plain} THEN '"' ELSE '"^^<' || {datatype} || '>' END"""


def term(value: str, datatype: str) -> str:
    """Give the SQL that writes an object: an IRI when its datatype is empty."""
    return f"CASE WHEN {datatype} = '' THEN {iri(value)} ELSE {literal(value, datatype)} END"


def triple() -> str:
    """Give the SQL that writes subject, predicate and object of a fact."""
    return f"{iri('subject')} || ' ' || {iri('predicate')} || ' ' || {term('object', 'datatype')}"


def as_quad(triple: str, graph: str) -> str:
    """Give the SQL that writes a line of N-Quads; both arguments are SQL expressions."""
    return f"{triple} || ' ' || {graph} || ' .' || chr(10)"


def as_pattern(triple: str, graph: str) -> str:
    """Give the SQL that writes a quad as SPARQL updates do; both arguments are SQL expressions."""
    return f"'GRAPH ' || {graph} || ' {{ ' || {triple} || ' }}' || chr(10)"


def valid_iri(expression: str) -> str:
    """Give the SQL condition under which a text is an absolute IRI."""
    return f"regexp_full_match({expression}, {sql_text(IRI)})"


def valid() -> str:
    """Give the SQL condition under which a store can hold a fact."""
    parts = [valid_iri(column) for column in ("graph", "subject", "predicate")]
    parts.append(valid_iri("CASE WHEN datatype = '' THEN object ELSE datatype END"))
    return " AND ".join(parts)


def _character(character: str) -> str:
    return f"chr({ord(character)})"
