"""What is done with one file: extract, find mentions, and leave everything in staging."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from bifrost.config import Extraction
from bifrost.digests import digest_of
from bifrost.model import Item, Mention
from bifrost.ports import Extract, FoundTable
from bifrost.schemas import ITEM, MENTIONS
from bifrost.staging import Staging
from extractors.claims.finder import ClaimFinder
from extractors.forms.training import forms_model_identity
from extractors.images.record import PICTURE
from extractors.pages.journal import PageJournal, PageJournals, Say, say_nothing
from extractors.pages.paging import PagedExtractor, Paging
from extractors.selection import annotators, extractors

VERSION = 2
"""Part of every checkpoint: raise it when what is kept of a file changes."""

_OF_NO_EFFECT = {
    *("workers", "item_timeout_seconds", "item_memory_mb"),
    *("annotators", "packs", "name_engine", "embeddings"),
    *("scripts", "vision"),  # they are part of the version of the extractor that uses them
}
_NO_TEXT = "neither text nor a table with rows was found in it"


def reading_settings(settings: Extraction) -> dict[str, Any]:
    """Give the settings that make a difference to what is read from a page, whichever extractor reads it."""
    return {
        **settings.model_dump(exclude=_OF_NO_EFFECT),
        "forms_model": forms_model_identity(settings.forms_model),
    }


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was found in a file; the content itself lies in staging under the digests."""

    media_type: str = ""
    title: str = ""
    pages: int = 0
    tables: Sequence[Mapping[str, Any]] = ()
    """name, kind, digest, rows, fields (names) and types of each found table."""
    blocks: str = ""
    mentions: str = ""
    mention_count: int = 0
    claims: str = ""
    rejects: Sequence[Sequence[str]] = field(default=())
    """(place, reason) of what could not be read."""

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "Manifest":
        """Read one from staging."""
        return cls(**staging.json(digest))

    def store(self, staging: Staging) -> str:
        """Write it and give its digest."""
        return staging.put_json({name: getattr(self, name) for name in self.__slots__})


class FileReader:
    """Reads files one after the other; lives in a worker process."""

    def __init__(self, staging: Staging, settings: Extraction, cache: Path) -> None:
        self._staging = staging
        self._journals = PageJournals(cache)
        self._settings = reading_settings(settings)
        self._extractors = extractors(settings, cache)
        self._annotators = annotators(settings)
        self._claims = ClaimFinder(settings)

    def read(
        self,
        item: Item,
        extractor: str,
        *,
        say: Say = say_nothing,
        given_up: Mapping[int, str] | None = None,
    ) -> str:
        """Give the digest of the file's manifest; the item's fingerprint names its content in staging.

        `say` is told how far a file of many pages is; pages that are `given_up` are not tried again.

        Raises:
            ItemUnreadable: the file is broken as a whole.
        """
        reader, file = self._extractors[extractor], self._staging.path(item.fingerprint)
        if not isinstance(reader, PagedExtractor):
            return self._kept(item, reader.extract(item, file))
        journal = self._journal(item, reader, say)
        manifest = self._kept(item, reader.extract_pages(item, file, Paging(journal, given_up)))
        journal.forget()
        return manifest

    def _journal(self, item: Item, reader: PagedExtractor, say: Say) -> PageJournal:
        reading = digest_of([item.source, item.key, reader.name, reader.version, self._settings])
        return self._journals.open(item.fingerprint, reading, say)

    def _kept(self, item: Item, extract: Extract) -> str:
        """Leave everything in staging."""
        tables = [self._stored(item, table) for table in extract.tables]
        blocks = extract.blocks if extract.blocks is not None and extract.blocks.num_rows else None
        mentions = self._mentions(blocks) if blocks is not None else None
        claims = self._claims.table(blocks, mentions) if blocks is not None else None
        return Manifest(
            media_type=extract.media_type,
            title=extract.title,
            pages=extract.pages,
            tables=tables,
            blocks=self._staging.put_table(blocks).digest if blocks is not None else "",
            mentions=self._staging.put_table(mentions).digest if mentions is not None else "",
            mention_count=mentions.num_rows if mentions is not None else 0,
            claims=self._staging.put_table(claims).digest if claims is not None and claims.num_rows else "",
            rejects=_rejects(extract, empty=blocks is None and not any(map(_says_something, tables))),
        ).store(self._staging)

    def _stored(self, item: Item, table: FoundTable) -> dict[str, Any]:
        rows = _with_item(table.rows, item.key)
        stored = self._staging.put_table(rows)
        fields = list(rows.schema)[2:]
        return {
            "name": table.name,
            "kind": table.kind,
            "digest": stored.digest,
            "rows": stored.rows,
            "fields": [each.name for each in fields],
            "types": [str(each.type) for each in fields],
        }

    def _mentions(self, blocks: pa.Table) -> pa.Table:
        texts = blocks["text"].to_pylist()
        rows: dict[str, list[Any]] = {name: [] for name in MENTIONS.names}
        for name, annotator in self._annotators.items():
            for number, mentions in enumerate(annotator.annotate(texts)):
                _append(rows, blocks, number, mentions, name)
        for number, method in enumerate(blocks["method"].to_pylist()):
            if method == "barcode":
                text = texts[number]
                _append(rows, blocks, number, [Mention(text, "BARCODE", text, 0, len(text), 1.0)], "barcode")
        found = pa.table([pa.array(rows[each.name], each.type) for each in MENTIONS], schema=MENTIONS)
        return found.sort_by([(name, "ascending") for name in ("block", "start", "end", "method", "label")])


def _append(
    rows: dict[str, list[Any]], blocks: pa.Table, number: int, mentions: Sequence[Mention], method: str
) -> None:
    if not mentions:
        return
    item, block, page = (blocks[name][number].as_py() for name in ("item", "block", "page"))
    for mention in mentions:
        values = (
            item,
            block,
            page,
            mention.start,
            mention.end,
            mention.text,
            mention.label,
            mention.value,
            mention.confidence,
            f"page {page}, block {block}",
            method,
        )
        for column, value in zip(rows.values(), values, strict=True):
            column.append(value)


def _with_item(rows: pa.Table | pa.RecordBatchReader, key: str) -> pa.Table | pa.RecordBatchReader:
    """Put the item in front, so that the rows of many files can be read as one table."""
    schema = pa.schema([pa.field(ITEM, pa.string()), *rows.schema])
    if isinstance(rows, pa.Table):
        items = pa.array([key] * rows.num_rows, pa.string())
        return pa.table([items, *rows.columns], schema=schema)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            items = pa.repeat(pa.scalar(key, pa.string()), batch.num_rows)
            yield pa.RecordBatch.from_arrays([items, *batch.columns], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _says_something(table: Mapping[str, Any]) -> bool:
    """Tell whether a stored table has rows; what a camera wrote about a picture is not what the picture says."""
    return table["kind"] != PICTURE and bool(table["rows"])


def _rejects(extract: Extract, *, empty: bool) -> list[tuple[str, str]]:
    """Give the rejects; a file that gave nothing at all says so."""
    rejects = list(extract.rejects)
    return rejects if rejects or not empty else [("", _NO_TEXT)]
