"""Writes the tables that people keep in files, each in another format."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from openpyxl import Workbook

from examples.manufacturing.archives import WRITTEN_AT, fix_times
from examples.manufacturing.stored import Stored


def write_tables(folder: Path, tables: Iterable[Stored]) -> None:
    """Write every table of the source `tables` in the format that its file name says."""
    folder.mkdir(parents=True)
    for table in tables:
        if table.source == "tables":
            path = folder / table.item
            _WRITERS[path.suffix](table.rows, path)


def _write_semicolons(rows: pa.Table, path: Path) -> None:
    pyarrow.csv.write_csv(rows, path, pyarrow.csv.WriteOptions(delimiter=";", quoting_style="needed"))


def _write_tabs(rows: pa.Table, path: Path) -> None:
    pyarrow.csv.write_csv(rows, path, pyarrow.csv.WriteOptions(delimiter="\t", quoting_style="none"))


def _write_json_lines(rows: pa.Table, path: Path) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows.to_pylist())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_workbook(rows: pa.Table, path: Path) -> None:
    book = Workbook()
    book.properties.created = WRITTEN_AT
    sheet = book.active
    sheet.title = path.stem
    sheet.append(rows.column_names)
    for row in rows.to_pylist():
        sheet.append(list(row.values()))
    book.save(path)
    fix_times(path)


def _write_parquet(rows: pa.Table, path: Path) -> None:
    pyarrow.parquet.write_table(rows, path)


_WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".csv": _write_semicolons,
    ".tsv": _write_tabs,
    ".jsonl": _write_json_lines,
    ".xlsx": _write_workbook,
    ".parquet": _write_parquet,
}
