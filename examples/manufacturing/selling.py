"""What sales and after-sales know: customers, shipments, returns, claims, and vendors in a spelling of their own."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from examples.manufacturing.chance import stream
from examples.manufacturing.companies import OTHER_VENDORS, vendor_name, vendor_town
from examples.manufacturing.identifiers import customer_numbers, days, numbered, order_numbers, order_references
from examples.manufacturing.people import CONTACTS, MOST_CUSTOMERS, firms, persons
from examples.manufacturing.producing import Producing
from examples.manufacturing.quality import Quality, Values, return_probability
from examples.manufacturing.stored import Indexes, Reference, Stored
from examples.manufacturing.supplying import Supplying

CARRIERS = (
    ("NTL", "Nordtrans Logistik", "road"),
    ("RKT", "Ruhrkontor Transporte", "road"),
    ("BLX", "Baltic Express", "sea"),
    ("ALP", "Alpina Cargo", "rail"),
)
MOST_MAILS = 24
"""At most so many returns exist as free-text mail only, whatever the scale."""

_FEWEST_CUSTOMERS = 24
_BATCHES_PER_CUSTOMER = 4
_SHARE_MAILED = 0.2
_SHARE_CLAIMED = 0.6
_WET_REASONS = (
    "Foam bubbles in the joint",
    "Does not cure, still tacky after two days",
    "Adhesion lost after one week",
    "Blisters on the surface",
    "Product foams while it is applied",
)
_OTHER_REASONS = ("Packaging damaged", "Wrong shade delivered", "Delivered too late", "Ordered too much")


@dataclass(frozen=True, slots=True)
class Selling:
    """The tables of `aftersales.db`, the shipments, and what was planted in them."""

    customers: Stored
    vendors: Stored
    returns: Stored
    claims: Stored
    shipments: Stored
    carriers: Stored
    supplier_vendor: Indexes
    """For each supplier the vendor that is the same company, -1 for none."""
    order_customer: Indexes
    shipped_day: Indexes
    order_moisture: Values
    mailed_orders: Indexes
    """Orders whose return exists as free-text mail only."""
    return_order: Indexes
    claim_return: Indexes
    claim_vendor: Indexes

    def references(self, suppliers: Stored, orders: Stored) -> tuple[Reference, ...]:
        """Give the true types of link that start in these tables or end in them."""
        shipped = np.arange(len(self.order_customer), dtype=np.int64)
        carrier = _carrier_of(shipped)
        returner = self.order_customer[self.return_order]
        return (
            Reference("return_of_order", self.returns, "order_ref", orders, "order_no", self.return_order),
            Reference("returned_by", self.returns, "customer_id", self.customers, "customer_id", returner),
            Reference("claim_for_return", self.claims, "return_no", self.returns, "return_no", self.claim_return),
            Reference("claimed_from", self.claims, "vendor_code", self.vendors, "vendor_code", self.claim_vendor),
            Reference("same_as", suppliers, "name", self.vendors, "vendor_name", self.supplier_vendor),
            Reference("shipment_of_order", self.shipments, "order_no", orders, "order_no", shipped),
            Reference("shipped_to", self.shipments, "customer", self.customers, "customer_id", self.order_customer),
            Reference("shipped_by", self.shipments, "carrier", self.carriers, "carrier", carrier),
        )


def plan_selling(supplying: Supplying, producing: Producing, quality: Quality, *, seed: int) -> Selling:
    """Plan who bought what, and which orders came back because of what was in them."""
    customers = _plan_customers(len(supplying.batch_supplier), seed=seed)
    chance = stream(seed, "selling")
    order_customer = chance.integers(0, customers.rows.num_rows, len(producing.order_batch))
    shipped = producing.produced_day + chance.integers(1, 10, len(order_customer))
    moisture = order_moisture(producing, quality)
    came_back = np.flatnonzero(chance.random(len(moisture)) < return_probability(moisture))
    mailed, entered = _split_mailed(came_back, chance)
    supplier_vendor, vendors = _plan_vendors(supplying, seed=seed)
    returns = _plan_returns(entered, order_customer, shipped, moisture, seed=seed)
    order_vendor = supplier_vendor[supplying.batch_supplier[producing.order_batch]]
    claim_return, claim_vendor = _plan_claims(order_vendor[entered], chance)
    return Selling(
        customers=customers,
        vendors=vendors,
        returns=returns,
        claims=_claim_rows(claim_return, claim_vendor, returns, vendors, seed=seed),
        shipments=_shipment_rows(order_customer, shipped),
        carriers=_carrier_rows(),
        supplier_vendor=supplier_vendor,
        order_customer=order_customer,
        shipped_day=shipped,
        order_moisture=moisture,
        mailed_orders=mailed,
        return_order=entered,
        claim_return=claim_return,
        claim_vendor=claim_vendor,
    )


def order_moisture(producing: Producing, quality: Quality) -> Values:
    """Give each order the moisture of what it consumed, weighted by kilograms."""
    kg = producing.consumption_kg.astype(np.float64)
    count = len(producing.order_batch)
    water = np.bincount(producing.consumption_order, kg * quality.moisture_percent[producing.consumption_batch], count)
    moisture: Values = water / np.bincount(producing.consumption_order, kg, count)
    return moisture


def _split_mailed(came_back: Indexes, chance: np.random.Generator) -> tuple[Indexes, Indexes]:
    count = min(MOST_MAILS, int(_SHARE_MAILED * len(came_back)))
    mailed = np.sort(chance.permutation(came_back)[:count])
    return mailed, np.setdiff1d(came_back, mailed)


def _plan_customers(batch_count: int, *, seed: int) -> Stored:
    count = min(max(_FEWEST_CUSTOMERS, batch_count // _BATCHES_PER_CUSTOMER), MOST_CUSTOMERS)
    named = firms(count, seed=seed)
    rows = pa.table(
        {
            "customer_id": np.arange(1, count + 1),
            "name": [name for name, _ in named],
            "city": [city for _, city in named],
        }
    )
    return Stored("aftersales", "customers", ("customer_id",), rows)


def _plan_vendors(supplying: Supplying, *, seed: int) -> tuple[Indexes, Stored]:
    chance = stream(seed, "vendors")
    known = [index for index in range(len(supplying.companies)) if index % 5 != 4]
    spelled = [
        (vendor_name(supplying.companies[index], place), vendor_town(supplying.companies[index], place))
        for place, index in enumerate(known)
    ]
    others = [(other.name, vendor_town(other, place)) for place, other in enumerate(OTHER_VENDORS)]
    order = chance.permutation(len(known) + len(others))
    entries = [(spelled + others)[index] for index in order]
    supplier_vendor = np.full(len(supplying.companies), -1, dtype=np.int64)
    supplier_vendor[known] = np.argsort(order)[: len(known)]
    rows = pa.table(
        {
            "vendor_code": numbered("V", np.arange(1, len(entries) + 1), 2),
            "vendor_name": [name for name, _ in entries],
            "town": [town for _, town in entries],
            "contact": persons(CONTACTS, seed=seed)[: len(entries)],
        }
    )
    return supplier_vendor, Stored("aftersales", "vendors", ("vendor_code",), rows)


def _plan_returns(
    entered: Indexes, order_customer: Indexes, shipped: Indexes, moisture: Values, *, seed: int
) -> Stored:
    chance = stream(seed, "returns")
    rows = pa.table(
        {
            "return_no": numbered("R-", np.arange(1, len(entered) + 1), 5),
            "order_ref": order_references(entered),
            "customer_id": order_customer[entered] + 1,
            "returned_on": days(shipped[entered] + chance.integers(5, 41, len(entered))),
            "reason": return_reasons(moisture[entered], chance),
        }
    )
    return Stored("aftersales", "returns", ("return_no",), rows)


def return_reasons(moisture: Values, chance: np.random.Generator) -> list[str]:
    """Draw what customers say: wet material foams and does not cure."""
    wet = chance.choice(_WET_REASONS, len(moisture))
    other = chance.choice(_OTHER_REASONS, len(moisture))
    reasons: list[str] = np.where((moisture > 0.5) & (chance.random(len(moisture)) < 0.9), wet, other).tolist()
    return reasons


def _plan_claims(return_vendor: Indexes, chance: np.random.Generator) -> tuple[Indexes, Indexes]:
    claimed = np.flatnonzero((return_vendor >= 0) & (chance.random(len(return_vendor)) < _SHARE_CLAIMED))
    return claimed, return_vendor[claimed]


def _claim_rows(claim_return: Indexes, claim_vendor: Indexes, returns: Stored, vendors: Stored, *, seed: int) -> Stored:
    chance = stream(seed, "claims")
    count = len(claim_return)
    rows = pa.table(
        {
            "claim_no": numbered("CL-", np.arange(1, count + 1), 5),
            "return_no": returns.rows["return_no"].take(pa.array(claim_return)),
            "vendor_code": vendors.rows["vendor_code"].take(pa.array(claim_vendor)),
            "amount_eur": np.round(chance.gamma(3, 700, count), 2),
            "status": chance.choice(["open", "paid", "refused"], count).tolist(),
        }
    )
    return Stored("aftersales", "claims", ("claim_no",), rows)


def _shipment_rows(order_customer: Indexes, shipped: Indexes) -> Stored:
    orders = np.arange(len(order_customer))
    rows = pa.table(
        {
            "shipment_no": numbered("S-", orders + 50_001, 6),
            "order_no": order_numbers(orders),
            "shipped_on": days(shipped),
            "carrier": np.array([code for code, _, _ in CARRIERS])[_carrier_of(orders)].tolist(),
            "customer": customer_numbers(order_customer),
        }
    )
    return Stored("tables", "shipments.csv", ("shipment_no",), rows)


def _carrier_of(orders: Indexes) -> Indexes:
    return orders * 7 // 3 % len(CARRIERS)


def _carrier_rows() -> Stored:
    rows = pa.table(
        {
            "carrier": [code for code, _, _ in CARRIERS],
            "name": [name for _, name, _ in CARRIERS],
            "mode": [mode for _, _, mode in CARRIERS],
        }
    )
    return Stored("tables", "carriers.parquet", ("carrier",), rows)
