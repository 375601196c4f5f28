"""Names of persons and of the firms that buy the products."""

from itertools import product

import numpy as np

from examples.manufacturing.chance import stream
from examples.manufacturing.places import COUNTRIES

_FIRST = (
    "Anna", "Jens", "Maria", "Peter", "Sofia", "Lukas", "Clara", "Henrik", "Paula", "Viktor", "Ida", "Tomasz", "Greta",
    "Emil", "Rosa", "Oskar", "Elena", "Mads", "Julia", "Marco", "Lena", "Stefan", "Eva", "Piotr",
)  # fmt: skip
_LAST = (
    "Weber", "Holm", "Rossi", "Nowak", "Fischer", "Madsen", "Huber", "Conti", "Wolff", "Lange", "Berg", "Sommer",
    "Falk", "Thorsen", "Brunner", "Keller", "Moretti", "Krause", "Bauer", "Dahl", "Peters", "Richter", "Kaiser", "Lund",
)  # fmt: skip
CONTACTS, WRITERS, INSPECTORS = slice(0, 450), slice(450, 500), slice(500, 503)
"""Which of the persons play which part, so that nobody plays two."""

_CRAFTS = (
    "Fensterbau", "Holzwerk", "Metallbau", "Bootsbau", "Fassadenbau", "Karosseriebau", "Parkettwerk", "Treppenbau",
)  # fmt: skip
_OWNERS = (
    "Lindner", "Sander", "Reuter", "Albers", "Kirchner", "Vogt", "Winkler", "Schreiber", "Ebert", "Franke", "Gruber",
    "Hansen", "Iversen", "Jahn", "Koller", "Lorenz", "Maurer", "Nagel", "Opitz", "Pohl", "Ritter", "Seidel", "Thoma",
    "Urban", "Vetter", "Wagner", "Ziegler", "Arnold", "Busch", "Conrad", "Dietz", "Engel", "Frey", "Graf", "Horn",
)  # fmt: skip
MOST_CUSTOMERS = len(_CRAFTS) * len(_OWNERS)
"""How many firms can be named without giving two the same name."""


def persons(part: slice, *, seed: int) -> list[str]:
    """Give the persons of a part, no name twice."""
    names = [f"{first} {last}" for first, last in product(_FIRST, _LAST)]
    order: list[int] = stream(seed, "persons").permutation(len(names)).tolist()
    return [names[index] for index in order[part]]


def firms(count: int, *, seed: int) -> list[tuple[str, str]]:
    """Draw names and cities of customers, no name twice, at most `MOST_CUSTOMERS`."""
    chance = stream(seed, "firms")
    names = list(product(_CRAFTS, _OWNERS))
    cities = np.array(list(COUNTRIES))
    chosen = chance.permutation(len(names))[:count]
    return [(f"{names[index][0]} {names[index][1]}", str(chance.choice(cities))) for index in chosen]
