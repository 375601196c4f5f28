"""How many examples teach a hidden rule: `python -m benchmarks teaching`, on projects named in TEACHING_PROJECTS.

A rule is a reference that is taken out of the graph, a path over references, or an equal value of two tables. Examples
are drawn from its links; it is found when the likeliest rule makes exactly its links (told by its fields or its way,
and by how many links it makes).
"""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bifrost.errors import NothingTaught
from bifrost.lessons import Lesson
from bifrost.model import End, Proposal, Rule, RuleKind
from bifrost.project import open_project
from linker.paths.kinds import Kinds
from linker.paths.measuring import Graph, measure
from linker.paths.proposing import chains_of
from linker.paths.steps import as_text
from linker.references.links import reference_links
from linker.teaching.teach import School, learn

DRAWS = 2
MOST_OF_A_KIND = 6
MOST_COMPARED = 100_000
PLACES = ("PROJECTS of bifrost, separated by colons, in the environment variable TEACHING_PROJECTS",)


@dataclass(frozen=True)
class Hidden:
    """A rule with its links, and the school that does not know it."""

    kind: str
    rule: Rule
    ends: tuple[End, End]
    links: list[tuple[str, str]]
    school: School

    def is_found(self, best: Proposal) -> bool:
        same = best.estimated_links == len(self.links)
        if self.rule.kind is RuleKind.PATH:
            return same and best.start.table == self.ends[0].table and best.end.table == self.ends[1].table
        return same and (best.start, best.end) == self.ends


def hidden_rules(school: School) -> Iterator[Hidden]:
    chance = random.Random(1)
    references = [each for each in school.in_force if each.rule.kind is RuleKind.REFERENCE and not each.rule.turned]
    chosen = chance.sample(references, min(MOST_OF_A_KIND, len(references)))
    for each in chosen:
        rest = replace(school, in_force=tuple(other for other in school.in_force if other is not each))
        links = _rows(school, each.start, each.end, each.rule)
        yield Hidden("reference", each.rule, (each.start, each.end), links, rest)
    with Graph(school.project, school.snapshot.units, references) as graph:
        chains = chains_of(references, Kinds.of(()))
        for chain in chance.sample(chains, min(3 * MOST_OF_A_KIND, len(chains))):
            path = tuple(step for step, _ in chain)
            if 10 <= graph.walks(path) <= 100_000:
                measure(graph, path)
                rows = graph.connection.execute("SELECT head, tail FROM pairs").fetchall()
                names = graph.names([node for row in rows for node in row])
                pairs = [(names[head], names[tail]) for head, tail in rows]
                ends = chain[0][0].leads(chain[0][1])[0], chain[-1][0].leads(chain[-1][1])[1]
                kind = f"path of {len(path)}"
                yield Hidden(kind, Rule(RuleKind.PATH, as_text(path)), ends, pairs, school)
    yield from list(_equal_values(school))[:MOST_OF_A_KIND]


def _equal_values(school: School) -> Iterator[Hidden]:
    tables = sorted(school.tables.values(), key=lambda table: table.id)
    rule = Rule(RuleKind.SAME_VALUE)
    for place, one in enumerate(tables):
        for other in tables[place + 1 :]:
            if one.rows * other.rows > MOST_COMPARED:
                continue
            for field in sorted({*one.fields} & {*other.fields} - {*one.key, *other.key}):
                ends = End(one.source, one.name, (field,)), End(other.source, other.name, (field,))
                links = _rows(school, *ends, rule)
                if 20 <= len(links) <= 5_000 and "/" not in field:
                    yield Hidden("equal value", rule, ends, links, school)


def _rows(school: School, start: End, end: End, rule: Rule) -> list[tuple[str, str]]:
    rows = reference_links(school.project, school.tables, start, end, rule).read_all().to_pylist()
    heads = f"{start.source}/{start.table}", f"{end.source}/{end.table}"
    return [(f"{heads[0]}/{row['from_row']}", f"{heads[1]}/{row['to_row']}") for row in rows]


def main() -> None:
    """Print kind, hidden rules, and how many are found first with one, two and three examples."""
    for place in filter(None, os.environ.get("TEACHING_PROJECTS", "").split(":")):
        _measure(Path(place))
    if not os.environ.get("TEACHING_PROJECTS"):
        print(f"no projects: name {PLACES[0]}")


def _measure(home: Path) -> None:
    school, chance = School.of(open_project(home)), random.Random(2)
    outcomes: dict[str, dict[int, list[bool]]] = {}
    seconds: list[float] = []
    for hidden in hidden_rules(school):
        for count in (1, 2, 3):
            for _ in range(DRAWS):
                pairs = tuple(tuple(pair) for pair in chance.sample(hidden.links, min(count, len(hidden.links))))
                pairs = tuple(pair for pair in pairs if pair[0] != pair[1])
                started = time.monotonic()
                try:
                    found = bool(pairs) and hidden.is_found(learn(hidden.school, Lesson("hidden", pairs))[0])
                except NothingTaught:
                    found = False
                seconds.append(time.monotonic() - started)
                outcomes.setdefault(hidden.kind, {}).setdefault(count, []).append(found)
    print(f"{home.name}: {sorted(seconds)[len(seconds) // 2]:.2f} s in the median, {max(seconds):.2f} s at most")
    for kind, counts in sorted(outcomes.items()):
        shares = ", ".join(f"{count}: {sum(found) / len(found):.2f}" for count, found in sorted(counts.items()))
        print(f"  {kind} ({len(next(iter(counts.values()))) // DRAWS} rules): {shares}")
