"""The whole planted world: every table as it will be stored, and every true reference between them."""

from dataclasses import dataclass

from examples.manufacturing.plants import Plants, plan_plants
from examples.manufacturing.producing import Producing, plan_producing
from examples.manufacturing.quality import Quality, measure
from examples.manufacturing.selling import Selling, plan_selling
from examples.manufacturing.stored import Reference, Stored
from examples.manufacturing.supplying import Supplying, plan_supplying


@dataclass(frozen=True, slots=True)
class World:
    """What is true, before any department writes it down."""

    seed: int
    supplying: Supplying
    quality: Quality
    producing: Producing
    selling: Selling
    plants: Plants

    def tables(self) -> tuple[Stored, ...]:
        """Give every table of every source."""
        supplying, producing, selling, plants = self.supplying, self.producing, self.selling, self.plants
        return (
            *(supplying.suppliers, supplying.materials, supplying.batches),
            *(producing.products, producing.orders, producing.consumption),
            *(selling.customers, selling.vendors, selling.returns, selling.claims),
            *(selling.shipments, selling.carriers, plants.lines, plants.line_log, plants.specifications),
        )

    def references(self) -> tuple[Reference, ...]:
        """Give every true type of link between tables."""
        supplying, producing, selling = self.supplying, self.producing, self.selling
        return (
            *supplying.references(),
            *producing.references(supplying.batches),
            *selling.references(supplying.suppliers, producing.orders),
            *self.plants.references(producing.orders, supplying.materials, producing.order_line),
        )


def plan(*, scale: int, seed: int) -> World:
    """Plan a world with `scale` batches of material."""
    supplying = plan_supplying(scale, seed=seed)
    quality = measure(supplying, seed=seed)
    producing = plan_producing(supplying, seed=seed)
    selling = plan_selling(supplying, producing, quality, seed=seed)
    return World(seed, supplying, quality, producing, selling, plan_plants(seed=seed))
