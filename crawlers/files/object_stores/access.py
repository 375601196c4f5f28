"""What the kinds of object stores have in common: pages of objects, spans of their bytes, and what can go wrong."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from bifrost.errors import BifrostError, ItemUnreadable, SourceRefused, SourceUnreachable

_PAUSES_SECONDS = (0.3, 1.5)
"""Between the attempts at a question that got no answer."""

Answer = TypeVar("Answer")


class Entry(NamedTuple):
    """An object as a page of a listing shows it."""

    key: str
    size_bytes: int
    fingerprint: str


class Span(NamedTuple):
    """Bytes of an object."""

    content: bytes
    version: str
    """Names the content: later spans are asked of the same version only."""
    total_bytes: int
    """Size of the whole object."""


class Trouble(StrEnum):
    """What a store's error says about the store and the object."""

    UNANSWERED = "unanswered"
    """The store did not answer, or asks to come back later."""
    BROKEN_OFF = "broken-off"
    """An answer began and did not end."""
    REFUSED = "refused"
    """The credentials are not valid, or there is no such bucket."""
    FORBIDDEN = "forbidden"
    """The credentials are valid, and give no right to this."""
    MISSING = "missing"
    CHANGED = "changed"
    """The object is not of the asked version any more."""
    EMPTY = "empty"
    """The object has no bytes, so that none can be asked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of a store's client in our words."""

    trouble: Trouble
    reason: str


class ObjectStore(Protocol):
    """A connection to one bucket; used by several threads."""

    faults: ClassVar[tuple[type[Exception], ...]]
    """What `pages` and `span` may raise, besides errors of our own tree."""

    def fault_of(self, error: Exception) -> Fault:
        """Say what an error of the client means."""
        ...

    def page(self, prefix: str, after: str | None) -> tuple[Sequence[Entry], str | None]:
        """Give one page of the objects whose keys begin with `prefix`, and where the next begins, if there is one.

        Raises:
            NoListing: the answer is not the page of a listing.
        """
        ...

    def span(self, key: str, start: int, stop: int, version: str | None) -> Span:
        """Read the bytes from `start` to before `stop`, or to the object's end."""
        ...


class NoListing(ValueError):
    """A store answered with something else than a page of a listing; it becomes a SourceUnreachable."""


@dataclass(frozen=True, slots=True)
class Blame:
    """Makes a store's faults the errors of a source; what stores say may repeat a secret."""

    source: str
    mask: Callable[[str], str]

    def source_error(self, fault: Fault) -> BifrostError:
        """Give the error of a question that concerns the whole source."""
        reason = self.mask(fault.reason)
        if fault.trouble in (Trouble.UNANSWERED, Trouble.BROKEN_OFF):
            return SourceUnreachable(self.source, reason)
        return SourceRefused(self.source, reason)

    def item_error(self, item: str, fault: Fault) -> BifrostError:
        """Give the error of a question that concerns one object."""
        if fault.trouble in (Trouble.UNANSWERED, Trouble.REFUSED):
            return self.source_error(fault)
        retryable = fault.trouble in (Trouble.BROKEN_OFF, Trouble.CHANGED)
        return ItemUnreadable(self.source, item, self.mask(fault.reason), retryable=retryable)


def pages(blame: Blame, store: ObjectStore, prefix: str) -> Iterator[Sequence[Entry]]:
    """List objects page by page; whatever goes wrong on any page is an error, and never the end of the listing.

    Raises:
        SourceUnreachable, SourceRefused: a page could not be had.
    """
    after: str | None = None
    seen: set[str] = set()
    while True:
        try:
            entries, following = attempt(store, partial(store.page, prefix, after))
        except NoListing as error:
            raise SourceUnreachable(blame.source, f"it answered with something that is no listing: {error}") from error
        except store.faults as error:
            raise blame.source_error(store.fault_of(error)) from error
        yield entries
        if following is None:
            return
        if following in seen:
            raise SourceUnreachable(blame.source, "its listing turns in a circle")
        seen.add(following)
        after = following


def attempt(store: ObjectStore, question: Callable[[], Answer]) -> Answer:
    """Ask again, after a pause, where an error says that this may help."""
    for pause in _PAUSES_SECONDS:
        try:
            return question()
        except store.faults as error:
            if store.fault_of(error).trouble not in (Trouble.UNANSWERED, Trouble.BROKEN_OFF):
                raise
        time.sleep(pause)
    return question()


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """Reads one object, span by span, all of the same version."""

    blame: Blame
    item: str
    store: ObjectStore
    key: str
    listed_bytes: int
    span_bytes: int

    def chunks(self) -> Generator[bytes, None, None]:
        """Give the object's bytes; memory stays at one span.

        Raises:
            ItemUnreadable: it is gone, was replaced meanwhile, or did not arrive whole.
            SourceUnreachable, SourceRefused: the store went away.
        """
        first = self._span(0, self.span_bytes, None)
        if first is None and self.listed_bytes:
            raise self._broken("it was emptied since it was listed")
        if first is None:
            return
        position = len(first.content)
        self._compare(first, first, min(self.span_bytes, first.total_bytes))
        yield first.content
        while position < first.total_bytes:
            stop = min(position + self.span_bytes, first.total_bytes)
            span = self._span(position, stop, first.version)
            if span is None:
                raise self._broken("it ended early")
            self._compare(span, first, stop - position)
            position = stop
            yield span.content

    def _span(self, start: int, stop: int, version: str | None) -> Span | None:
        try:
            return attempt(self.store, partial(self.store.span, self.key, start, stop, version))
        except self.store.faults as error:
            fault = self.store.fault_of(error)
            if fault.trouble is Trouble.EMPTY:
                return None
            raise self.blame.item_error(self.item, fault) from error

    def _compare(self, span: Span, first: Span, wanted_bytes: int) -> None:
        if not span.version:
            raise self._broken("the answer does not come from an object store: it names no version")
        if (span.version, span.total_bytes) != (first.version, first.total_bytes):
            raise self._broken("it was replaced while it was read")
        if len(span.content) != wanted_bytes:
            raise self._broken(f"{len(span.content):,} bytes arrived in place of {wanted_bytes:,}")

    def _broken(self, reason: str) -> ItemUnreadable:
        return ItemUnreadable(self.blame.source, self.item, reason, retryable=True)


async def read_most(body: Any, most: int) -> bytes:
    """Read to the end, or one byte more than was asked for."""
    parts: list[bytes] = []
    missing = most + 1
    while missing and (part := await body.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
