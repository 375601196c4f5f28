"""The values of the domain. Frozen, standard library only; tables travel as Arrow batches instead."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any


class ItemKind(StrEnum):
    """What a crawl brings: rows that already have columns, bytes that an extractor must read, or a pack of items."""

    TABLE = "table"
    FILE = "file"
    CONTAINER = "container"
    """An archive or mailbox: what counts is in its members, which are items of their own."""


class ProposalKind(StrEnum):
    """What a proposal asks."""

    LINK_TYPE = "link-type"
    SAME_FIELD = "same-field"
    SAME_ENTITY = "same-entity"
    CLAIM = "claim"
    NAME = "name"
    """That a text is the name of a kind of thing, wherever documents hold it."""


class RuleKind(StrEnum):
    """How the links of a link type are found."""

    REFERENCE = "reference"
    SAME_THING = "same-thing"
    MENTION = "mention"
    CLAIM = "claim"
    """Texts state the link in their sentences."""
    PREDICTED = "predicted"
    SAME_VALUE = "same-value"
    """Fields agree, however many records share the value."""
    SIMILAR = "similar"
    """Texts share rare words."""
    PATH = "path"
    """Other links lead from one end to the other, one after the other."""


class Verdict(StrEnum):
    """What a person said to a proposal."""

    ACCEPT = "accept"
    REJECT = "reject"
    SKIP = "skip"
    UNDO = "undo"
    RENAME = "rename"
    """Another name for what is settled, and nothing else."""
    CORRECT = "correct"
    """The person's own proposal takes the place of this one."""
    DELETE = "delete"
    """What was settled goes with all its links."""


class Route(StrEnum):
    """Where a proposal goes: in by policy or decision, before a person, or out."""

    ACCEPTED = "accepted"
    ASK = "ask"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Source:
    """A registered place of data; `config` holds secrets by reference only."""

    name: str
    kind: str
    config: Mapping[str, Any]
    schedule: str | None = None
    paused: bool = False
    description: str = ""
    owner: str = ""
    """Who answers for it: a person, a team, an address."""
    rate_limit: float | None = None
    """Most items fetched per second; None for no limit."""
    declared: bool = False
    """True when bifrost.yaml declares it, so that the file stays the one place to change it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One table or file of a source as its listing shows it."""

    source: str
    key: str
    kind: ItemKind
    fingerprint: str
    """Changes whenever the content may have changed; compared, never interpreted."""
    size_bytes: int | None = None
    primary_key: tuple[str, ...] = ()
    row_filter: str = ""
    """The condition that the source's settings put on the rows of a table; empty for all rows."""
    container: str = ""
    """Key of the archive or mailbox that it was found in; empty for what the source itself lists."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Item":
        """Read what JSON makes of `dataclasses.asdict`."""
        return cls(**{**value, "kind": ItemKind(value["kind"]), "primary_key": tuple(value["primary_key"])})


@dataclass(frozen=True, slots=True)
class StagedItem:
    """An item whose content lies in staging under `content`: the digest of a file, or of a table's layers."""

    item: Item
    content: str
    rows: int | None = None
    selection: str = ""
    """Digest of the settings that chose it when it was last listed: what they no longer choose is not gone."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a logical table."""

    source: str
    table: str
    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """A logical table: rows of the same shape from one item, or from many documents of one source."""

    source: str
    name: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    rows: int
    batches: tuple[str, ...]
    """Digests of staged Parquet batches that follow `bifrost.schemas.RECORDS`."""
    origin: ItemKind = ItemKind.TABLE
    """TABLE for rows that came as rows; FILE for tables and forms found inside documents."""

    @property
    def id(self) -> str:
        """Name the table uniquely within the project."""
        return f"{self.source}/{self.name}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact was seen."""

    source: str
    item: str
    place: str
    method: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or identifier in a text."""

    text: str
    label: str
    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing of the graph."""

    iri: str
    label: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A typed statement about an entity with the place it was seen."""

    subject: str
    predicate: str
    object: str
    confidence: float
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class End:
    """One side of a proposal: fields of a table, the documents of a source, one entity, or a kind of value.

    A kind of value has neither source nor table: its field is date, quantity, money or percent.
    """

    source: str = ""
    table: str = ""
    fields: tuple[str, ...] = ()
    iri: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the form used by the command line and the API."""
        if self.iri:
            return {"iri": self.iri}
        return {"source": self.source, "table": self.table, "fields": list(self.fields)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "End":
        """Read the form that `as_json` gives."""
        return cls(
            source=value.get("source", ""),
            table=value.get("table", ""),
            fields=tuple(value.get("fields", ())),
            iri=value.get("iri", ""),
        )

    def __str__(self) -> str:
        if self.iri:
            return self.iri
        fields = f".{'+'.join(self.fields)}" if self.fields else ""
        return f"{self.source}/{self.table}{fields}" if self.table else self.source or fields.lstrip(".")


@dataclass(frozen=True, slots=True)
class Rule:
    """How links are computed: the kind, and what it needs.

    `transform` is for references what both sides go through (or `START ~ END` where they differ), for claims the
    relation that texts state, for paths the links that are followed, for similar texts how similar they must be.
    """

    kind: RuleKind
    transform: str = "exact"
    turned: bool = False
    """True when the links lead the other way: from what the rule finds to what it starts at."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: a feature, its value, and what it adds to the score (log-odds or share)."""

    feature: str
    value: str
    weight: float = 0.0


@dataclass(frozen=True)
class Proposal:
    """A suggestion that a person or a policy can settle."""

    kind: ProposalKind
    start: End
    end: End
    probability: float
    name: str
    rule: Rule
    examples: tuple[tuple[str, str], ...] = ()
    estimated_links: int = 0
    because: tuple[Reason, ...] = ()
    model: str = ""

    @cached_property
    def id(self) -> str:
        """Identify the question itself, so that its answer survives every re-run and re-training."""
        question = [self.kind.value, self.start.as_json(), self.end.as_json(), self.rule.kind.value]
        if self.rule.kind in _SEVERAL_WAYS:
            question.append(self.rule.transform)
        if self.rule.turned:
            question.append("turned")
        if self.kind is ProposalKind.CLAIM:  # Two things may be linked in several ways.
            question.append(self.name)
        text = json.dumps(question, sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Give the form that `bifrost proposals --json`, the API and the decision log share."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "probability": round(self.probability, 6),
            "name": self.name,
            "from": self.start.as_json(),
            "to": self.end.as_json(),
            "rule": {
                "kind": self.rule.kind.value,
                "transform": self.rule.transform,
                **({"turned": True} if self.rule.turned else {}),
            },
            "examples": [list(pair) for pair in self.examples],
            "estimated_links": self.estimated_links,
            "because": [
                {"feature": reason.feature, "value": reason.value, "weight": round(reason.weight, 4)}
                for reason in self.because
            ],
            "model": self.model,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Proposal":
        """Read the form that `as_json` gives."""
        return cls(
            kind=ProposalKind(value["kind"]),
            start=End.from_json(value["from"]),
            end=End.from_json(value["to"]),
            probability=float(value["probability"]),
            name=value["name"],
            rule=_rule(value["rule"]),
            examples=tuple((str(left), str(right)) for left, right in value.get("examples", ())),
            estimated_links=int(value.get("estimated_links", 0)),
            because=tuple(
                Reason(reason["feature"], str(reason["value"]), float(reason.get("weight", 0.0)))
                for reason in value.get("because", ())
            ),
            model=value.get("model", ""),
        )


_SEVERAL_WAYS = (RuleKind.CLAIM, RuleKind.PATH)
"""Texts may relate the records of two tables in several ways, and so may links."""


def _rule(value: Mapping[str, Any]) -> Rule:
    return Rule(RuleKind(value["kind"]), value.get("transform", "exact"), bool(value.get("turned", False)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said to a proposal; appended to the log, never edited."""

    proposal: Proposal
    verdict: Verdict
    by: str
    name: str = ""
    """The link type's name that the person gave; empty keeps the suggested one."""
    reason: str = ""
    at: datetime | None = None
    seq: int = 0
    corrected: Proposal | None = None
    """The person's own proposal that takes the place of this one; the verdict is CORRECT then."""
    decided_as: str = ""
    """The name it was settled under, where it was renamed since; filled by `bifrost.decisions.effective`."""


@dataclass(frozen=True, slots=True)
class LinkType:
    """A settled type of link: a name, two ends and the rule that yields its links."""

    name: str
    start: End
    end: End
    rule: Rule
    confidence: float
    proposal: str
    decided: bool
    """True when a person accepted it, False when the policy did."""

    @property
    def found(self) -> "LinkType":
        """Give the type in the direction in which its rule finds the links."""
        if not self.rule.turned:
            return self
        return replace(self, start=self.end, end=self.start, rule=replace(self.rule, turned=False))


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read, with the place and the reason."""

    source: str
    item: str
    place: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a crawl found against what is known, before anything is changed."""

    source: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unselected: tuple[str, ...] = ()
    """Items that are kept although they are not listed, because the settings no longer choose them."""
    unchanged: int = 0


class CrawlState(StrEnum):
    """How the crawl of a source ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    """A part could not be listed or read; what is known about it is kept."""
    FAILED = "failed"
    """The source could not be listed; everything that is known about it is kept."""


@dataclass(frozen=True, slots=True)
class Crawled:
    """How the crawl of one source went."""

    source: str
    state: CrawlState
    failures: tuple[str, ...] = ()
    failed_scopes: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None
    retryable: bool = False
    """True when each failure may mend itself."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """How a stage ended: counts for people, failures that did not stop the rest."""

    stage: str
    counts: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    crawled: tuple[Crawled, ...] = ()
