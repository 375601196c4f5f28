"""What purchasing knows: suppliers, materials, and the batches that came in."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from examples.manufacturing.chance import stream
from examples.manufacturing.companies import Company, companies
from examples.manufacturing.identifiers import batch_codes, days
from examples.manufacturing.stored import Indexes, Reference, Stored
from examples.manufacturing.vat_numbers import vat_number

MATERIALS = (
    ("Polyether polyol", "technical", 0.60),
    ("Isocyanate MDI", "pure", 0.55),
    ("Epoxy resin", "standard", 0.60),
    ("Titanium dioxide", "rutile", 0.65),
    ("Calcium carbonate", "coated", 0.60),
    ("Silane crosslinker", "pure", 0.55),
    ("Plasticizer DINP", "technical", 0.60),
    ("Fumed silica", "hydrophobic", 0.65),
)
"""Name, grade, and the moisture limit in per cent."""

DAYS_OF_DELIVERIES = 300
_ROWS_PER_SUPPLIER = 20
_FEWEST_SUPPLIERS, _MOST_SUPPLIERS = 14, 400


@dataclass(frozen=True, slots=True)
class Supplying:
    """The tables of `supply.db` and what was planted in them."""

    companies: tuple[Company, ...]
    suppliers: Stored
    materials: Stored
    batches: Stored
    batch_supplier: Indexes
    batch_material: Indexes
    received_day: Indexes

    def references(self) -> tuple[Reference, ...]:
        """Give the true types of link between these tables."""
        return (
            Reference("supplied_by", self.batches, "supplier_id", self.suppliers, "supplier_id", self.batch_supplier),
            Reference("of_material", self.batches, "material_id", self.materials, "material_id", self.batch_material),
        )


def plan_supplying(batch_count: int, *, seed: int) -> Supplying:
    """Plan deliveries spread evenly over the days of the story."""
    count = min(max(_FEWEST_SUPPLIERS, batch_count // _ROWS_PER_SUPPLIER), _MOST_SUPPLIERS)
    firms = companies(count, seed=seed)
    chance = stream(seed, "batches")
    batch_supplier = chance.permutation(np.arange(batch_count, dtype=np.int64) % len(firms))
    batch_material = chance.integers(0, len(MATERIALS), batch_count)
    received = np.arange(batch_count, dtype=np.int64) * DAYS_OF_DELIVERIES // batch_count
    rows = pa.table(
        {
            "batch_id": batch_codes(np.arange(batch_count)),
            "supplier_id": batch_supplier + 1,
            "material_id": batch_material + 1,
            "received_on": days(received),
            "quantity_kg": chance.integers(20, 120, batch_count) * 20,
        }
    )
    return Supplying(
        companies=firms,
        suppliers=Stored("supply", "suppliers", ("supplier_id",), _supplier_rows(firms, seed=seed)),
        materials=Stored("supply", "materials", ("material_id",), _material_rows()),
        batches=Stored("supply", "batches", ("batch_id",), rows),
        batch_supplier=batch_supplier,
        batch_material=batch_material,
        received_day=received,
    )


def _supplier_rows(firms: tuple[Company, ...], *, seed: int) -> pa.Table:
    chance = stream(seed, "vat numbers")
    return pa.table(
        {
            "supplier_id": np.arange(1, len(firms) + 1),
            "name": [firm.name for firm in firms],
            "city": [firm.city for firm in firms],
            "country": [firm.country for firm in firms],
            "vat_no": [vat_number(firm.country, chance) for firm in firms],
        }
    )


def _material_rows() -> pa.Table:
    return pa.table(
        {
            "material_id": np.arange(1, len(MATERIALS) + 1),
            "name": [name for name, _, _ in MATERIALS],
            "grade": [grade for _, grade, _ in MATERIALS],
        }
    )
