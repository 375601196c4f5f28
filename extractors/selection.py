"""Which extractor reads which file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bifrost import plugins
from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extractor
from extractors.file_types import HEAD_BYTES


def extractors(settings: Extraction, cache: Path) -> dict[str, Extractor]:
    """Make one of each registered extractor, in the order of their names."""
    return {name: plugins.load(plugins.EXTRACTORS, name)(settings, cache) for name in plugins.names(plugins.EXTRACTORS)}


def select(item: Item, file: Path, known: Mapping[str, Extractor]) -> tuple[str, bytes]:
    """Give the name of the first extractor that takes the file, or an empty text, and the bytes that it was shown."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        return "", head
    return next((name for name, extractor in known.items() if extractor.accepts(item, head)), ""), head


def annotators(settings: Extraction) -> dict[str, Any]:
    """Make the annotators that the settings name, in their order."""
    return {name: plugins.load(plugins.ANNOTATORS, name)() for name in settings.annotators}
