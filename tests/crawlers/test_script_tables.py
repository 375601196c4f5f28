"""Tables out of scripts: values that fit and values that do not, streams that break off, and changes."""

import json
import math
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifrost.errors import ConnectorFailed, ItemUnreadable, SourceDamaged, SourceUnreachable
from bifrost.scripts.columns import TYPES, column
from bifrost.staged_rows import StagedRows
from tests.crawlers.script_source import COMPLETE, answering, columns, crawler, file, lines, python, table


def _read(source: Any, *key: str) -> tuple[pa.Table, list[tuple[str, str]]]:
    rows = source.fetch(table(*key))
    return rows.batches.read_all(), list(rows.rejects)


# ---- values


def test_values_take_their_declared_types(tmp_path):
    header = columns(a="text", b="integer", c="number", d="boolean", e="date", f="timestamp")
    first = ["N° 1", 1 << 62, 0.5, True, "2026-03-01", "2026-03-01T12:30:00.25"]
    read, rejects = _read(answering(tmp_path, header, first, [None] * 6, COMPLETE))
    assert read.schema.types == list(TYPES.values())
    assert list(read.to_pylist()[0].values()) == [
        "N° 1", 1 << 62, 0.5, True, date(2026, 3, 1), datetime(2026, 3, 1, 12, 30, 0, 250_000),
    ]  # fmt: skip
    assert set(read.to_pylist()[1].values()) == {None}
    assert rejects == []


@pytest.mark.parametrize(
    ("kind", "value", "expected", "reason"),
    [
        ("text", 5, "5", ""),
        ("text", True, "true", ""),
        ("text", {"b": [1, None]}, '{"b": [1, null]}', ""),
        ("text", ["é"], '["é"]', ""),
        ("text", "\ud83d\ude00", "😀", ""),
        ("text", "x\ud800", "x\ufffd", "half a character"),
        ("integer", 5.0, 5, ""),
        ("integer", -(1 << 63), -(1 << 63), ""),
        ("integer", 1 << 63, None, "beyond 64 bits"),
        ("integer", 10**400, None, "beyond 64 bits"),
        ("integer", 1.5, None, "a number, no integer"),
        ("integer", True, None, "true or false, no integer"),
        ("integer", "5", None, "a text, no integer"),
        ("integer", math.inf, None, "no integer"),
        ("number", 5, 5.0, ""),
        ("number", (1 << 53) + 1, float(1 << 53), ""),
        ("number", 10**400, None, "no finite number"),
        ("number", math.nan, None, "no finite number"),
        ("number", math.inf, None, "no finite number"),
        ("number", "0.5", None, "a text, no number"),
        ("number", False, None, "true or false, no number"),
        ("boolean", 1, None, "an integer, not true or false"),
        ("boolean", "true", None, "a text, not true or false"),
        ("date", "2026-13-01", None, "a text, no date"),
        ("date", 20260301, None, "an integer, no date"),
        ("timestamp", "2026-03-01T12:30:00Z", datetime(2026, 3, 1, 12, 30), ""),
        ("timestamp", "2026-03-01T12:30:00+02:00", datetime(2026, 3, 1, 10, 30), ""),
        ("timestamp", "0001-01-01T00:00:00+14:00", None, "no time"),
        ("timestamp", "noon", None, "a text, no time"),
        ("timestamp", {}, None, "an object, no time"),
    ],
)
def test_a_value_that_does_not_fit_is_left_out_with_the_reason(tmp_path, kind, value, expected, reason):
    good = {"text": "x", "integer": 1, "number": 1.5, "boolean": True, "date": "2026-01-01", "timestamp": "2026-01-01"}
    read, rejects = _read(answering(tmp_path, columns(v=kind), [good[kind]], [value], COMPLETE))
    assert read.num_rows == 2
    assert read.column("v")[1].as_py() == expected
    assert read.column("v")[0].as_py() is not None
    assert [place for place, _ in rejects] == (["row 2, v"] if reason else [])
    assert all(reason in each for _, each in rejects)


@given(
    st.sampled_from(list(TYPES)),
    st.lists(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.lists(st.integers()),
        max_size=5,
    ),
)
def test_any_values_make_a_column_or_faults(kind, values):
    array, faults = column(kind, values)
    array.validate(full=True)
    assert len(array) == len(values)
    assert array.type == TYPES[kind]
    lost = {at for at, value in enumerate(values) if value is not None and not array[at].is_valid}
    assert lost <= faults.keys()


def test_columns_get_names_that_nobody_else_uses(tmp_path):
    names = ["_row", "_ITEM", "_version", "", "a", "A", "a\nb"]
    header = {"columns": [[name, "text"] for name in names]}
    read, _ = _read(answering(tmp_path, header, list("1234567"), COMPLETE), "_row_")
    assert read.column_names == ["_row_", "_ITEM_", "_version_", "column_4", "a", "A_", "a b"]


def test_rows_without_a_key_are_left_out(tmp_path):
    rows = [["a", 1], [None, 2], ["c", "three"], ["d", 4]]
    read, rejects = _read(answering(tmp_path, columns(k="text", n="integer"), *rows, COMPLETE), "k", "n")
    assert read.column("k").to_pylist() == ["a", "d"]
    assert ("row 2", "left out: it has no value for its key 'k'") in rejects
    assert ("row 3, n", "a text, no integer") in rejects


def test_what_the_script_itself_leaves_out_is_a_reject_and_many_rejects_are_counted(tmp_path):
    read, rejects = _read(
        answering(tmp_path, columns(n="integer"), {"skipped": "row\t7", "reason": "torn"}, [1], COMPLETE)
    )
    assert read.num_rows == 1
    assert rejects == [("row 7", "torn")]
    read, rejects = _read(answering(tmp_path, columns(n="integer"), lines([["x"]] * 5000), COMPLETE))
    assert read.num_rows == 5000
    assert len(rejects) == 1000
    assert rejects[-1] == ("", "4,001 more places with values that cannot be read")


def test_a_table_may_have_no_rows_and_may_have_many(tmp_path):
    assert _read(answering(tmp_path, columns(n="integer"), COMPLETE))[0].num_rows == 0
    text = (
        'import sys\nprint(\'{"columns": [["n", "integer"], ["t", "text"]]}\')\n'
        "for n in range(100_000): print(f'[{n}, \"text {n}\"]')\nprint('{\"complete\": true}')"
    )
    rows = python(tmp_path, text).fetch(table("n"))
    sizes = [batch.num_rows for batch in rows.batches]
    assert sum(sizes) == 100_000
    assert max(sizes) == 8192


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((), "empty"),
        ((COMPLETE,), "begins with a line"),
        (([1],), "begins with a line"),
        (({"columns": []}, COMPLETE), "0 columns"),
        (({"columns": [["n", "text"]] * 3000}, COMPLETE), "3000 columns"),
        (({"columns": ["n"]}, COMPLETE), "a list of .name, type."),
        (({"columns": [["n", "float"]]}, COMPLETE), "unknown type 'float'; valid: text, integer"),
        (({"columns": [["n", "text"]], "more": 1}, COMPLETE), "unknown field 'more'"),
        ((columns(n="text"), ["a"]), "ends without"),
        ((columns(n="text"), ["a", "b"], COMPLETE), "line 2 has 2 values for 1 columns"),
        ((columns(n="text"), [], COMPLETE), "line 2 has 0 values for 1 columns"),
        ((columns(n="text"), '["a"', COMPLETE), "line 2 is no JSON"),
        ((columns(n="text"), '["a"],["b"]', COMPLETE), "line 2 is no JSON"),
        ((columns(n="text"), "5", COMPLETE), "line 2 is no object"),
        ((columns(n="text"), {"gone": ["a"]}, COMPLETE), "unknown field 'gone'"),
        ((columns(n="text"), b'["\xff"]\n', COMPLETE), "line 2 is no valid UTF-8"),
        ((columns(n="text"), {"error": "torn"}), "torn"),
        (({"changes": True}, columns(n="text"), COMPLETE), "asked for the whole table"),
    ],
)
def test_a_table_that_breaks_the_protocol_is_unreadable(tmp_path, answer, reason):
    with pytest.raises(ItemUnreadable, match=reason):
        _read(answering(tmp_path, *answer))


def test_a_primary_key_must_be_among_the_columns(tmp_path):
    with pytest.raises(ItemUnreadable, match="primary key names 'id'"):
        _read(answering(tmp_path, columns(n="text"), ["a"], COMPLETE), "id")


# ---- Arrow


def _stream(batches: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches.schema, **options) as writer:
        writer.write_table(batches, max_chunksize=100)
    return bytes(sink.getvalue())


TABLE = pa.table({"id": range(250), "name": [f"name {number}" for number in range(250)]})


@pytest.mark.parametrize("options", [{}, {"options": pa.ipc.IpcWriteOptions(compression="zstd")}])
def test_an_arrow_stream_is_read_batch_by_batch(tmp_path, options):
    source = answering(tmp_path, _stream(TABLE, **options))
    assert _read(source, "id")[0].equals(TABLE)
    assert [batch.num_rows for batch in source.fetch(table()).batches] == [100, 100, 50]
    assert source.preview(table(), 3).num_rows == 3


def test_a_script_with_pyarrow_writes_its_stream_to_standard_output(tmp_path):
    text = (
        "import sys, pyarrow as pa\nrows = pa.table({'id': [1, 2]})\n"
        "with pa.ipc.new_stream(sys.stdout.buffer, rows.schema) as writer: writer.write_table(rows)"
    )
    assert _read(python(tmp_path, text, memory_mb=4096), "id")[0].to_pydict() == {"id": [1, 2]}


@pytest.mark.parametrize("cut", [4, 40, 300, 2000, -8, -7, -1])
def test_a_stream_that_breaks_off_is_unreadable(tmp_path, cut):
    with pytest.raises(ItemUnreadable, match="stream"):
        _read(answering(tmp_path, _stream(TABLE)[:cut]))


def test_a_stream_counts_only_with_its_end_and_a_good_end_of_the_script(tmp_path):
    (tmp_path / "stream").write_bytes(_stream(TABLE))
    with pytest.raises(ItemUnreadable, match="goes on after the end"):
        _read(answering(tmp_path, _stream(TABLE) + b"more"))
    with pytest.raises(ItemUnreadable, match="status 3"):
        _read(crawler(tmp_path, "sh", "-c", 'cat "$0"; exit 3', "./stream"))
    with pytest.raises(ItemUnreadable, match="signal 9"):
        _read(crawler(tmp_path, "sh", "-c", 'cat "$0"; kill -9 $$', "./stream"))


@pytest.mark.parametrize("promised", [1 << 50, (1 << 28) + 8])
def test_a_stream_that_promises_enormous_batches_is_refused(tmp_path, promised):
    stream = _stream(TABLE)
    messages = pa.ipc.MessageReader.open_stream(stream)
    messages.read_next_message()
    batch = messages.read_next_message()
    metadata, body_bytes = batch.metadata.to_pybytes(), batch.body.size.to_bytes(8, "little")
    assert metadata.count(body_bytes) == 1
    hostile = stream.replace(metadata, metadata.replace(body_bytes, promised.to_bytes(8, "little")), 1)
    with pytest.raises(ItemUnreadable, match="larger than 256 MB"):
        _read(answering(tmp_path, hostile))


def test_what_only_arrow_has_becomes_plain(tmp_path):
    rows = pa.table(
        {
            "half": pa.array([1.5], pa.float16()),
            "big": pa.array(["x"], pa.large_string()),
            "view": pa.array(["x"], pa.string_view()),
            "dictionary": pa.array(["x"]).dictionary_encode(),
            "struct": pa.array([{"a": 1, "b": [date(2026, 1, 1)]}]),
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())),
            "none": pa.nulls(1),
            "zoned": pa.array([datetime(2026, 1, 1, 12)], pa.timestamp("us", "Europe/Berlin")),
            "took": pa.array([5], pa.duration("s")),
            "price": pa.array([1], pa.decimal128(10, 2)),
            "huge": pa.array([1], pa.decimal256(60, 2)),
            "bytes": pa.array([b"x"]),
        }
    )
    read, rejects = _read(answering(tmp_path, _stream(rows)))
    assert read.to_pylist() == [
        {
            "half": 1.5,
            "big": "x",
            "view": "x",
            "dictionary": "x",
            "struct": '{"a": 1, "b": ["2026-01-01"]}',
            "map": '[["k", 1]]',
            "none": None,
            "zoned": datetime(2026, 1, 1, 12),
            "took": "0:00:05",
            "price": read.column("price")[0].as_py(),
            "huge": "1.00",
        }
    ]
    assert rejects == [("bytes", "a column of binary values is left out")]


def test_a_stream_with_invalid_buffers_is_unreadable(tmp_path):
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\x02\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    with pytest.raises(ItemUnreadable, match="damaged"):
        _read(answering(tmp_path, _stream(pa.table({"t": broken}))))
    with pytest.raises(ItemUnreadable, match="damaged"):
        _read(answering(tmp_path, _stream(TABLE).replace(b"name\0", b"\xff\xfeme\0")))
    with pytest.raises(ItemUnreadable, match="all its columns are binary"):
        _read(answering(tmp_path, _stream(pa.table({"b": pa.array([b"x"])}))))


# ---- whatever a script answers


_KNOWN_LINES = [
    COMPLETE,
    '{"key": "a", "kind": "file"}',
    '{"key": "t", "kind": "table", "primary_key": ["n"]}',
    '{"failed": "x", "reason": "y"}',
    '{"skipped": "s", "reason": "y"}',
    '{"changes": true}',
    '{"columns": [["n", "integer"]]}',
    '{"columns": [["n", "text"], ["m", "date"]]}',
    "[1]",
    '["a", "2026-01-01"]',
    '{"gone": [1]}',
    '{"error": "e"}',
    "[NaN]",
]
_SMALL = _stream(TABLE.slice(0, 5))


def _overwritten(at: int, by: bytes) -> bytes:
    return _SMALL[:at] + by + _SMALL[at + len(by) :]


def _joined(answer: list[str]) -> bytes:
    return "\n".join(answer).encode("utf-8", "replace")


_ANSWERS = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(_KNOWN_LINES) | st.text(max_size=10), max_size=6).map(_joined),
    st.builds(_overwritten, st.integers(0, len(_SMALL)), st.binary(max_size=8)),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@settings(max_examples=150, deadline=None)
@given(_ANSWERS)
def test_no_answer_crashes_or_hangs_and_only_well_formed_ones_count(home, answer):
    source = answering(home, answer, silence_seconds=5)
    said = [line for line in answer.split(b"\n") if line.strip()]
    try:
        listing = source.listing()
    except (ConnectorFailed, SourceDamaged, SourceUnreachable):
        pass
    else:
        assert json.loads(said[-1]) == {"complete": True}
        assert all(isinstance(json.loads(line), dict) for line in said)
        assert len(listing.items) + len(listing.skipped) + len(listing.failed_scopes) <= len(said) - 1
    try:
        read = source.fetch(table()).batches.read_all()
    except ItemUnreadable:
        pass
    else:
        read.validate(full=True)
        assert answer.endswith(_SMALL[-8:]) or json.loads(said[-1]) == {"complete": True}
    with source.fetch(file()).stream as stream:
        assert stream.read() == answer


# ---- changes

CHANGING = """\
import json, pathlib, sys
asked = json.load(sys.stdin)
state = json.loads(pathlib.Path(asked["home"], "state.json").read_text())
if sys.argv[1] == "list":
    print(json.dumps({"key": "points", "kind": "table", "primary_key": ["id"], "fingerprint": state["version"]}))
else:
    with open(pathlib.Path(asked["home"], "asked"), "a") as log:
        print(asked.get("since"), file=log)
    if "since" in asked and state["changes"] is not None:
        print(json.dumps({"changes": True}))
    print(json.dumps({"columns": state["columns"]}))
    for line in state["changes"] if "since" in asked and state["changes"] is not None else state["rows"]:
        print(json.dumps(line))
print(json.dumps({"complete": True}))
"""


class _Changing:
    def __init__(self, home: Path, make_project: Any, crawl: Any, **settings: Any) -> None:
        self.home, self.crawl = home, crawl
        (home / "script.py").write_text(CHANGING)
        self.columns = [["id", "integer"], ["name", "text"]]
        self.project = make_project({"lab": {"kind": "script", "command": [sys.executable, "./script.py"], **settings}})

    def run(self, version: int, rows: list[Any], changes: list[Any] | None = None) -> Any:
        state = {"version": version, "columns": self.columns, "rows": rows, "changes": changes}
        (self.home / "state.json").write_text(json.dumps(state))
        return self.crawl(self.project, confirm_retraction=True)

    @property
    def rows(self) -> dict[Any, Any]:
        (staged,) = self.project.catalog.items("lab")
        from bifrost.engine import connect

        rows = connect(self.project.cache_folder("spill")).execute(StagedRows.of(self.project.staging, staged).sql)
        return {row[0]: row[1:] for row in rows.fetchall()}

    @property
    def asked(self) -> list[str]:
        return (self.home / "asked").read_text().split()


@pytest.fixture
def changing(tmp_path: Path, make_project: Any, crawl: Any) -> _Changing:
    (tmp_path / "project").mkdir()
    return _Changing(tmp_path / "project", make_project, crawl)


def test_a_script_that_is_told_what_is_known_may_give_just_the_changes(changing):
    assert changing.run(1, [[1, "a"], [2, "b"], [3, "c"]]).failures == ()
    report = changing.run(2, [], [[2, "B"], {"gone": [3]}, [4, "d"], {"gone": [99]}])
    assert report.failures == ()
    assert changing.rows == {1: ("a",), 2: ("B",), 4: ("d",)}
    assert changing.run(2, [], None).counts["unchanged"] == 1
    assert changing.run(3, [[1, "z"]], None).failures == ()
    assert changing.rows == {1: ("z",)}
    assert changing.asked == ["None", "1", "2"]


def test_a_table_whose_columns_changed_is_read_anew(changing):
    changing.run(1, [[1, "a"], [2, "b"]])
    changing.columns = [["id", "integer"], ["name", "text"], ["size", "number"]]
    assert changing.run(2, [[1, "a", 0.5], [2, "b", 1.5]], [[2, "B", 1.5]]).failures == ()
    assert changing.rows == {1: ("a", 0.5), 2: ("b", 1.5)}
    assert changing.asked == ["None", "1", "None"]


def test_another_script_is_not_asked_for_changes(changing):
    changing.run(1, [[1, "a"]])
    (changing.home / "script.py").write_text("# corrected\n" + CHANGING)
    changing.run(1, [[1, "A"]], [])
    assert changing.rows == {1: ("A",)}
    assert changing.asked == ["None", "None"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([[1, "x"], [1, "y"]], "two rows with the same key"),
        ([{"gone": [None]}], "no valid value for 'id'"),
        ([{"gone": ["x"]}], "no valid value for 'id'"),
        ([{"gone": []}], "the 1 values of a key"),
        ([{"gone": 1}], "the 1 values of a key"),
        ([{"gone": [1], "why": "x"}], "unknown field 'why'"),
    ],
)
def test_changes_that_cannot_be_right_change_nothing(changing, changes, reason):
    changing.run(1, [[1, "a"], [2, "b"]])
    changing.run(2, [], changes)
    (reject,) = changing.project.catalog.rejects("lab")
    assert reason in reject.reason
    assert changing.rows == {1: ("a",), 2: ("b",)}
    changing.run(2, [], [[2, "B"]])
    assert changing.rows == {1: ("a",), 2: ("B",)}
    assert changing.project.catalog.rejects("lab") == []


def test_many_changes_arrive_in_batches(changing):
    changing.run(1, [[number, "a"] for number in range(20_000)])
    changes = [[number, "b"] if number % 2 else {"gone": [number]} for number in range(20_000)]
    assert changing.run(2, [], changes).failures == ()
    assert changing.rows == dict.fromkeys(range(1, 20_000, 2), ("b",))
