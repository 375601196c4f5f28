"""The cause in the story: the moisture of each batch, which its supplier drives."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from examples.manufacturing.chance import stream
from examples.manufacturing.supplying import MATERIALS, Supplying

Values = npt.NDArray[np.float64]

_WET_SHARE = 0.3
"""Share of suppliers that deliver wet material; the first of the two similar ones is always among them."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the laboratory measured for each batch."""

    moisture_percent: Values
    moisture_limit_percent: Values
    viscosity_mpas: Values
    purity_percent: Values
    density_g_per_cm3: Values


def measure(supplying: Supplying, *, seed: int) -> Quality:
    """Draw measurements; only moisture differs by supplier."""
    chance = stream(seed, "quality")
    count = len(supplying.batch_supplier)
    typical = _typical_moisture(len(supplying.companies), chance)[supplying.batch_supplier]
    limits = np.array([limit for _, _, limit in MATERIALS])
    return Quality(
        moisture_percent=_rounded(np.clip(typical + chance.normal(0, 0.05, count), 0.05, 1.5), 2),
        moisture_limit_percent=limits[supplying.batch_material],
        viscosity_mpas=_rounded(chance.normal(1250, 90, count), 0),
        purity_percent=_rounded(np.clip(chance.normal(99.1, 0.3, count), 97.5, 99.9), 1),
        density_g_per_cm3=_rounded(chance.normal(1.27, 0.03, count), 3),
    )


def _typical_moisture(supplier_count: int, chance: np.random.Generator) -> Values:
    moisture = chance.uniform(0.20, 0.42, supplier_count)
    others = 2 + chance.permutation(supplier_count - 2)[: int(_WET_SHARE * supplier_count) - 1]
    wet = np.concatenate([[0], others])
    moisture[wet] = chance.uniform(0.80, 1.00, len(wet))
    return moisture


def _rounded(values: Values, decimals: int) -> Values:
    return np.round(values, decimals).astype(np.float64)


def return_probability(moisture_percent: Values) -> Values:
    """Give the chance that an order of this moisture comes back: 3 % when dry, 58 % when wet."""
    share: Values = 0.03 + 0.55 / (1 + np.exp(-(moisture_percent - 0.62) / 0.06))
    return share
