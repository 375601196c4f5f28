"""Staging is content-addressed, whole or absent."""

import errno

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifrost.errors import StagingDamaged, StorageFull
from bifrost.staging import ROW_GROUP_ROWS, Staging


@pytest.fixture
def staging(tmp_path):
    return Staging(tmp_path)


def test_the_same_table_written_twice_is_one_object(staging):
    table = pa.table({"a": [1, 2, 3]})
    assert staging.put_table(table) == staging.put_table(table)
    assert len(list(staging.objects.glob("*/*"))) == 1


def test_a_stream_in_small_batches_gives_the_same_object_as_the_whole_table(staging):
    table = pa.table({"a": list(range(ROW_GROUP_ROWS + 1000))})
    streamed = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=ROW_GROUP_ROWS))
    assert staging.put_table(streamed).digest == staging.put_table(table).digest


def test_an_empty_stream_keeps_its_columns(staging):
    schema = pa.schema([("a", pa.string())])
    stored = staging.put_table(pa.RecordBatchReader.from_batches(schema, []))
    assert stored.rows == 0
    assert staging.table([stored.digest]).schema.names == ["a"]


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_manifest_reads_back_as_it_was_written(tmp_path_factory, value):
    staging = Staging(tmp_path_factory.mktemp("staging"))
    assert staging.json(staging.put_json(value)) == value


def test_a_writer_that_fails_leaves_nothing_behind(staging):
    def chunks():
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        staging.put_bytes(chunks())
    assert not list(staging.incoming.iterdir())
    assert not staging.objects.exists()


def test_a_full_disk_is_said_plainly_and_leaves_nothing_behind(staging):
    def chunks():
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="free some and run again"):
        staging.put_bytes(chunks())
    assert not list(staging.incoming.iterdir())


def test_a_missing_object_is_named_with_the_remedy(staging):
    with pytest.raises(StagingDamaged, match="bifrost run"):
        staging.path("0" * 40)


def test_a_sweep_deletes_only_what_nobody_keeps(staging):
    kept, lost = staging.put_json({"a": 1}), staging.put_json({"b": 2})
    assert staging.sweep({kept}) == 1
    assert staging.has(kept)
    assert not staging.has(lost)
