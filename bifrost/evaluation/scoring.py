"""Precision and recall of a project's links against planted truth, per type of link."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from bifrost import engine, review
from bifrost.evaluation.truth import SAME, Pair, Truth, true_types
from bifrost.model import RuleKind
from bifrost.project import Project


@dataclass(frozen=True, slots=True)
class Score:
    """How a set of links compares with the true ones."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the found links that are true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true links that were found."""
        return self.right / self.true if self.true else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.found + other.found, self.true + other.true)


def score(project: Project, truth: Truth) -> dict[str, Score]:
    """Score every true type, and every type that was found and is not true, as `unexpected NAME`."""
    entity_of = _entities(project)
    true = _canonical(truth.links, entity_of)
    found = _found_links(project, truth, true)
    true[SAME] = set(truth.links.get(SAME, ()))
    found[SAME] = set(_merged_pairs(entity_of, true[SAME]))
    return {
        name: Score(len(found[name] & true[name]), len(found[name]), len(true[name]))
        for name in sorted(true.keys() | found.keys())
    }


def true_pairs(project: Project, truth: Truth, names: Iterable[str] | None = None) -> set[Pair]:
    """Give the true links as pairs of IRIs, before and after merging."""
    wanted = truth.links.keys() if names is None else names
    entity_of = _entities(project)
    plain = {pair for name in wanted for pair in truth.links.get(name, ())}
    return plain | {(entity_of.get(left, left), entity_of.get(right, right)) for left, right in plain}


def _entities(project: Project) -> dict[str, str]:
    """Give record IRI -> entity IRI of the merged records."""
    digest = project.snapshot().identity
    if not digest:
        return {}
    rows = project.staging.table([digest]).to_pylist()
    return {project.namer.record(row["source"], row["table"], row["row"]): row["iri"] for row in rows}


def _canonical(links: Mapping[str, frozenset[Pair]], entity_of: Mapping[str, str]) -> dict[str, set[Pair]]:
    canonical: dict[str, set[Pair]] = defaultdict(set)
    for name, pairs in links.items():
        canonical[name] = {(entity_of.get(left, left), entity_of.get(right, right)) for left, right in pairs}
    return canonical


def _merged_pairs(entity_of: Mapping[str, str], true: set[Pair]) -> Iterable[Pair]:
    """Give the pairs of records that were merged, in the truth's direction where it is known."""
    clusters: dict[str, set[str]] = defaultdict(set)
    for record, entity in entity_of.items():
        clusters[entity] |= {record, entity}
    for members in clusters.values():
        for left, right in combinations(sorted(members), 2):
            yield (right, left) if (right, left) in true else (left, right)


def _found_links(project: Project, truth: Truth, true: Mapping[str, set[Pair]]) -> dict[str, set[Pair]]:
    snapshot = project.snapshot()
    documents = _documents(project)
    found: dict[str, set[Pair]] = defaultdict(set)
    for proposal, _route in review.load_routes(project, snapshot):
        unit = snapshot.units.get(review.links_unit(proposal))
        if unit is None or proposal.rule.kind is RuleKind.SAME_THING:
            continue
        names = [each.name for each in true_types(truth, proposal)]
        for subject, target in _pairs(project, unit.facts):
            pair = (documents.get(subject, subject), target)
            fitting = [name for name in names if pair in true.get(name, ())]
            found[(fitting or names or [f"unexpected {proposal.name}"])[0]].add(pair)
    return found


def _pairs(project: Project, facts: str) -> list[Pair]:
    query = f"SELECT DISTINCT subject, object FROM {engine.scan(project.staging.paths([facts]))}"
    connection = engine.connect(project.cache_folder("spill"))
    return [(str(subject), str(target)) for subject, target in connection.sql(query).fetchall()]


def _documents(project: Project) -> dict[str, str]:
    """Give record IRI -> IRI of the document that it was found in."""
    units = [unit.facts for name, unit in project.snapshot().units.items() if name.startswith("table:")]
    if not units:
        return {}
    connection = engine.connect(project.cache_folder("spill"))
    query = f"SELECT subject, object FROM {engine.scan(project.staging.paths(units))} WHERE predicate = ?"
    return dict(connection.execute(query, [project.namer.term("document")]).fetchall())
