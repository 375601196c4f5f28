"""What the plants know: the lines, their temperatures, and the specifications of the materials."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from examples.manufacturing.chance import stream
from examples.manufacturing.identifiers import days
from examples.manufacturing.producing import LINES
from examples.manufacturing.stored import Indexes, Reference, Stored
from examples.manufacturing.supplying import MATERIALS

_PLANTS = (("Elbwerk", "Hamburg"), ("Elbwerk", "Hamburg"), ("Isarwerk", "München"), ("Fynsvaerk", "Odense"))
_LOGGED_WEEKS = 30


@dataclass(frozen=True, slots=True)
class Plants:
    """Small tables that people keep in files."""

    lines: Stored
    line_log: Stored
    specifications: Stored
    logged_line: Indexes

    def references(self, orders: Stored, materials: Stored, order_line: Indexes) -> tuple[Reference, ...]:
        """Give the true types of link that start or end in these files."""
        specified = np.arange(len(MATERIALS), dtype=np.int64)
        return (
            Reference("ran_on_line", orders, "line", self.lines, "line", order_line),
            Reference("log_of_line", self.line_log, "line", self.lines, "line", self.logged_line),
            Reference("specifies_material", self.specifications, "material", materials, "name", specified),
        )


def plan_plants(*, seed: int) -> Plants:
    """Plan one log entry per line and week, and one specification per material."""
    chance = stream(seed, "plants")
    logged_line = np.tile(np.arange(len(LINES), dtype=np.int64), _LOGGED_WEEKS)
    log = pa.table(
        {
            "line": np.array(LINES)[logged_line].tolist(),
            "day": days(np.repeat(np.arange(_LOGGED_WEEKS) * 7, len(LINES))),
            "temperature": np.round(chance.normal(21, 1.5, len(logged_line)), 1),
        }
    )
    return Plants(
        lines=Stored("tables", "plants.tsv", ("line",), _line_rows()),
        line_log=Stored("tables", "line_log.jsonl", ("line", "day"), log),
        specifications=Stored("tables", "material_specs.xlsx", ("material",), _specification_rows()),
        logged_line=logged_line,
    )


def _line_rows() -> pa.Table:
    return pa.table(
        {
            "line": list(LINES),
            "plant": [plant for plant, _ in _PLANTS],
            "city": [city for _, city in _PLANTS],
        }
    )


def _specification_rows() -> pa.Table:
    return pa.table(
        {
            "material": [name for name, _, _ in MATERIALS],
            "grade": [grade for _, grade, _ in MATERIALS],
            "max_moisture": [limit for _, _, limit in MATERIALS],
        }
    )
