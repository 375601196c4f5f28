"""Tables in which things stand many times: who is one thing, and what only has its name."""

import random
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bifrost.project import Project
from bifrost.testing.staged_tables import stage_table
from linker.resolution.comparison import compare
from linker.resolution.contraction import contracted
from linker.resolution.field_pairs import Compared, FieldPair
from linker.resolution.scoring import judged
from linker.resolution.sides import load_sides
from linker.resolution.table_pairs import TablePair

WORDS = (
    "lattice", "harbour", "theory", "of", "signals", "learning", "the", "sparse", "tree", "ocean", "logic", "proof",
    "random", "index", "music", "grammar", "bridge", "steel", "protein", "cloud", "vision", "market", "river", "stone",
)  # fmt: skip
FIELDS = ("title", "author", "venue", "year", "pages")

Weighted = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([-3.0, -1.0, -0.5, 0.5, 1.0, 3.0]),
    max_size=20,
)


def editions(works: int) -> list[tuple[int, tuple[str, ...]]]:
    """Give the edition and the fields of citations: of every work a report and an article, each cited some times."""
    chance = random.Random(8)
    found = []
    for work in range(works):
        title, author = " ".join(chance.sample(WORDS, 6)), " ".join(chance.sample(WORDS, 2))
        for edition in range(2):
            venue, year = " ".join(chance.sample(WORDS, 3)), str(1980 + chance.randint(0, 9) * 2 + edition)
            first = chance.randint(1, 800)
            for _ in range(chance.randint(3, 5)):
                pages = chance.choice((f"{first}-{first + 14}", f"pp. {first}-{first + 14}", ""))
                written = title if chance.random() < 0.7 else title.replace("e", "", 1)
                cited = (written, author, chance.choice((venue, f"in {venue}", "")), year, pages)
                found.append((2 * work + edition, cited))
    chance.shuffle(found)
    return found


def test_a_report_and_its_article_are_two_things(project: Project) -> None:
    cited = editions(40)
    columns = {field: [row[place] for _, row in cited] for place, field in enumerate(FIELDS)}
    table = stage_table(project, "a", "citations", {"id": [str(n) for n in range(len(cited))]} | columns, key=["id"])
    fields = tuple(FieldPair(field, field, Compared.TEXT, 1.0, field == "title") for field in FIELDS)
    sides = load_sides(project, TablePair(table, table, fields))
    pairs = judged(sides, compare(sides, {}), {}).to_pylist()
    likely = [(int(pair["left_row"]), int(pair["right_row"])) for pair in pairs if pair["probability"] >= 0.5]
    right = [cited[one][0] == cited[two][0] for one, two in likely]
    true = sum(cited[one][0] == cited[two][0] for one, two in combinations(range(len(cited)), 2))
    assert sum(right) / len(right) >= 0.95
    assert sum(right) / true >= 0.8


def groups_of(pairs: dict[tuple[int, int], float]) -> list[int]:
    ends = np.array([*pairs], np.int64).reshape(-1, 2)
    return contracted(ends[:, 0], ends[:, 1], np.array([*pairs.values()]), 8).tolist()


@given(Weighted)
def test_no_two_groups_speak_for_each_other(pairs: dict[tuple[int, int], float]) -> None:
    group = groups_of(pairs)
    between: dict[frozenset[int], float] = {}
    for (one, two), weight in pairs.items():
        ends = frozenset((group[one], group[two]))
        between[ends] = between.get(ends, 0.0) + weight
    assert all(weight <= 0 for ends, weight in between.items() if len(ends) == 2)


@given(Weighted)
def test_groups_hold_together_by_pairs_and_their_order_does_not_matter(pairs: dict[tuple[int, int], float]) -> None:
    group = groups_of(pairs)
    assert groups_of(dict(reversed(pairs.items()))) == group
    for name in set(group):
        members = {record for record in range(8) if group[record] == name}
        speaking = [pair for pair, weight in pairs.items() if weight > 0 and set(pair) <= members]
        reached = {name}
        while more := {end for pair in speaking if reached & set(pair) for end in pair} - reached:
            reached |= more
        assert reached == members


def test_one_link_against_many_does_not_join_two_groups() -> None:
    inside = {pair: 2.0 for part in ((0, 1, 2), (3, 4, 5)) for pair in combinations(part, 2)}
    group = groups_of({**inside, (2, 3): 1.0, (0, 3): -1.0, (1, 4): -1.0})
    assert group[0] == group[1] == group[2] != group[3] == group[4] == group[5]
