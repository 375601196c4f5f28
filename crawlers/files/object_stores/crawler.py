"""Object stores: the objects of a bucket of S3 or Google Cloud Storage, or of a container of Azure Blob Storage."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from bifrost import plugins
from bifrost.errors import PluginBroken, SourceDamaged, SourceRefused
from bifrost.model import Item, ItemKind
from bifrost.ports import NOTHING_KNOWN, Bytes, Capabilities, Listing
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.files.chunk_stream import stream_of
from crawlers.files.object_stores.access import Blame, ObjectReading, ObjectStore, pages
from crawlers.files.object_stores.config import AzureConfig, GcsConfig, ObjectStoreConfig, S3Config
from crawlers.selection import HIDDEN, PathSelection

PREVIEW_BYTES = 4096
_SPAN_BYTES = 8 << 20
"""Bytes of one request; also the most of an object that is in memory."""
_FOLDER_ENDS = ("/", "_$folder$")
_CHOOSING = ("endpoint_url", "prefix", "include", "exclude", "hidden")


class _ObjectStoreCrawler(ABC):
    """Lists a bucket page by page and reads objects span by span; a subclass says how to connect."""

    kind: ClassVar[str]

    def __init__(self, name: str, config: ObjectStoreConfig, secrets: Secrets) -> None:
        self.name, self._settings, self._secrets = name, config, secrets
        self._blame = Blame(name, secrets.mask)
        hidden = () if config.hidden else HIDDEN
        self._selection = PathSelection.of(config.include, (*config.exclude, *hidden))
        self._connecting = threading.Lock()
        self._connected: ObjectStore | None = None

    def check(self) -> str:
        """List the first page, and say what is there."""
        first = next(pages(self._blame, self._store(), self._settings.prefix))
        there = "nothing is" if not first else "an object is" if len(first) == 1 else "objects are"
        below = f" below {self._settings.prefix}" if self._settings.prefix else ""
        return f"{self._place()} answers; {there} there{below}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """List all objects below the prefix; it is complete, or an error."""
        start = len(self._settings.prefix)
        items: list[Item] = []
        skipped: dict[str, str] = {}
        for page in pages(self._blame, self._store(), self._settings.prefix):
            for name, size_bytes, fingerprint in page:
                key = name[start:]
                if _is_marker(name, size_bytes):
                    continue
                if not key:
                    skipped[name] = "an object with the name of the folder itself"
                elif self._selection.takes_path(key):
                    items.append(Item(self.name, key, ItemKind.FILE, fingerprint, size_bytes))
        return Listing(tuple(sorted(items, key=_by_key)), {}, skipped)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Bytes:
        """Open an object as it is now; what is read of it is all of one version."""
        return self._open(item, _SPAN_BYTES)

    def preview(self, item: Item, limit: int = 10) -> bytes:
        """Read the first bytes of an object; `limit` counts rows, which it has none of."""
        with self._open(item, PREVIEW_BYTES).stream as stream:
            return stream.read(PREVIEW_BYTES)

    def _open(self, item: Item, span_bytes: int) -> Bytes:
        key = self._settings.prefix + item.key
        reading = ObjectReading(self._blame, item.key, self._store(), key, item.size_bytes or 0, span_bytes)
        return Bytes(stream_of(reading.chunks()))

    @abstractmethod
    def _connect(self) -> ObjectStore: ...

    @abstractmethod
    def _place(self) -> str: ...

    def _secret(self, reference: str | None) -> str | None:
        return None if reference is None else self._secrets.resolve(reference)

    @contextmanager
    def _accepting(self) -> Iterator[None]:
        """Refuse credentials that a client cannot even read, without repeating them."""
        try:
            yield
        except (ValueError, LookupError) as error:
            raise SourceRefused(self.name, f"its credentials cannot be read ({type(error).__name__})") from None

    def _store(self) -> ObjectStore:
        with self._connecting:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected


class S3Crawler(_ObjectStoreCrawler):
    """Reads a bucket of Amazon S3, or of another store that speaks its protocol."""

    kind: ClassVar[str] = "s3"
    capabilities: ClassVar[Capabilities] = Capabilities(files=True, incremental=True, selection=("bucket", *_CHOOSING))
    Config: ClassVar[type[S3Config]] = S3Config

    def __init__(self, name: str, config: S3Config, secrets: Secrets) -> None:
        super().__init__(name, config, secrets)
        self.config = config

    def _connect(self) -> ObjectStore:
        from crawlers.files.object_stores.s3 import S3Place, S3Store

        return S3Store(
            S3Place(
                bucket=self.config.bucket,
                endpoint_url=self.config.endpoint_url,
                region=self.config.region,
                access_key_id=self._secret(self.config.access_key_id),
                secret_access_key=self._secret(self.config.secret_access_key),
                session_token=self._secret(self.config.session_token),
                anonymous=self.config.anonymous,
                ca_file=self._ca_file(),
                connect_timeout_seconds=self.config.connect_timeout_seconds,
                read_timeout_seconds=self.config.read_timeout_seconds,
            )
        )

    def _place(self) -> str:
        return f"bucket {self.config.bucket}"

    def _ca_file(self) -> str | None:
        if self.config.ca_file is None:
            return None
        path = self._secrets.home / self.config.ca_file
        if not path.is_file():
            raise SourceDamaged(self.name, f"there are no certificates in {path}")
        return str(path)


class GcsCrawler(_ObjectStoreCrawler):
    """Reads a bucket of Google Cloud Storage."""

    kind: ClassVar[str] = "gcs"
    capabilities: ClassVar[Capabilities] = Capabilities(files=True, incremental=True, selection=("bucket", *_CHOOSING))
    Config: ClassVar[type[GcsConfig]] = GcsConfig

    def __init__(self, name: str, config: GcsConfig, secrets: Secrets) -> None:
        super().__init__(name, config, secrets)
        self.config = config

    def _connect(self) -> ObjectStore:
        with _installed(self.kind):
            from crawlers.files.object_stores.gcs import GcsPlace, GcsStore
        place = GcsPlace(
            bucket=self.config.bucket,
            endpoint_url=self.config.endpoint_url,
            credentials=self._secret(self.config.credentials),
            anonymous=self.config.anonymous,
            connect_timeout_seconds=self.config.connect_timeout_seconds,
            read_timeout_seconds=self.config.read_timeout_seconds,
        )
        with self._accepting():
            return GcsStore(place)

    def _place(self) -> str:
        return f"bucket {self.config.bucket}"


class AzureCrawler(_ObjectStoreCrawler):
    """Reads a container of Azure Blob Storage."""

    kind: ClassVar[str] = "azure"
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True, incremental=True, selection=("account", "container", *_CHOOSING)
    )
    Config: ClassVar[type[AzureConfig]] = AzureConfig

    def __init__(self, name: str, config: AzureConfig, secrets: Secrets) -> None:
        super().__init__(name, config, secrets)
        self.config = config

    def _connect(self) -> ObjectStore:
        with _installed(self.kind):
            from crawlers.files.object_stores.azure import AzurePlace, AzureStore
        place = AzurePlace(
            account=self.config.account,
            container=self.config.container,
            endpoint_url=self.config.endpoint_url,
            access_key=self._secret(self.config.access_key),
            sas_token=self._secret(self.config.sas_token),
            tenant_id=self.config.tenant_id,
            client_id=self.config.client_id,
            client_secret=self._secret(self.config.client_secret),
            anonymous=self.config.anonymous,
            connect_timeout_seconds=self.config.connect_timeout_seconds,
            read_timeout_seconds=self.config.read_timeout_seconds,
        )
        with self._accepting():
            return AzureStore(place)

    def _place(self) -> str:
        return f"container {self.config.container}"


@contextmanager
def _installed(kind: str) -> Iterator[None]:
    """Name the extra whose packages are missing."""
    try:
        yield
    except ImportError as error:
        reason = f"{error.name or error} is not installed; install bifrost-kg[{kind}]"
        raise PluginBroken(plugins.CRAWLERS, kind, reason) from error


def _is_marker(name: str, size_bytes: int) -> bool:
    """Tell whether an object only makes tools show a folder."""
    return size_bytes == 0 and name.endswith(_FOLDER_ENDS)


def _by_key(item: Item) -> str:
    return item.key
