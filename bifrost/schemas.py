"""The Arrow schemas of the batches that stages hand to each other."""

import pyarrow as pa

ROW, ITEM, PLACE = "_row", "_item", "_place"

RECORD_COLUMNS = (
    pa.field(ROW, pa.string(), nullable=False),
    pa.field(ITEM, pa.string(), nullable=False),
    pa.field(PLACE, pa.string(), nullable=False),
)
"""Every batch of records starts with these: the row's key (values of the table's key joined with "|", else a
digest of the row), the item it came from, and its place there ("row 12", "page 1, table 2, row 3").
The fields of the table follow in their own types."""

VERSION = "_version"
"""A column of staged table items only: what the source's own engine sums a row up to, to tell later whether it
changed. Nobody reads it as a field."""

PERCEPTUAL_HASH, PERCEPTUAL_HASH_BITS = "perceptual_hash", 128
"""A field of records of pictures: what a picture looks like, in hexadecimal; near-duplicates differ in few bits."""

BLOCKS = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),  # number within the item, in reading order
        pa.field("page", pa.int32(), nullable=False),  # from 1; slides and sheets count as pages
        pa.field("kind", pa.string(), nullable=False),  # heading, text, list, table, note, label, code
        pa.field("text", pa.string(), nullable=False),
        pa.field("x0", pa.float32()),  # box as shares of the page's width and height, from the top left
        pa.field("y0", pa.float32()),
        pa.field("x1", pa.float32()),
        pa.field("y1", pa.float32()),
        pa.field("confidence", pa.float32(), nullable=False),
        pa.field("method", pa.string(), nullable=False),  # text-layer, ocr, markup, barcode, script, vision
    ]
)
"""Pieces of text of a document, in reading order."""

MENTIONS = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),
        pa.field("page", pa.int32(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),  # offset in the block's text
        pa.field("end", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),  # ORG, PERSON, IBAN, CODE, BARCODE, ...
        pa.field("value", pa.string(), nullable=False),  # normalised form
        pa.field("confidence", pa.float32(), nullable=False),
        pa.field("place", pa.string(), nullable=False),  # "page 1, block 4"
        pa.field("method", pa.string(), nullable=False),
    ]
)
"""Names, identifiers and values found in blocks."""

CLAIMS = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),
        pa.field("page", pa.int32(), nullable=False),
        pa.field("subject_start", pa.int32(), nullable=False),  # offsets in the block's text
        pa.field("subject_end", pa.int32(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),  # as written
        pa.field("subject_label", pa.string(), nullable=False),  # of the mention; "" for an unlabelled name
        pa.field("relation", pa.string(), nullable=False),  # a pack's relation, a property, or a phrase in normal form
        pa.field("phrase", pa.string(), nullable=False),  # what stands between subject and object
        pa.field("kind", pa.string(), nullable=False),  # typed, open
        pa.field("object_start", pa.int32(), nullable=False),
        pa.field("object_end", pa.int32(), nullable=False),
        pa.field("object", pa.string(), nullable=False),
        pa.field("object_label", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),  # the object's normal form
        pa.field("datatype", pa.string(), nullable=False),  # date, quantity, money, percent; "" when it is a thing
        pa.field("negated", pa.bool_(), nullable=False),
        pa.field("hedged", pa.bool_(), nullable=False),  # may, suspected, a question
        pa.field("confidence", pa.float32(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),  # pattern, measure, phrase
    ]
)
"""What sentences state about two mentions."""

DOCUMENTS = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("media_type", pa.string(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),  # the blocks joined, for search; at most 100,000 characters
    ]
)
"""One row per file that holds text."""

PROFILES = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("type", pa.string(), nullable=False),  # text, integer, number, boolean, date, timestamp
        pa.field("semantic", pa.string(), nullable=False),  # identifier, name, category, measure, date, email, ...
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("nulls", pa.int64(), nullable=False),
        pa.field("distinct", pa.int64(), nullable=False),
        pa.field("unique", pa.bool_(), nullable=False),  # no nulls and no value twice
        pa.field("key", pa.bool_(), nullable=False),  # part of the table's key
        pa.field("minimum", pa.string()),
        pa.field("maximum", pa.string()),
        pa.field("mean_length", pa.float32()),
        pa.field("samples", pa.list_(pa.string()), nullable=False),  # up to 20 frequent values
        pa.field("formats", pa.list_(pa.string()), nullable=False),  # character shapes such as "A-9999", by frequency
        pa.field("sketch", pa.list_(pa.uint64()), nullable=False),  # bottom-k hashes of folded values
        pa.field("quantiles", pa.list_(pa.float64()), nullable=False),  # of numbers, and of dates as days; or empty
        pa.field("grams", pa.list_(pa.float32()), nullable=False),  # hashed letters of the values; or empty
        pa.field("value_words", pa.list_(pa.uint64()), nullable=False),  # bottom-k hashes of words in the values
        pa.field("embedding", pa.list_(pa.float32()), nullable=False),  # of name, table context and values; or empty
    ]
)
"""One row per field of every logical table."""

MATCHES = pa.schema(
    [
        pa.field("left_source", pa.string(), nullable=False),
        pa.field("left_table", pa.string(), nullable=False),
        pa.field("left_field", pa.string(), nullable=False),
        pa.field("right_source", pa.string(), nullable=False),
        pa.field("right_table", pa.string(), nullable=False),
        pa.field("right_field", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("probability_if_same_things", pa.float64(), nullable=False),
        pa.field("because", pa.string(), nullable=False),  # JSON list of {feature, value, weight}
    ]
)
"""Fields of different tables that mean the same, best first.

`name` means something else in every table, unless two tables hold the same kind of thing: the second probability holds
then. Fields are listed by either.
"""
LEAST_MATCH = 0.3
"""Fields of which a match says less mean the same at most where their tables hold the same things."""

VALUE_MATCHES = pa.schema(
    [
        pa.field("left_source", pa.string(), nullable=False),
        pa.field("left_table", pa.string(), nullable=False),
        pa.field("left_field", pa.string(), nullable=False),
        pa.field("left_value", pa.string(), nullable=False),
        pa.field("right_source", pa.string(), nullable=False),
        pa.field("right_table", pa.string(), nullable=False),
        pa.field("right_field", pa.string(), nullable=False),
        pa.field("right_value", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
    ]
)
"""Values of two coded fields that mean the same; a value of the left field has one partner at most."""

PAIRS = pa.schema(
    [
        pa.field("left_row", pa.string(), nullable=False),
        pa.field("right_row", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("because", pa.string(), nullable=False),
    ]
)
"""Records of two tables (or of one) that may be the same thing."""

MENTION_LINKS = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),  # of the document
        pa.field("item", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("to_source", pa.string(), nullable=False),
        pa.field("to_table", pa.string(), nullable=False),
        pa.field("to_row", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),  # identifier, name
        pa.field("probability", pa.float64(), nullable=False),
    ]
)
"""Mentions in documents and the records that they name."""

IDENTITY = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("row", pa.string(), nullable=False),
        pa.field("iri", pa.string(), nullable=False),
    ]
)
"""Records whose entity is not the one named after the record itself (they were merged)."""

FACTS = pa.schema(
    [
        pa.field("graph", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("predicate", pa.string(), nullable=False),
        pa.field("object", pa.string(), nullable=False),
        pa.field("datatype", pa.string(), nullable=False),  # datatype IRI of a literal; "" when object is an IRI
        pa.field("source", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),
    ]
)
"""Supports of facts: one row says that a quad was seen at a place. A quad lives while one support does."""

QUAD = ("graph", "subject", "predicate", "object", "datatype")
