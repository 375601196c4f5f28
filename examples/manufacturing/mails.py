"""Writes the returns that nobody entered in the database: they exist as mail only."""

from pathlib import Path

from examples.manufacturing.chance import stream
from examples.manufacturing.identifiers import days
from examples.manufacturing.passages import Naming, Passage, customer_of, order, product_of, tell
from examples.manufacturing.people import WRITERS, persons
from examples.manufacturing.selling import return_reasons
from examples.manufacturing.world import World

_BODIES = (
    "Dear team,\n\nwe are sending back {product} from your production order {order}.\n{reason}.\n",
    "Hello,\n\nplease take back the {product} that you made under {order}. {reason}.\n",
    "Good morning,\n\nyour {product}, order {order}, gave us trouble: {reason}. It goes back to you tomorrow.\n",
)


def write_mails(folder: Path, world: World) -> list[Naming]:
    """Write one mail for each return outside the database, at most `selling.MOST_MAILS` of them."""
    (folder / "returns").mkdir(parents=True)
    orders = world.selling.mailed_orders
    chance = stream(world.seed, "mails")
    reasons = return_reasons(world.selling.order_moisture[orders], chance)
    sent = days(world.selling.shipped_day[orders] + chance.integers(5, 41, len(orders))).to_pylist()
    writers = persons(WRITERS, seed=world.seed)
    namings = []
    for place, order_index in enumerate(orders.tolist()):
        mail = _mail(world, order_index, reason=reasons[place], writer=writers[place], day=sent[place])
        item = f"returns/mail-{place + 1:02d}.txt"
        (folder / item).write_text(mail.text, encoding="utf-8")
        namings.append(Naming("documents", item, mail.things))
    return namings


def _mail(world: World, order_index: int, *, reason: str, writer: str, day: str) -> Passage:
    body = _BODIES[order_index % len(_BODIES)].replace("{reason}", reason)
    return tell(
        f"Date: {day}\nSubject: Return of goods\n\n{body}\nKind regards\n{writer}\n{{customer}}\n",
        product=product_of(world, order_index, by_name=order_index % 2 == 0),
        order=order(world, order_index, unpadded=order_index % 3 != 0),
        customer=customer_of(world, order_index),
    )
