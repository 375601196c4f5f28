"""Claims of a document: its blocks and mentions go in, rows of `bifrost.schemas.CLAIMS` come out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from bifrost.config import Extraction
from bifrost.schemas import CLAIMS
from extractors.claims.ends import End, choose_ends, grouped
from extractors.claims.reading import FoundClaim, claims_of
from extractors.claims.sentences import Sentence, sentences
from extractors.packs.pack import load_packs

VERSION = 1
"""Part of every checkpoint: raise it when the claims of the same text may differ."""

_MOST_ENDS = 40
"""What names more things than that is a list, not a sentence."""


class ClaimFinder:
    """Finds what sentences state about their mentions, with the relations of the packs that the settings name."""

    def __init__(self, settings: Extraction) -> None:
        packs = load_packs(settings.packs)
        self._relations = list(dict.fromkeys(each for pack in packs for each in pack.relations))

    def find(self, text: str, mentions: Sequence[End]) -> Iterator[FoundClaim]:
        """Give the claims of one text."""
        ends = choose_ends(text, mentions)
        if len(ends) < 2:
            return
        kept = bytearray(len(text))
        for each in ends:
            kept[each.start : max(each.end - 1, each.start)] = b"\1" * max(each.end - 1 - each.start, 0)
        at = 0
        for start, end in sentences(text, kept):
            inside = []
            while at < len(ends) and ends[at].start < end:
                inside.append(ends[at])
                at += 1
            if 1 < len(inside) <= _MOST_ENDS:
                yield from claims_of(Sentence(text, start, end, grouped(text, inside)), self._relations)

    def table(self, blocks: pa.Table, mentions: pa.Table) -> pa.Table:
        """Give the claims of a document; `blocks` and `mentions` follow the schemas of the same names."""
        by_block = _by_block(mentions)
        columns: dict[str, list[Any]] = {name: [] for name in CLAIMS.names}
        for block in blocks.select(["item", "block", "page", "text"]).to_pylist():
            ends = by_block.get((block["item"], block["block"]))
            if not ends:
                continue
            for claim in self.find(block["text"], ends):
                for name, value in _row(block, claim).items():
                    columns[name].append(value)
        return pa.table([pa.array(columns[each.name], each.type) for each in CLAIMS], schema=CLAIMS)


def _by_block(mentions: pa.Table) -> Mapping[tuple[str, int], list[End]]:
    found: dict[tuple[str, int], list[End]] = {}
    names = ["item", "block", "start", "end", "text", "label", "value", "confidence"]
    for item, block, *rest in zip(*(mentions[name].to_pylist() for name in names), strict=True):
        found.setdefault((item, block), []).append(End(*rest))
    return found


def _row(block: Mapping[str, Any], claim: FoundClaim) -> dict[str, Any]:
    return {
        "item": block["item"],
        "block": block["block"],
        "page": block["page"],
        "subject_start": claim.subject.start,
        "subject_end": claim.subject.end,
        "subject": claim.subject.text,
        "subject_label": claim.subject.label,
        "relation": claim.relation,
        "phrase": claim.phrase,
        "kind": claim.kind,
        "object_start": claim.object.start,
        "object_end": claim.object.end,
        "object": claim.object.text,
        "object_label": claim.object.label,
        "value": claim.object.value,
        "datatype": claim.object.datatype,
        "negated": claim.negated,
        "hedged": claim.hedged,
        "confidence": claim.confidence,
        "place": f"page {block['page']}, block {block['block']}",
        "method": claim.method,
    }
