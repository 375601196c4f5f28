"""What production knows: products, orders, and the batches that each order consumed."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from examples.manufacturing.chance import stream
from examples.manufacturing.identifiers import batches_on_the_floor, days, numbered, order_numbers
from examples.manufacturing.stored import Indexes, Reference, Stored
from examples.manufacturing.supplying import Supplying

PRODUCTS = (
    ("SealFlex Clear", "sealants"),
    ("SealFlex Marine", "sealants"),
    ("SealFlex Sanitary", "sealants"),
    ("BondMaster Wood", "adhesives"),
    ("BondMaster Metal", "adhesives"),
    ("BondMaster Glass", "adhesives"),
    ("FloorFix Parquet", "flooring"),
    ("FloorFix Level", "flooring"),
    ("CoatPro Primer", "coatings"),
    ("CoatPro Topcoat", "coatings"),
    ("FoamGuard Window", "foams"),
    ("FoamGuard Fire", "foams"),
)
LINES = ("L1", "L2", "L3", "L4")
ORDERS_PER_BATCH = 8
_SHARE_WITH_SECOND_BATCH = 0.4
_FIRST_PRODUCT_NUMBER = 101


@dataclass(frozen=True, slots=True)
class Producing:
    """The tables of `production.db` and what was planted in them."""

    products: Stored
    orders: Stored
    consumption: Stored
    order_product: Indexes
    order_line: Indexes
    order_batch: Indexes
    """The batch that each order consumed most of."""
    produced_day: Indexes
    consumption_order: Indexes
    consumption_batch: Indexes
    consumption_kg: Indexes

    def references(self, batches: Stored) -> tuple[Reference, ...]:
        """Give the true types of link that start in these tables, the one to `plants.tsv` apart."""
        return (
            Reference("order_of_product", self.orders, "product_no", self.products, "product_no", self.order_product),
            Reference(
                "consumed_in_order", self.consumption, "order_no", self.orders, "order_no", self.consumption_order
            ),
            Reference("consumed_batch", self.consumption, "batch", batches, "batch_id", self.consumption_batch),
        )


def plan_producing(supplying: Supplying, *, seed: int) -> Producing:
    """Plan orders that consume a batch soon after it came in, some of them an older batch as well."""
    chance = stream(seed, "orders")
    order_batch = np.repeat(np.arange(len(supplying.batch_supplier), dtype=np.int64), ORDERS_PER_BATCH)
    count = len(order_batch)
    order_product = chance.integers(0, len(PRODUCTS), count)
    order_line = (order_product // 3 + (chance.random(count) < 0.1)) % len(LINES)
    produced = supplying.received_day[order_batch] + chance.integers(3, 21, count)
    orders = pa.table(
        {
            "order_no": order_numbers(np.arange(count)),
            "product_no": product_numbers()[order_product],
            "produced_on": days(produced),
            "units": chance.integers(10, 90, count) * 10,
            "line": np.array(LINES)[order_line].tolist(),
        }
    )
    consumer, consumed, kg = _plan_consumption(order_batch, chance)
    return Producing(
        products=Stored("production", "products", ("product_no",), _product_rows()),
        orders=Stored("production", "production_orders", ("order_no",), orders),
        consumption=Stored(
            "production", "consumption", ("order_no", "batch"), _consumption_rows(consumer, consumed, kg)
        ),
        order_product=order_product,
        order_line=order_line,
        order_batch=order_batch,
        produced_day=produced,
        consumption_order=consumer,
        consumption_batch=consumed,
        consumption_kg=kg,
    )


def product_numbers() -> np.typing.NDArray[np.str_]:
    """Write the products' numbers: `P-104`."""
    numbers = numbered("P-", np.arange(len(PRODUCTS)) + _FIRST_PRODUCT_NUMBER, 3)
    return np.array(numbers.to_pylist())


def _product_rows() -> pa.Table:
    return pa.table(
        {
            "product_no": product_numbers().tolist(),
            "name": [name for name, _ in PRODUCTS],
            "family": [family for _, family in PRODUCTS],
        }
    )


def _plan_consumption(order_batch: Indexes, chance: np.random.Generator) -> tuple[Indexes, Indexes, Indexes]:
    count = len(order_batch)
    older = order_batch - chance.integers(1, 4, count)
    has_second = (chance.random(count) < _SHARE_WITH_SECOND_BATCH) & (older >= 0)
    consumer = np.concatenate([np.arange(count, dtype=np.int64), np.flatnonzero(has_second)])
    consumed = np.concatenate([order_batch, older[has_second]])
    kg = np.concatenate([chance.integers(60, 120, count), chance.integers(10, 30, int(has_second.sum()))])
    by_order = np.argsort(consumer, kind="stable")
    return consumer[by_order], consumed[by_order], kg[by_order]


def _consumption_rows(consumer: Indexes, consumed: Indexes, kg: Indexes) -> pa.Table:
    return pa.table({"order_no": order_numbers(consumer), "batch": batches_on_the_floor(consumed), "kg": kg})
