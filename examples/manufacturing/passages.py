"""Text that knows which things it names, so that the truth about mentions is written with the words."""

from dataclasses import dataclass

from examples.manufacturing.world import World


@dataclass(frozen=True, slots=True)
class Thing:
    """One row of a database as a text names it."""

    kind: str
    source: str
    item: str
    key: str
    key_field: str
    written: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text and the things that it names."""

    text: str
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """A document that was written, by its path within its source, and the things that it names."""

    source: str
    item: str
    things: tuple[Thing, ...]


def tell(template: str, **things: Thing) -> Passage:
    """Fill the places of a template, such as `{batch}`, with the things as they are written."""
    written = {place: thing.written for place, thing in things.items()}
    return Passage(template.format(**written), tuple(things.values()))


def batch(world: World, index: int, *, on_the_floor: bool = False) -> Thing:
    """Name a batch: `B-0012`, or `batch 12` as people on the floor say."""
    code = f"B-{index + 1:04d}"
    return Thing("batch", "supply", "batches", code, "batch_id", f"batch {index + 1}" if on_the_floor else code)


def supplier_of(world: World, batch_index: int, *, short: bool = False) -> Thing:
    """Name the supplier of a batch, with or without its legal form."""
    index = int(world.supplying.batch_supplier[batch_index])
    company = world.supplying.companies[index]
    written = company.short_name if short else company.name
    return Thing("supplier", "supply", "suppliers", str(index + 1), "supplier_id", written)


def material_of(world: World, batch_index: int) -> Thing:
    """Name the material of a batch."""
    index = int(world.supplying.batch_material[batch_index])
    written = world.supplying.materials.rows["name"][index].as_py()
    return Thing("material", "supply", "materials", str(index + 1), "material_id", written)


def order(world: World, index: int, *, unpadded: bool = False) -> Thing:
    """Name a production order: `PO-000123`, or `PO 123`."""
    number = f"PO-{index + 1:06d}"
    written = f"PO {index + 1}" if unpadded else number
    return Thing("order", "production", "production_orders", number, "order_no", written)


def product_of(world: World, order_index: int, *, by_name: bool = False) -> Thing:
    """Name the product that an order made, by number or by name."""
    rows = world.producing.products.rows
    index = int(world.producing.order_product[order_index])
    number = rows["product_no"][index].as_py()
    written = rows["name"][index].as_py() if by_name else number
    return Thing("product", "production", "products", number, "product_no", written)


def customer_of(world: World, order_index: int) -> Thing:
    """Name the customer that an order went to."""
    index = int(world.selling.order_customer[order_index])
    written = world.selling.customers.rows["name"][index].as_py()
    return Thing("customer", "aftersales", "customers", str(index + 1), "customer_id", written)
