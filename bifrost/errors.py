"""The one tree of errors: each takes facts, writes its own sentence, and says whether a retry can help."""

from collections.abc import Iterable
from pathlib import Path


class BifrostError(Exception):
    """Base of everything that Bifrost raises on purpose."""

    retryable = False
    exit_code = 1


class ProjectMissing(BifrostError):
    """No project lives in this folder."""

    exit_code = 2

    def __init__(self, home: Path) -> None:
        super().__init__(f"no Bifrost project in {home}: run 'bifrost --dir {home} init' first")
        self.home = home


class ProjectBusy(BifrostError):
    """Another process is running stages in the same project."""

    retryable = True

    def __init__(self, home: Path) -> None:
        super().__init__(f"another run is under way in {home}: wait for it to end, then try again")
        self.home = home


class SourceBusy(BifrostError):
    """Another process is crawling the same source."""

    retryable = True

    def __init__(self, source: str) -> None:
        super().__init__(f"source {source!r} is being crawled by another run: wait for it to end, then try again")
        self.source = source


class ConfigInvalid(BifrostError):
    """The configuration holds something that Bifrost does not understand."""

    exit_code = 2

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where, self.problems = where, tuple(problems)
        super().__init__(f"{where} is not valid:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class UnknownName(BifrostError):
    """A name was given that does not exist; the message lists those that do."""

    exit_code = 2

    def __init__(self, what: str, name: str, choices: Iterable[str]) -> None:
        self.what, self.name, self.choices = what, name, tuple(sorted(choices))
        known = f"; known: {', '.join(self.choices)}" if self.choices else ""
        super().__init__(f"there is no {what} {name!r}{known}")


class NothingToFit(BifrostError):
    """There are too few links for a model of links."""

    exit_code = 2

    def __init__(self, least: int) -> None:
        super().__init__(f"there are fewer than {least} links, or none were linked yet: run 'bifrost run' first")
        self.least = least


class ModelMissing(BifrostError):
    """Links were to be predicted before any model was fitted."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "there is no model of links yet: 'bifrost run' fits one once links can be missing, "
            "'bifrost models fit-links' as soon as there are enough"
        )


class NothingTaught(BifrostError):
    """No rule that is known links the pairs that a person gave."""

    exit_code = 2

    def __init__(self, name: str, tried: str) -> None:
        super().__init__(
            f"no rule links the examples of {name!r} better than chance: {tried}. Check the pairs, give more of them, "
            "or assert the links one by one"
        )
        self.name, self.tried = name, tried


class AlreadyThere(BifrostError):
    """Something of this name exists and must not be replaced silently."""

    exit_code = 2

    def __init__(self, what: str, name: str, remedy: str) -> None:
        super().__init__(f"{what} {name!r} exists already: {remedy}")
        self.what, self.name = what, name


class PluginBroken(BifrostError):
    """A plug-in is registered but cannot be imported."""

    def __init__(self, group: str, name: str, reason: str) -> None:
        super().__init__(f"plug-in {name!r} of {group!r} cannot be loaded: {reason}")
        self.group, self.name, self.reason = group, name, reason


class SecretMissing(BifrostError):
    """A secret is referred to but its place holds nothing."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"secret {reference} cannot be read: {reason}")
        self.reference = reference


class SecretKeyUnusable(BifrostError):
    """The key that encrypts the secrets in the catalog is missing, malformed, or another one."""

    exit_code = 2

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"the key of the kept secrets ({place}) cannot be used: {reason}")
        self.place, self.reason = place, reason


class SourceDeclared(BifrostError):
    """A source that bifrost.yaml declares can be changed only there."""

    exit_code = 2

    def __init__(self, source: str, remedy: str) -> None:
        super().__init__(f"source {source!r} is declared in bifrost.yaml: {remedy} there")
        self.source = source


class CapabilityMissing(BifrostError):
    """Something was asked of a source that its kind cannot do."""

    exit_code = 2

    def __init__(self, source: str, kind: str, wish: str) -> None:
        super().__init__(f"source {source!r} is of kind {kind!r}, which cannot {wish}")
        self.source, self.kind, self.wish = source, kind, wish


class SourceUnreachable(BifrostError):
    """The source did not answer; nothing is known about its content."""

    retryable = True

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} did not answer: {reason}")
        self.source, self.reason = source, reason


class SourceRefused(BifrostError):
    """The source answered and said no: a wrong password, a missing right."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} refused: {reason}; check its credentials and rights")
        self.source, self.reason = source, reason


class SourceDamaged(BifrostError):
    """The source is there, and its content is not what its kind says."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} cannot be read: {reason}; restore it, or correct its settings")
        self.source, self.reason = source, reason


class ConnectorFailed(BifrostError):
    """A connector broke off with an error of its own that says nothing about the source."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} could not be listed: its connector failed with {reason}")
        self.source, self.reason = source, reason


class ItemUnreadable(BifrostError):
    """One item of a source could not be fetched; the others are not affected."""

    def __init__(self, source: str, item: str, reason: str, *, retryable: bool = False) -> None:
        super().__init__(f"item {item!r} of source {source!r} cannot be read: {reason}")
        self.source, self.item, self.reason = source, item, reason
        self.retryable = retryable


class RetractionGuarded(BifrostError):
    """A crawl would retract more of a source than its guard allows."""

    def __init__(self, source: str, gone: int, known: int, share: float, *, what: str = "items") -> None:
        super().__init__(
            f"source {source!r}: {gone:,} of {known:,} {what} are gone, more than the guard of "
            f"{share:.0%} allows; nothing of it was retracted. If this is right, run again with --confirm-retraction"
        )
        self.source, self.gone, self.known, self.share, self.what = source, gone, known, share, what


class RowsUnselected(BifrostError):
    """A changed condition on a table's rows no longer chooses rows that are known."""

    def __init__(self, source: str, item: str, rows: int) -> None:
        super().__init__(
            f"item {item!r} of source {source!r}: its condition on rows now leaves out {rows:,} known rows. "
            "They are kept and the table stays as it was; to take them away, run again with --retract-unselected"
        )
        self.source, self.item, self.rows = source, item, rows


class StagingDamaged(BifrostError):
    """A staged object is missing or does not hold what its digest says."""

    def __init__(self, digest: str, reason: str) -> None:
        super().__init__(f"staged object {digest} is damaged: {reason}; run 'bifrost run' to stage it again")
        self.digest = digest


class StorageFull(BifrostError):
    """The disk is full; what was committed before is intact."""

    retryable = True

    def __init__(self, place: str) -> None:
        super().__init__(f"no space left while writing {place}: free some and run again; nothing committed is lost")
        self.place = place


class QueryInvalid(BifrostError):
    """A query cannot be understood or is not allowed."""

    exit_code = 2

    def __init__(self, language: str, reason: str) -> None:
        super().__init__(f"{language} query: {reason}")
        self.language, self.reason = language, reason


class QueryTimeout(BifrostError):
    """A query ran longer than its limit and was stopped."""

    retryable = True

    def __init__(self, language: str, limit_seconds: float) -> None:
        super().__init__(f"{language} query stopped after {limit_seconds:g} s: narrow it, or raise the limit")
        self.language, self.limit_seconds = language, limit_seconds


class GraphEmpty(BifrostError):
    """A query came before anything was published."""

    exit_code = 2

    def __init__(self, home: Path) -> None:
        super().__init__(f"nothing is published in {home} yet: run 'bifrost run' first")
        self.home = home


class StoreUnreadable(BifrostError):
    """An embedded store cannot be opened or read; it can always be rebuilt from staging."""

    retryable = True

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(
            f"store {store!r} cannot be opened: {reason}; end other writers, or delete its folder and publish again"
        )
        self.store, self.reason = store, reason


class EntityMissing(BifrostError):
    """No entity of the published graph has this name."""

    exit_code = 2

    def __init__(self, iri: str) -> None:
        super().__init__(f"there is no entity <{iri}> in the published graph: search for it by name")
        self.iri = iri


class ServerUnreachable(BifrostError):
    """A Bifrost server did not answer its client."""

    retryable = True

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"the server at {url} did not answer: {reason}")
        self.url, self.reason = url, reason


class ServerRefused(BifrostError):
    """A Bifrost server answered its client with an error."""

    def __init__(self, url: str, status: int, reason: str) -> None:
        super().__init__(f"the server at {url} refused ({status}): {reason}")
        self.url, self.status, self.reason = url, status, reason
        self.retryable = status in (409, 502, 503)


class StageFailed(BifrostError):
    """A stage ended with failures beyond what it may hide in its rejects."""

    def __init__(self, stage: str, failures: Iterable[str]) -> None:
        self.stage, self.failures = stage, tuple(failures)
        super().__init__(f"stage {stage!r} failed:\n" + "\n".join(f"  {failure}" for failure in self.failures))
