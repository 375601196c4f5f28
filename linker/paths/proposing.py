"""New types of links from paths: frequent, specific and telling ones between kinds of things that no link joins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bifrost.digests import digest_of
from bifrost.model import End, LinkType, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from linker.assembly.writing import Assembly
from linker.paths.kinds import Kinds
from linker.paths.matrices import Matrices, described, some_pairs
from linker.paths.measuring import EXAMPLES, Graph, labels_of
from linker.paths.naming import name_of
from linker.paths.steps import Path, Step, as_text, in_words
from linker.paths.telling import Telling, telling
from linker.paths.traits import Trait, TraitReader

MODEL = "paths/1"
AT_MOST = 5
"""Proposals per graph: everything is connected somehow, and a person's time is not for that."""
LEAST_SHARE, MOST_PER_START = 0.3, 4.0
"""A path that few things have is no kind of link, and one that leads to many says little of each."""
LEAST_LIFT, LEAST_SURPRISE = 1.1, 4.0
MOST_MEASURED = 1_000
_LEAST_SURE, SUREST = 0.3, 0.6
"""That a path tells something does not say that people want a name for it."""
_STAGE, _UNIT = "paths", "proposals"


Chain: TypeAlias = tuple[tuple[Step, LinkType], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A path between two kinds of things with what it yields and what it tells."""

    chain: Chain
    share: float
    """Of the starts that lead anywhere."""
    pairs: int
    per_start: float
    telling: Telling

    @property
    def path(self) -> Path:
        """Give the steps."""
        return _path(self.chain)

    @property
    def worth(self) -> tuple[float, str]:
        """Sort the most telling first."""
        return -self.telling.surprise, as_text(self.path)


def propose_paths(assembly: Assembly, link_types: Sequence[LinkType]) -> list[Proposal]:
    """Give a handful of paths of two or three links as proposals; for the links of an earlier call they are read."""
    usable = [each for each in link_types if _usable(each) and f"links:{each.proposal}" in assembly.units]
    project = assembly.project
    kinds = Kinds.of(link_types)
    joined = {frozenset(kinds.of_end(end) for end in (each.start, each.end)) for each in link_types}
    given = digest_of([MODEL, _SETTINGS, _inputs(assembly, usable), sorted(map(sorted, joined))])
    known = project.catalog.checkpoint(_STAGE, _UNIT, given)
    if known is None or not project.staging.has(known):
        found = _found(assembly, usable, (kinds, joined))
        known = project.staging.put_json([each.as_json() for each in found])
        project.catalog.finish_unit(_STAGE, _UNIT, given, known)
    return [Proposal.from_json(entry) for entry in project.staging.json(known)]


_SETTINGS = [AT_MOST, LEAST_SHARE, MOST_PER_START, LEAST_LIFT, LEAST_SURPRISE, MOST_MEASURED, _LEAST_SURE, SUREST]


def _usable(link_type: LinkType) -> bool:
    derived = link_type.rule.kind in (RuleKind.PATH, RuleKind.SAME_THING, RuleKind.SIMILAR)
    return not derived and bool(link_type.start.table and link_type.end.table)


def _inputs(assembly: Assembly, link_types: Sequence[LinkType]) -> list[Any]:
    links = [[each.proposal, each.name, assembly.units[f"links:{each.proposal}"].facts] for each in link_types]
    tables = [[table.id, list(table.batches)] for table in assembly.tables.values()]
    return [sorted(links), sorted(tables), sorted(assembly.identity["iri"].unique().to_pylist())]


def _found(
    assembly: Assembly, usable: Sequence[LinkType], known: tuple[Kinds, Collection[frozenset[str]]]
) -> list[Proposal]:
    """Give the proposals between kinds of things that no link type joins; `known` are the kinds, and those joined."""
    kinds, joined = known
    names = {each.proposal: each.name for each in usable}
    chains = [chain for chain in chains_of(usable, kinds) if frozenset(_ends(chain, kinds)) not in joined]
    with Graph(assembly.project, assembly.units, usable) as graph:
        judge = _Judge(assembly, graph, usable)
        return judge.proposals(_best(judge, chains, kinds), names)


def _best(judge: "_Judge", chains: Sequence[Chain], kinds: Kinds) -> list[Candidate]:
    """Give the most telling path between any two kinds of things, and of those the best few."""
    best: dict[frozenset[str], Candidate] = {}
    for chain in chains[:MOST_MEASURED]:
        candidate, ends = judge.candidate(chain), frozenset(_ends(chain, kinds))
        if candidate and (ends not in best or candidate.worth < best[ends].worth):
            best[ends] = candidate
    return sorted(best.values(), key=lambda each: each.worth)[:AT_MOST]


class _Judge:
    """Measures chains over the links of one snapshot; traits of a table are gathered once."""

    def __init__(self, assembly: Assembly, graph: Graph, link_types: Sequence[LinkType]) -> None:
        self.assembly = assembly
        self.matrices = Matrices.of({each.proposal: graph.links(each.proposal) for each in link_types})
        self.reader = TraitReader(assembly, graph.connection, self.matrices, link_types)
        self.traits: dict[str, list[Trait]] = {}

    def candidate(self, chain: Chain) -> Candidate | None:
        start = chain[0][0].leads(chain[0][1])[0]
        table = self.assembly.tables.get(f"{start.source}/{start.table}")
        product = self.matrices.pairs(_path(chain)) if table and table.rows else None
        if table is None or product is None:
            return None
        pairs, starts, _ = described(product)
        if starts < LEAST_SHARE * table.rows or pairs > MOST_PER_START * starts:
            return None
        own = {link_type.proposal for _, link_type in chain}
        told = telling(product, [each for each in self._traits(table) if each.link not in own])
        if told is None or told.lift < LEAST_LIFT or told.surprise < LEAST_SURPRISE:
            return None
        return Candidate(chain, min(1.0, starts / table.rows), pairs, pairs / starts, told)

    def _traits(self, table: Table) -> list[Trait]:
        if table.id not in self.traits:
            self.traits[table.id] = self.reader.of(table)
        return self.traits[table.id]

    def proposals(self, chosen: Sequence[Candidate], names: Mapping[str, str]) -> list[Proposal]:
        taken, proposals = set(names.values()), []
        for each in chosen:
            name = name_of(each.chain, taken)
            taken.add(name)
            proposals.append(_proposal(each, name, self._examples(each), names))
        return proposals

    def _examples(self, found: Candidate) -> tuple[tuple[str, str], ...]:
        shown = some_pairs(self.matrices.pairs(found.path), EXAMPLES)
        iris = [tuple(self.matrices.entities[place].as_py() for place in pair) for pair in shown]
        every = [iri for pair in iris for iri in pair]
        labels = labels_of(self.reader.connection, self.assembly.project, self.assembly.units, every)
        return tuple((labels[start], labels[end]) for start, end in iris)


def _path(chain: Chain) -> Path:
    return tuple(step for step, _ in chain)


def chains_of(link_types: Sequence[LinkType], kinds: Kinds) -> list[Chain]:
    """Give the chains of two and three links that visit no kind of thing twice, shorter ones first."""
    hops = [(Step(each.proposal, backward), each) for each in link_types for backward in (False, True)]
    leaving: dict[str, list[tuple[Step, LinkType]]] = {}
    for hop in hops:
        leaving.setdefault(kinds.of_end(hop[0].leads(hop[1])[0]), []).append(hop)
    twos = [chain for hop in hops for chain in _longer((hop,), leaving, kinds)]
    return [*twos, *(longer for chain in twos for longer in _longer(chain, leaving, kinds))]


def _longer(chain: Chain, leaving: Mapping[str, Sequence[tuple[Step, LinkType]]], kinds: Kinds) -> Iterator[Chain]:
    visited = {kinds.of_end(end) for step, link_type in chain for end in step.leads(link_type)}
    step, link_type = chain[-1]
    for hop in leaving.get(kinds.of_end(step.leads(link_type)[1]), ()):
        if kinds.of_end(hop[0].leads(hop[1])[1]) not in visited:
            yield (*chain, hop)


def _ends(chain: Chain, kinds: Kinds) -> tuple[str, str]:
    (first, first_type), (last, last_type) = chain[0], chain[-1]
    return kinds.of_end(first.leads(first_type)[0]), kinds.of_end(last.leads(last_type)[1])


def _proposal(found: Candidate, name: str, shown: tuple[tuple[str, str], ...], names: Mapping[str, str]) -> Proposal:
    told = found.telling
    start, end = found.path[0].leads(found.chain[0][1])[0], found.path[-1].leads(found.chain[-1][1])[1]
    strength = min(1.0, (told.lift - 1) / 2) / max(1.0, found.per_start) * found.share
    return Proposal(
        kind=ProposalKind.LINK_TYPE,
        start=End(start.source, start.table),
        end=End(end.source, end.table),
        probability=round(_LEAST_SURE + (SUREST - _LEAST_SURE) * strength, 4),
        name=name,
        rule=Rule(RuleKind.PATH, as_text(found.path)),
        examples=shown,
        estimated_links=found.pairs,
        because=(
            Reason("path", in_words(found.path, names), 0.0),
            Reason("share that has it", f"{found.share:.0%} of {start.source}/{start.table}", round(found.share, 4)),
            Reason("links of each", f"{found.per_start:.2f} on average", round(1 - found.per_start, 4)),
            Reason("predicts", told.sentence, round(told.lift, 4)),
        ),
        model=MODEL,
    )
