"""The planted truth: every type of link, every link, and every measurement, as files and as Arrow tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from examples.manufacturing.passages import Naming, Thing
from examples.manufacturing.reports import Report
from examples.manufacturing.stored import Reference

LINK_TYPES = pa.schema(
    [
        (name, pa.string())
        for name in ("type", "from_source", "from_item", "from_field", "to_source", "to_item", "to_field")
    ]
)
LINKS = pa.schema(
    [(name, pa.string()) for name in ("type", "from_source", "from_item", "from_key", "to_source", "to_item", "to_key")]
)
MEASUREMENTS = pa.schema([(name, pa.string()) for name in ("item", "batch_id", "parameter", "value", "unit", "limit")])


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted; columns as in the schemas of this module."""

    link_types: pa.Table
    links: pa.Table
    measurements: pa.Table


def collect(references: Sequence[Reference], namings: Sequence[Naming], reports: Sequence[Report]) -> Truth:
    """Bring together what the writers of tables, documents and images planted."""
    types = [_reference_type(reference) for reference in references]
    types += _report_types(reports)
    types += _mention_types(namings)
    links = [_reference_links(reference) for reference in references]
    links += [_report_links(reports), _mention_links(namings)]
    return Truth(_table(types, LINK_TYPES), pa.concat_tables(links), _measurements(reports))


def write(folder: Path, truth: Truth) -> None:
    """Write the truth as CSV files."""
    folder.mkdir(parents=True)
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(truth.link_types, folder / "link_types.csv", options)
    pyarrow.csv.write_csv(truth.links, folder / "links.csv", options)
    pyarrow.csv.write_csv(truth.measurements, folder / "measurements.csv", options)


def load(directory: Path) -> Truth:
    """Read the truth of a generated example; every column is text."""
    folder = directory / "truth"
    return Truth(
        _read(folder / "link_types.csv", LINK_TYPES),
        _read(folder / "links.csv", LINKS),
        _read(folder / "measurements.csv", MEASUREMENTS),
    )


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    as_text = {field.name: field.type for field in schema}
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=as_text))


def _table(rows: Iterable[tuple[str, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def _reference_type(reference: Reference) -> tuple[str, ...]:
    start, end = reference.start, reference.end
    return (reference.name, start.source, start.item, reference.field, end.source, end.item, reference.end_field)


def _reference_links(reference: Reference) -> pa.Table:
    start, end = reference.start, reference.end
    linked = np.flatnonzero(reference.targets >= 0)
    columns = [
        _repeated(reference.name, len(linked)),
        _repeated(start.source, len(linked)),
        _repeated(start.item, len(linked)),
        start.keys().take(pa.array(linked)),
        _repeated(end.source, len(linked)),
        _repeated(end.item, len(linked)),
        end.keys().take(pa.array(reference.targets[linked])),
    ]
    return pa.Table.from_arrays(columns, schema=LINKS)


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _report_types(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    ends = {(report.batch.source, report.batch.item, report.batch.key_field) for report in reports}
    return [("report_of_batch", "documents", "reports/*", "Batch", *end) for end in sorted(ends)]


def _report_links(reports: Sequence[Report]) -> pa.Table:
    rows = (
        ("report_of_batch", "documents", report.item, "", report.batch.source, report.batch.item, report.batch.key)
        for report in reports
    )
    return _table(rows, LINKS)


def _mention_type(thing: Thing) -> str:
    return f"mentions_{thing.kind}"


def _mention_types(namings: Sequence[Naming]) -> list[tuple[str, ...]]:
    types = {
        (
            _mention_type(thing),
            naming.source,
            f"{PurePosixPath(naming.item).parent}/*",
            "",
            *(thing.source, thing.item, thing.key_field),
        )
        for naming in namings
        for thing in naming.things
    }
    return sorted(types)


def _mention_links(namings: Sequence[Naming]) -> pa.Table:
    links = {
        (_mention_type(thing), naming.source, naming.item, "", thing.source, thing.item, thing.key)
        for naming in namings
        for thing in naming.things
    }
    return _table(sorted(links), LINKS)


def _measurements(reports: Sequence[Report]) -> pa.Table:
    rows = ((report.item, report.batch.key, *row) for report in reports for row in report.rows)
    return _table(rows, MEASUREMENTS)


def count_by_type(truth: Truth) -> dict[str, int]:
    """Count the links of each type."""
    counts = pc.value_counts(truth.links["type"])
    return {entry["values"]: entry["counts"] for entry in counts.to_pylist()}
