"""A folder of mail: messages in files (.eml), Maildir folders, and mailboxes (.mbox, and those of Thunderbird)."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from bifrost.config import Strict
from bifrost.model import Item
from bifrost.ports import NOTHING_KNOWN, Bytes, Capabilities, Listing
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.files.folders.crawler import PREVIEW_BYTES
from crawlers.files.folders.file_keys import path_of
from crawlers.files.folders.local_folder import LocalFolder
from crawlers.files.mail.mail_files import MailFiles, fingerprint_of
from crawlers.files.mail.maildir import MessagePlaces
from crawlers.selection import PathSelection

_TEMPORARY = ("**/nstmp", "**/nstmp-*", "**/._*")
"""Thunderbird's new mailbox while it compacts an old one, and what macOS writes beside files on a share."""


class MailConfig(Strict):
    """Where the mail is, and which of it is wanted."""

    path: str = Field(description="the folder, relative to the project's home")
    include: list[str] = Field(
        default=["**/*"], description="patterns of wanted messages and mailboxes, such as .Sent/**"
    )
    exclude: list[str] = Field(default=[], description="patterns of unwanted mail and folders; they win")


class MailCrawler:
    """Lists messages and mailboxes below a folder; the messages of a mailbox are taken out of it by the crawl."""

    kind: ClassVar[str] = "mail"
    capabilities: ClassVar[Capabilities] = Capabilities(files=True, incremental=True, selection=("include", "exclude"))
    Config: ClassVar[type[MailConfig]] = MailConfig

    def __init__(self, name: str, config: MailConfig, secrets: Secrets) -> None:
        self.name = name
        self._selection = PathSelection.of(config.include, (*config.exclude, *_TEMPORARY))
        self._folder = LocalFolder(name, config.path, secrets.home)
        self._places = MessagePlaces(self._folder.root)

    def check(self) -> str:
        """Say how many entries the folder has at its top."""
        return f"mail in {self._folder.check()}"

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """Walk the folder, past what is no mail; a sub-folder that cannot be listed is a failed scope."""
        files = MailFiles(self._folder.root, self._selection)
        return self._folder.listing(self._selection.takes_folder, files.key_for, fingerprint_of)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Bytes:
        """Open a message or mailbox."""
        return self._folder.fetch(item.key, self._paths(item.key))

    def preview(self, item: Item, limit: int = 10) -> bytes:
        """Read the first bytes; `limit` counts rows, which mail has none of."""
        with self.fetch(item).stream as stream:
            return stream.read(PREVIEW_BYTES)

    def _paths(self, key: str) -> Iterator[str]:
        """Give the places where an item may be, the likely ones first."""
        yield path_of(key)
        yield from self._places.of(key)
