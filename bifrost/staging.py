"""Staging: immutable, content-addressed objects (Parquet batches, JSON manifests, file contents).

An object's name is the digest of its bytes, so that writing it twice is writing it once, and a killed writer
leaves a temporary file behind, never half an object.
"""

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from bifrost.errors import StagingDamaged, StorageFull

DIGEST_BYTES = 20
_SAMPLE_ROWS = 8_192
_REPEATING_SHARE = 0.2
ROW_GROUP_ROWS = 122_880
"""Rows per Parquet row group: the vector block of DuckDB, so that a scan wastes nothing."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: its name, and the rows if it is a batch."""

    digest: str
    size_bytes: int
    rows: int = 0


class _Hashing:
    """A binary file that digests what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.hash, self.size_bytes = file, hashlib.blake2b(digest_size=DIGEST_BYTES), 0

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self.hash.update(view)
        self.size_bytes += view.nbytes
        return self.file.write(view)

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        pass

    @property
    def closed(self) -> bool:
        return self.file.closed


class Staging:
    """A folder of immutable objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects = folder / "objects"
        self.incoming = folder / "incoming"

    def put_table(self, content: pa.Table | pa.RecordBatchReader) -> Stored:
        """Write a table or a stream of batches as one Parquet object; memory stays at one batch."""
        with self._writing(".parquet") as file:
            rows = 0
            batches = _sized_batches(content)
            first = next(batches, None)
            repeating = _repeating(first) if first is not None else False
            output = pa.PythonFile(file, "w")
            with pq.ParquetWriter(output, content.schema, compression="zstd", use_dictionary=repeating) as writer:
                for batch in batches if first is None else chain([first], batches):
                    writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
                    rows += batch.num_rows
        return Stored(f"{file.hash.hexdigest()}.parquet", file.size_bytes, rows)

    def put_json(self, value: Any) -> str:
        """Write a manifest and return its digest."""
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return self.put_bytes([text.encode()], suffix=".json").digest

    def put_bytes(self, chunks: Iterable[bytes], suffix: str = "") -> Stored:
        """Write the bytes of a file, chunk by chunk."""
        with self._writing(suffix) as file:
            for chunk in chunks:
                file.write(chunk)
        return Stored(f"{file.hash.hexdigest()}{suffix}", file.size_bytes)

    def put_stream(self, stream: BinaryIO, suffix: str = "") -> Stored:
        """Write all that a binary stream gives."""
        return self.put_bytes(iter(lambda: stream.read(1 << 20), b""), suffix)

    def has(self, digest: str) -> bool:
        """Tell whether the object is here."""
        return self._path(digest).exists()

    def path(self, digest: str) -> Path:
        """Give the object's file.

        Raises:
            StagingDamaged: the object is not there.
        """
        path = self._path(digest)
        if not path.exists():
            raise StagingDamaged(digest, "it is missing")
        return path

    def content(self, digest: str) -> bytes:
        """Read a file whole, and check it; what is damaged is taken away, so that it is made anew.

        Raises:
            StagingDamaged: the object is not there, or does not hold what its digest says.
        """
        path = self.path(digest)
        content = path.read_bytes()
        if hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest() != digest.partition(".")[0]:
            path.unlink(missing_ok=True)
            raise StagingDamaged(digest, "its content is not what its name says")
        return content

    def json(self, digest: str) -> Any:
        """Read a manifest."""
        try:
            return json.loads(self.path(digest).read_bytes())
        except ValueError as error:
            raise StagingDamaged(digest, str(error)) from error

    def table(self, digests: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """Read batches whole; only for what is small by nature (manifests' batches, proposals, profiles)."""
        tables = [pq.read_table(self.path(digest), columns=columns) for digest in digests]
        return pa.concat_tables(tables, promote_options="default")

    def paths(self, digests: Iterable[str]) -> list[str]:
        """Give the files of several batches, as DuckDB's read_parquet takes them."""
        return [str(self.path(digest)) for digest in digests]

    def sweep(self, keep: set[str]) -> int:
        """Delete every object that is not in `keep`, and return how many went."""
        gone = 0
        for path in self.objects.glob("*/*"):
            if path.name not in keep:
                path.unlink()
                gone += 1
        return gone

    def _path(self, digest: str) -> Path:
        return self.objects / digest[:2] / digest

    @contextmanager
    def _writing(self, suffix: str) -> Iterator[_Hashing]:
        self.incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                hashing = _Hashing(file)
                yield hashing
                file.flush()
                os.fsync(file.fileno())
            target = self._path(f"{hashing.hash.hexdigest()}{suffix}")
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(target)
        except OSError as error:
            Path(name).unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(str(self.folder)) from error
            raise
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sized_batches(content: pa.Table | pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Cut a table into row groups; gather the small batches of a stream so that they do not become small groups."""
    if isinstance(content, pa.Table):
        yield from content.to_batches(max_chunksize=ROW_GROUP_ROWS)
        return
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in content:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= ROW_GROUP_ROWS:
            yield from _together(waiting, content.schema)
            waiting, rows = [], 0
    yield from _together(waiting, content.schema)


def _repeating(batch: pa.RecordBatch) -> list[str] | bool:
    """Name the columns whose values repeat, by a sample; for others a dictionary costs more than it saves."""
    sample = batch.slice(0, _SAMPLE_ROWS)
    most = _REPEATING_SHARE * sample.num_rows
    plain = [field.name for field in batch.schema if not pa.types.is_nested(field.type)]
    nested = len(plain) < len(batch.schema.names) or len(set(plain)) < len(plain)
    return nested or [name for name in plain if len(sample.column(name).unique()) <= most]


def _together(batches: list[pa.RecordBatch], schema: pa.Schema) -> list[pa.RecordBatch]:
    return list(pa.Table.from_batches(batches, schema=schema).combine_chunks().to_batches())
