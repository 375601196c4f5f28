"""The layout of the text index: its fields, and its cursor, which is a document so that both are committed at once."""

from pathlib import Path
from typing import Any

KEY, LABEL, EXACT, WORDS, TEXT = "key", "label", "exact", "words", "text"
TYPE, KIND, SOURCE, GRAPH, NUMBER, CURSOR = "type", "kind", "source", "graph", "number", "cursor"

CURSOR_KEY = "cursor:"
"""Key of the document that holds the cursor; no IRI looks so."""


def open_index(folder: Path) -> Any:
    """Open the index in `folder`, or make it."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    return tantivy.Index(_schema(), path=str(folder))


def read_cursor(index: Any) -> str | None:
    """Give the digest of the snapshot that the index shows."""
    import tantivy

    searcher = index.searcher()
    query = tantivy.Query.term_query(index.schema, KEY, CURSOR_KEY)
    hits = searcher.search(query, limit=1, count=False).hits
    return str(searcher.doc(hits[0][1]).get_first(CURSOR)) if hits else None


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for name in (KEY, TYPE, SOURCE, GRAPH, CURSOR):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (EXACT, KIND):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (LABEL, TEXT):
        builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
    builder.add_text_field(WORDS, tokenizer_name="default", index_option="basic")
    builder.add_unsigned_field(NUMBER, stored=True, indexed=True)
    return builder.build()
