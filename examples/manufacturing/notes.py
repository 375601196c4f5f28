"""Writes the notes that people on the floor keep as text documents."""

from dataclasses import dataclass
from pathlib import Path

import docx

from examples.manufacturing.archives import WRITTEN_AT, fix_times
from examples.manufacturing.chance import stream
from examples.manufacturing.passages import (
    Naming,
    Passage,
    Thing,
    batch,
    customer_of,
    material_of,
    order,
    product_of,
    supplier_of,
    tell,
)
from examples.manufacturing.world import World

NOTES = 6
"""So many notes are written, whatever the scale; the last one holds a table."""

_ORDERS_PER_NOTE = 2
_TITLES = ("Shift note", "Complaint meeting", "Note from the floor")
_CONSUMED = "We used {batch} from {supplier} for {product} under {order}."
_WATCHED = "The mix was watched closely since {batch} came in a dented drum."
_DISCUSSED = "{customer} asked about {product_name}; the units came from {order}."
_TABLE_HEADER = ("Batch", "Material", "Remark")
_TABLE_REMARKS = ("use first", "keep dry", "second sample taken", "ready for the floor")


@dataclass(frozen=True, slots=True)
class Note:
    """What one note says."""

    title: str
    passages: tuple[Passage, ...]
    table: tuple[tuple[Thing, Thing, str], ...] = ()

    def things(self) -> tuple[Thing, ...]:
        """Give everything that the note names."""
        told = (thing for passage in self.passages for thing in passage.things)
        listed = (thing for row in self.table for thing in row[:2] if isinstance(thing, Thing))
        return (*told, *listed)


def write_notes(folder: Path, world: World) -> list[Naming]:
    """Write the notes and say what they name."""
    (folder / "notes").mkdir(parents=True)
    chance = stream(world.seed, "notes")
    namings = []
    for number in range(1, NOTES + 1):
        chosen = chance.choice(len(world.producing.order_batch), _ORDERS_PER_NOTE, replace=False)
        note = _plan_note(world, number, [int(index) for index in chosen])
        item = f"notes/note-{number:02d}.docx"
        _write_note(folder / item, note)
        namings.append(Naming("documents", item, note.things()))
    return namings


def _plan_note(world: World, number: int, orders: list[int]) -> Note:
    passages = tuple(passage for index in orders for passage in _plan_passages(world, index))
    listed = range(len(world.supplying.batch_supplier))[:: max(1, len(world.supplying.batch_supplier) // 4)][:4]
    rows = tuple(
        (batch(world, index), material_of(world, index), remark)
        for index, remark in zip(listed, _TABLE_REMARKS, strict=True)
    )
    return Note(_TITLES[number % len(_TITLES)], passages, rows if number == NOTES else ())


def _plan_passages(world: World, order_index: int) -> tuple[Passage, ...]:
    consumed = int(world.producing.order_batch[order_index])
    return (
        tell(
            _CONSUMED,
            batch=batch(world, consumed, on_the_floor=order_index % 2 == 0),
            supplier=supplier_of(world, consumed, short=order_index % 3 == 0),
            product=product_of(world, order_index),
            order=order(world, order_index),
        ),
        tell(_WATCHED, batch=batch(world, consumed)),
        tell(
            _DISCUSSED,
            customer=customer_of(world, order_index),
            product_name=product_of(world, order_index, by_name=True),
            order=order(world, order_index, unpadded=True),
        ),
    )


def _write_note(path: Path, note: Note) -> None:
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = note.title, "Production", "Production"
    properties.created = properties.modified = WRITTEN_AT
    document.add_heading(note.title, level=1)
    for passage in note.passages:
        document.add_paragraph(passage.text)
    if note.table:
        _add_table(document, note.table)
    document.save(str(path))
    fix_times(path)


def _add_table(document: "docx.document.Document", rows: tuple[tuple[Thing, Thing, str], ...]) -> None:
    table = document.add_table(rows=1, cols=len(_TABLE_HEADER), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, _TABLE_HEADER, strict=True):
        cell.text = text
    for delivered, material, remark in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text, cells[2].text = delivered.written, material.written, remark
