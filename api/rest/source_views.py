"""What REST takes and gives about sources."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.moments import in_utc
from bifrost.config import SOURCE_NAME
from bifrost.model import Crawled
from bifrost.registration import Removal
from bifrost.secrets import Secrets
from bifrost.source_kinds import SourceKind
from bifrost.source_states import SourceState as KnownState

_CONFIG = (
    "settings of the kind, such as `path` or `url`. A password is best a reference: `${env:NAME}`, `${file:path}` or "
    "`${airflow:CONNECTION}`; one in clear is encrypted, and shows from then on as `${secret:NAME}`"
)


class SourceKindState(BaseModel):
    """A kind of source that is installed."""

    kind: str
    description: str
    settings: dict[str, Any] = Field(description="JSON schema of its settings")
    secrets: list[str] = Field(description="settings that hold secrets: show them as a password is shown")
    capabilities: dict[str, Any] = Field(
        description="what it can do: tables, files, incremental, changes, parts, records; and its settings that select"
    )
    broken: str = Field(description="why it cannot be used here, such as a driver that is not installed; else empty")

    @classmethod
    def of(cls, kind: SourceKind) -> "SourceKindState":
        """Show a kind."""
        shown = {name: getattr(kind, name) for name in ("kind", "description", "settings", "capabilities", "broken")}
        return cls(**shown, secrets=list(kind.secrets))


class NewSource(BaseModel):
    """A source to register."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=SOURCE_NAME, examples=["sales"], description="small letters, digits, - and _")
    kind: str = Field(examples=["folder", "postgresql"], description="one of `/sources/kinds`")
    config: dict[str, Any] = Field(default_factory=dict, description=_CONFIG, examples=[{"path": "documents"}])
    schedule: str | None = Field(default=None, description="cron expression", examples=["0 3 * * *"])
    paused: bool = Field(default=False, description="keep what is known of it, and crawl it only when it is named")
    description: str = Field(default="", description="what it holds")
    owner: str = Field(default="", description="who answers for it")
    rate_limit: float | None = Field(default=None, gt=0, description="most items fetched per second; null for no limit")


class SourceChange(BaseModel):
    """What to change of a source; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] = Field(
        default_factory=dict, description=f"{_CONFIG}. Keys that are left out stay, null takes one away"
    )
    schedule: str | None = Field(default=None, description="cron expression; null for none")
    paused: bool = Field(default=False, description="true pauses, and keeps what is known; false resumes")
    description: str = Field(default="", description="what it holds")
    owner: str = Field(default="", description="who answers for it")
    rate_limit: float | None = Field(default=None, gt=0, description="most items fetched per second; null for no limit")


class SourceState(BaseModel):
    """A registered source; secrets in `config` are references, or masked."""

    name: str
    kind: str
    config: dict[str, Any]
    schedule: str | None
    paused: bool
    description: str
    owner: str
    rate_limit: float | None
    declared: bool = Field(description="true when bifrost.yaml declares it; change it there")
    items: int = Field(description="items in staging")
    rows: int = Field(description="rows of its tables in staging")
    rejects: int = Field(description="places that could not be read")
    last_crawl: str | None = Field(description="complete, partial or failed; null before the first crawl")
    last_crawl_ended: datetime | None

    @classmethod
    def of(cls, state: KnownState) -> "SourceState":
        """Show what is known of a source."""
        shown = state.as_json()
        return cls(**{**shown, "last_crawl_ended": in_utc(shown["last_crawl_ended"])})


class RemovalState(BaseModel):
    """What removing a source takes away; with a dry run, what it would take away."""

    source: str
    items: int
    rows: int
    rejects: int
    facts: int = Field(description="facts of the graph that go: its own, and the links between it and others")
    applied: bool

    @classmethod
    def of(cls, goes: Removal, *, applied: bool) -> "RemovalState":
        """Show a removal."""
        return cls(
            source=goes.source,
            items=goes.items,
            rows=goes.rows,
            rejects=goes.rejects,
            facts=goes.facts,
            applied=applied,
        )


class CrawlRecord(BaseModel):
    """How a crawl of the source went."""

    state: str = Field(description="complete; partial: what could not be listed or read is kept; failed: all is kept")
    started: datetime | None
    ended: datetime | None
    counts: dict[str, int]
    failures: list[str]
    failed_scopes: dict[str, str] = Field(description="what could not be listed -> reason")
    retryable: bool = Field(description="true when each failure may mend itself")

    @classmethod
    def of(cls, crawled: Crawled, secrets: Secrets) -> "CrawlRecord":
        """Show a crawl of the catalog."""
        return cls(
            state=crawled.state.value,
            started=in_utc(crawled.started),
            ended=in_utc(crawled.ended),
            counts=dict(crawled.counts),
            failures=secrets.masked(crawled.failures),
            failed_scopes=secrets.masked(crawled.failed_scopes),
            retryable=crawled.retryable,
        )


class FoundRecord(BaseModel):
    """A record as it is at the source now."""

    fields: dict[str, str | int | float | bool | None] = Field(
        description="every wanted field, also those that are left at the source; exact numbers and times are text"
    )


class Answered(BaseModel):
    """What a source answered to a test."""

    answer: str = Field(examples=["PostgreSQL 17.2, 12 tables in database crm"])
