"""What people said of names, honoured in the mentions and claims of a source's documents."""

import pyarrow as pa
import pyarrow.compute as pc

from bifrost.names import SaidOfNames

_BETWEEN = "\x1f"


def corrected_mentions(mentions: pa.Table, said: SaidOfNames) -> pa.Table:
    """Give the mentions (`bifrost.schemas.MENTIONS`) without denied names, with the labels that people gave."""
    denied = _is_denied(mentions["text"], mentions["label"], said)
    texts = pa.array([text for text, _ in said.instead], pa.string())
    labels = pa.array([label for _, label in said.instead], pa.string())
    given = labels.take(pc.index_in(_folded(mentions["text"]), texts).combine_chunks())
    relabelled = pc.if_else(denied, given, mentions["label"].combine_chunks())
    place = mentions.schema.get_field_index("label")
    kept = mentions.set_column(place, pa.field("label", pa.string()), relabelled).filter(pc.is_valid(relabelled))
    return kept.cast(mentions.schema)


def corrected_claims(claims: pa.Table, said: SaidOfNames) -> pa.Table:
    """Give the claims (`bifrost.schemas.CLAIMS`) that are not about a denied name."""
    about = [_is_denied(claims[end], claims[f"{end}_label"], said) for end in ("subject", "object")]
    return claims.filter(pc.invert(pc.or_(*about)))


def _is_denied(texts: pa.ChunkedArray, labels: pa.ChunkedArray, said: SaidOfNames) -> pa.Array:
    known = pa.array([_BETWEEN.join(pair) for pair in sorted(said.denied)], pa.string())
    return pc.is_in(pc.binary_join_element_wise(_folded(texts), labels, _BETWEEN), known).combine_chunks()


def _folded(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(texts), r"\s+", " "))
