"""A folder of files, on a disk or a mounted share."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from bifrost.config import Strict
from bifrost.model import Item
from bifrost.ports import NOTHING_KNOWN, Bytes, Capabilities, Listing
from bifrost.secrets import Secrets
from bifrost.staged_rows import StagedRows
from crawlers.files.folders.file_keys import key_of, path_of
from crawlers.files.folders.local_folder import LocalFolder
from crawlers.selection import HIDDEN, PathSelection

PREVIEW_BYTES = 4096


class FolderConfig(Strict):
    """Where the folder is, and which of its files are wanted."""

    path: str = Field(description="the folder, relative to the project's home")
    include: list[str] = Field(default=["**/*"], description="patterns of wanted files, such as reports/**/*.pdf")
    exclude: list[str] = Field(default=[], description="patterns of unwanted files and folders; they win")
    hidden: bool = Field(default=False, description="also read hidden and temporary files (.*, ~$*, *.tmp)")


class FolderCrawler:
    """Reads the files below a folder. Links are followed to files inside the folder only."""

    kind: ClassVar[str] = "folder"
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True, incremental=True, selection=("include", "exclude", "hidden")
    )
    Config: ClassVar[type[FolderConfig]] = FolderConfig

    def __init__(self, name: str, config: FolderConfig, secrets: Secrets) -> None:
        self.name = name
        temporary = () if config.hidden else HIDDEN
        self._selection = PathSelection.of(config.include, (*config.exclude, *temporary))
        self._folder = LocalFolder(name, config.path, secrets.home)

    def check(self) -> str:
        """Say how many entries the folder has at its top."""
        return self._folder.check()

    def listing(self, known: Mapping[str, Item] = NOTHING_KNOWN) -> Listing:
        """Walk the folder; a sub-folder that cannot be listed is a failed scope."""
        return self._folder.listing(self._selection.takes_folder, self._key_for)

    def fetch(self, item: Item, known: StagedRows | None = None) -> Bytes:
        """Open a file."""
        return self._folder.fetch(item.key, [path_of(item.key)])

    def preview(self, item: Item, limit: int = 10) -> bytes:
        """Read the first bytes of a file; `limit` counts rows, which a file has none of."""
        with self.fetch(item).stream as stream:
            return stream.read(PREVIEW_BYTES)

    def _key_for(self, path: str) -> str | None:
        key = key_of(path)
        return key if self._selection.takes_file(key) else None
