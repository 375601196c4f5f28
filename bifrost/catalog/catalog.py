"""Reading and writing the catalog; every public method is one transaction."""

import secrets as random_text
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from bifrost.catalog import tables
from bifrost.errors import AlreadyThere, UnknownName
from bifrost.model import (
    Crawled,
    CrawlState,
    Decision,
    Item,
    ItemKind,
    Proposal,
    Reject,
    Source,
    StagedItem,
    Verdict,
)

LATEST_REVISION = "0003"


@dataclass(frozen=True, slots=True)
class Run:
    """One stage's run as the catalog keeps it."""

    id: int
    stage: str
    started: datetime
    ended: datetime | None
    state: str
    counts: Mapping[str, int]
    failures: tuple[str, ...]


class Catalog:
    """The catalog of one project."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._log: tuple[Decision, ...] = ()

    # ---- sources

    def register(self, source: Source, *, replace: bool = False, secrets: Mapping[str, str] | None = None) -> None:
        """Add a source together with its encrypted secrets (name -> token), or change it when `replace` is set.

        Raises:
            AlreadyThere: the name is taken and `replace` is not set.
        """
        values = {**asdict(source), "config": dict(source.config)}
        with self.engine.begin() as connection:
            taken = connection.scalar(sa.select(tables.sources.c.name).filter_by(name=source.name))
            if taken and not replace:
                raise AlreadyThere("source", source.name, "remove it first, or choose another name")
            connection.execute(sa.delete(tables.sources).where(tables.sources.c.name == source.name))
            connection.execute(sa.insert(tables.sources).values(values))
            _keep_secrets(connection, secrets or {})

    def sources(self) -> list[Source]:
        """List the registered sources by name."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(tables.sources).order_by(tables.sources.c.name))
            return [Source(**row) for row in rows.mappings()]

    def source(self, name: str) -> Source:
        """Give one source.

        Raises:
            UnknownName: none of this name is registered.
        """
        known = {source.name: source for source in self.sources()}
        if name not in known:
            raise UnknownName("source", name, known)
        return known[name]

    def forget(self, name: str) -> None:
        """Remove a source with its items, rejects, crawls and secrets; what it supported goes with the next link."""
        with self.engine.begin() as connection:
            for table, column in (
                (tables.sources, tables.sources.c.name),
                (tables.items, tables.items.c.source),
                (tables.rejects, tables.rejects.c.source),
                (tables.crawls, tables.crawls.c.source),
            ):
                connection.execute(sa.delete(table).where(column == name))
            own = tables.secrets.c.name.startswith(f"{name}/", autoescape=True)
            connection.execute(sa.delete(tables.secrets).where(own))

    # ---- items

    def items(self, source: str | None = None) -> list[StagedItem]:
        """List what is staged, of one source or of all, by source and key."""
        query = sa.select(tables.items).order_by(tables.items.c.source, tables.items.c.key)
        if source is not None:
            query = query.where(tables.items.c.source == source)
        with self.engine.connect() as connection:
            return [_staged(row) for row in connection.execute(query).mappings()]

    def stage_items(self, staged: Iterable[StagedItem], *, emptied: Mapping[str, Sequence[str]] | None = None) -> None:
        """Commit the cursor of items whose content is in staging.

        `emptied` names containers (source -> keys) whose members are replaced by those that are staged here.
        """
        staged = list(staged)
        values = [
            {
                "source": each.item.source,
                "key": each.item.key,
                "kind": each.item.kind.value,
                "fingerprint": each.item.fingerprint,
                "size_bytes": each.item.size_bytes,
                "primary_key": list(each.item.primary_key),
                "content": each.content,
                "rows": each.rows,
                "row_filter": each.item.row_filter,
                "container": each.item.container,
                "selection": each.selection,
            }
            for each in staged
        ]
        if not values:
            return
        statement = upsert(tables.items)
        changed = {name: statement.excluded[name] for name in values[0] if name not in ("source", "key")}
        inside = tables.items.c.container == sa.bindparam("emptied")
        with self.engine.begin() as connection:
            for source, keys in (emptied or {}).items():
                stale = sa.delete(tables.items).where(tables.items.c.source == source, inside)
                connection.execute(stale, [{"emptied": key} for key in keys])
            connection.execute(statement.on_conflict_do_update(index_elements=["source", "key"], set_=changed), values)

    def reselect(self, source: str, keys: Sequence[str], selection: str) -> None:
        """Note under which settings these items, and what they contain, were listed."""
        listed: sa.BindParameter[str] = sa.bindparam("listed")
        own = (tables.items.c.key == listed) | (tables.items.c.container == listed)
        statement = sa.update(tables.items).where(tables.items.c.source == source, own).values(selection=selection)
        if keys:
            with self.engine.begin() as connection:
                connection.execute(statement, [{"listed": key} for key in keys])

    def retract_items(self, source: str, keys: Sequence[str]) -> None:
        """Take items away that a complete listing no longer shows, with what they contained."""
        if not keys:
            return
        gone: sa.BindParameter[str] = sa.bindparam("gone")
        own = (tables.items.c.key == gone) | (tables.items.c.container == gone)
        condition = (tables.items.c.source == source) & own
        stale = (tables.rejects.c.source == source) & (tables.rejects.c.item == gone)
        with self.engine.begin() as connection:
            parameters = [{"gone": key} for key in keys]
            connection.execute(sa.delete(tables.items).where(condition), parameters)
            connection.execute(sa.delete(tables.rejects).where(stale), parameters)

    # ---- crawls

    def crawled(self, outcome: Crawled) -> None:
        """Record how the crawl of a source went."""
        values = asdict(outcome)
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(tables.crawls).values(
                    {
                        **values,
                        "state": outcome.state.value,
                        "failures": list(outcome.failures),
                        "failed_scopes": dict(outcome.failed_scopes),
                        "counts": dict(outcome.counts),
                        "started": outcome.started or _now(),
                        "ended": outcome.ended or _now(),
                    }
                )
            )

    def crawls(self, source: str | None = None, limit: int = 20) -> list[Crawled]:
        """List the latest crawls, of one source or of all, newest first."""
        query = sa.select(tables.crawls).order_by(tables.crawls.c.id.desc()).limit(limit)
        if source is not None:
            query = query.where(tables.crawls.c.source == source)
        with self.engine.connect() as connection:
            return [_crawled(row) for row in connection.execute(query).mappings()]

    # ---- secrets: tokens that only `bifrost.vault` can read

    def secret(self, name: str) -> str | None:
        """Give an encrypted secret."""
        with self.engine.connect() as connection:
            token: str | None = connection.scalar(sa.select(tables.secrets.c.token).filter_by(name=name))
        return token

    def secrets(self) -> dict[str, str]:
        """Give name -> token of all encrypted secrets."""
        with self.engine.connect() as connection:
            return {row.name: row.token for row in connection.execute(sa.select(tables.secrets))}

    def keep_secret(self, name: str, token: str) -> None:
        """Store an encrypted secret in place of an earlier one."""
        with self.engine.begin() as connection:
            _keep_secrets(connection, {name: token})

    def replace_tokens(self, changed: Mapping[str, tuple[str, str]]) -> None:
        """Put new tokens (name -> old, new) where the old ones still stand."""
        table = tables.secrets
        with self.engine.begin() as connection:
            for name, (old, new) in changed.items():
                still = (table.c.name == name) & (table.c.token == old)
                connection.execute(sa.update(table).where(still).values(token=new))

    def drop_secrets(self, names: Iterable[str]) -> None:
        """Forget secrets that nothing refers to any more."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(tables.secrets).where(tables.secrets.c.name.in_(list(names))))

    # ---- checkpoints: a stage is a function from digests to digests, and this is its memory

    def checkpoints(self, stage: str) -> dict[str, tuple[str, str]]:
        """Give unit -> (input digest, output digest) of all units that a stage has finished."""
        table = tables.checkpoints
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(table).where(table.c.stage == stage))
            return {row.unit: (row.input, row.output) for row in rows}

    def checkpoint(self, stage: str, unit: str, given: str) -> str | None:
        """Give the output of a unit if it was finished for exactly this input."""
        table = tables.checkpoints
        query = sa.select(table.c.output).where(table.c.stage == stage, table.c.unit == unit, table.c.input == given)
        with self.engine.connect() as connection:
            return connection.scalar(query)

    def finish_unit(self, stage: str, unit: str, given: str, output: str, rejects: Iterable[Reject] = ()) -> None:
        """Remember a finished unit together with what it rejected."""
        statement = upsert(tables.checkpoints).values(stage=stage, unit=unit, input=given, output=output)
        with self.engine.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["stage", "unit"],
                    set_={"input": statement.excluded.input, "output": statement.excluded.output},
                )
            )
            _replace_rejects(connection, stage, unit, rejects)

    def drop_checkpoints(self, stage: str, units: Iterable[str]) -> None:
        """Forget units that no longer exist, with their rejects."""
        with self.engine.begin() as connection:
            for unit in units:
                for table in (tables.checkpoints, tables.rejects):
                    connection.execute(sa.delete(table).where(table.c.stage == stage, table.c.unit == unit))

    def reject(self, stage: str, unit: str, rejects: Iterable[Reject]) -> None:
        """Replace what a unit rejected, without calling the unit finished."""
        with self.engine.begin() as connection:
            _replace_rejects(connection, stage, unit, rejects)

    def rejects(self, source: str | None = None) -> list[Reject]:
        """List what could not be read, of one source or of all."""
        query = sa.select(tables.rejects).order_by(tables.rejects.c.source, tables.rejects.c.item)
        if source is not None:
            query = query.where(tables.rejects.c.source == source)
        with self.engine.connect() as connection:
            return [Reject(row.source, row.item, row.place, row.stage, row.reason) for row in connection.execute(query)]

    # ---- what is there of each source, counted by the database

    def staged_counts(self) -> dict[str, tuple[int, int]]:
        """Give source -> (items, rows of its tables)."""
        table = tables.items
        rows = sa.func.coalesce(sa.func.sum(table.c.rows), 0)
        query = sa.select(table.c.source, sa.func.count(), rows).group_by(table.c.source)
        with self.engine.connect() as connection:
            return {source: (items, rows) for source, items, rows in connection.execute(query)}

    def reject_counts(self) -> dict[str, int]:
        """Give source -> number of rejects."""
        table = tables.rejects
        query = sa.select(table.c.source, sa.func.count()).group_by(table.c.source)
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def latest_crawls(self) -> dict[str, Crawled]:
        """Give the latest crawl of every source that was crawled."""
        table = tables.crawls
        latest = sa.select(sa.func.max(table.c.id)).group_by(table.c.source)
        query = sa.select(table).where(table.c.id.in_(latest))
        with self.engine.connect() as connection:
            return {row["source"]: _crawled(row) for row in connection.execute(query).mappings()}

    # ---- heads

    @property
    def id(self) -> str:
        """Name this catalog for good, wherever its file lies."""
        named = sa.select(tables.heads.c.digest).where(tables.heads.c.name == "catalog").order_by(tables.heads.c.seq)
        fresh = sa.select(*(sa.literal(each) for each in ("catalog", random_text.token_hex(8), _now())))
        statement = sa.insert(tables.heads).from_select(["name", "digest", "at"], fresh.where(~named.exists()))
        with self.engine.begin() as connection:
            found: str | None = connection.scalar(named.limit(1))
            if found is None:
                connection.execute(statement)
                found = connection.scalar(named.limit(1))
        return str(found)

    def head(self, name: str) -> str | None:
        """Give the current digest of `extraction` or `snapshot`."""
        query = sa.select(tables.heads.c.digest).where(tables.heads.c.name == name)
        with self.engine.connect() as connection:
            digest: str | None = connection.scalar(query.order_by(tables.heads.c.seq.desc()).limit(1))
        return digest

    def move_head(self, name: str, digest: str) -> None:
        """Make a digest current; the earlier ones stay as history."""
        if self.head(name) == digest:
            return
        with self.engine.begin() as connection:
            connection.execute(sa.insert(tables.heads).values(name=name, digest=digest, at=_now()))

    def history(self, name: str) -> list[tuple[str, datetime]]:
        """List the digests that were current, the first first, with the time since when."""
        query = sa.select(tables.heads.c.digest, tables.heads.c.at).where(tables.heads.c.name == name)
        with self.engine.connect() as connection:
            return [(row.digest, row.at) for row in connection.execute(query.order_by(tables.heads.c.seq))]

    # ---- decisions

    def append(self, decisions: Iterable[Decision]) -> list[int]:
        """Append to the decision log and return the new numbers."""
        with self.engine.begin() as connection:
            return [_append(connection, decision) for decision in decisions]

    def decisions(self, after: int = 0) -> list[Decision]:
        """Read the log in order, from the entry after `after`; an entry is read once, for it never changes."""
        known = self._log  # Set as a whole: threads that read at once come to the same log.
        query = sa.select(tables.decisions).where(tables.decisions.c.seq > (known[-1].seq if known else 0))
        with self.engine.connect() as connection:
            fresh = [_decision(row) for row in connection.execute(query.order_by(tables.decisions.c.seq))]
        log = (*known, *fresh)
        self._log = log
        return [each for each in log if each.seq > after]

    def last_decision(self) -> int:
        """Give the number of the latest entry of the log; 0 while there is none."""
        with self.engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.max(tables.decisions.c.seq))).scalar() or 0)

    # ---- runs

    @contextmanager
    def running(self, stage: str) -> Iterator[dict[str, Any]]:
        """Record a run of a stage; the caller fills `counts` and `failures` of what it is given."""
        outcome: dict[str, Any] = {"counts": {}, "failures": []}
        with self.engine.begin() as connection:
            statement = sa.insert(tables.runs).values(
                stage=stage, started=_now(), state="running", counts={}, failures=[]
            )
            number = connection.execute(statement).inserted_primary_key
        state = "failed"
        try:
            yield outcome
            state = "done"
        finally:
            with self.engine.begin() as connection:
                connection.execute(
                    sa.update(tables.runs)
                    .where(tables.runs.c.id == (number[0] if number else None))
                    .values(ended=_now(), state=state, **outcome)
                )

    def runs(self, limit: int = 20) -> list[Run]:
        """List the latest runs, newest first."""
        query = sa.select(tables.runs).order_by(tables.runs.c.id.desc()).limit(limit)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return [Run(**{**row, "failures": tuple(row["failures"])}) for row in rows]


def open_catalog(path: Path) -> Catalog:
    """Open the catalog in a SQLite file, and bring it to the latest revision if it is older or new."""
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", _prepare_connection)
    if _revision(engine) != LATEST_REVISION:
        _migrate(engine)
    return Catalog(engine)


def _prepare_connection(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def _migrate(engine: sa.Engine) -> None:
    # Alembic costs more to import than the rest of the catalog: only a changed schema pays for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _replace_rejects(connection: sa.Connection, stage: str, unit: str, rejects: Iterable[Reject]) -> None:
    table = tables.rejects
    connection.execute(sa.delete(table).where(table.c.stage == stage, table.c.unit == unit))
    values = [
        {
            "stage": stage,
            "unit": unit,
            "source": reject.source,
            "item": reject.item,
            "place": reject.place,
            "reason": reject.reason,
        }
        for reject in rejects
    ]
    if values:
        connection.execute(sa.insert(table), values)


def _keep_secrets(connection: sa.Connection, tokens: Mapping[str, str]) -> None:
    for name, token in tokens.items():
        connection.execute(sa.delete(tables.secrets).where(tables.secrets.c.name == name))
        connection.execute(sa.insert(tables.secrets).values(name=name, token=token))


def _append(connection: sa.Connection, decision: Decision) -> int:
    statement = sa.insert(tables.decisions).values(
        proposal_id=decision.proposal.id,
        proposal=decision.proposal.as_json(),
        verdict=decision.verdict.value,
        name=decision.name,
        by=decision.by,
        reason=decision.reason,
        at=decision.at or _now(),
        corrected=decision.corrected and decision.corrected.as_json(),
    )
    key = connection.execute(statement).inserted_primary_key
    return int(key[0]) if key else 0


def _decision(row: Any) -> Decision:
    return Decision(
        proposal=Proposal.from_json(row.proposal),
        verdict=Verdict(row.verdict),
        by=row.by,
        name=row.name,
        reason=row.reason,
        at=row.at,
        seq=row.seq,
        corrected=Proposal.from_json(row.corrected) if row.corrected else None,
    )


def _crawled(row: Any) -> Crawled:
    values = {name: row[name] for name in ("source", "failed_scopes", "counts", "started", "ended", "retryable")}
    return Crawled(state=CrawlState(row["state"]), failures=tuple(row["failures"]), **values)


def _staged(row: Any) -> StagedItem:
    item = Item(
        source=row["source"],
        key=row["key"],
        kind=ItemKind(row["kind"]),
        fingerprint=row["fingerprint"],
        size_bytes=row["size_bytes"],
        primary_key=tuple(row["primary_key"]),
        row_filter=row["row_filter"],
        container=row["container"],
    )
    return StagedItem(item, row["content"], row["rows"], row["selection"])


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
