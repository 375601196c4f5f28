"""Which extractor reads which file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bifrost import plugins
from bifrost.config import Extraction
from bifrost.model import Item
from bifrost.ports import Extractor
from extractors.file_types import HEAD_BYTES

_SCRIPTS = "scripts"


def extractors(settings: Extraction, cache: Path) -> dict[str, Extractor]:
    """Make one of each registered extractor: configured scripts first, then those of others, then our own.

    Whoever adds an extractor knows the files of this place better than we do.
    """
    made = {name: plugins.load(plugins.EXTRACTORS, name)(settings, cache) for name in plugins.names(plugins.EXTRACTORS)}
    return dict(sorted(made.items(), key=lambda entry: (entry[0] != _SCRIPTS, _is_ours(entry[1]), entry[0])))


def select(item: Item, file: Path, known: Mapping[str, Extractor]) -> tuple[str, bytes]:
    """Give the name of the first extractor that takes the file, or an empty text, and the bytes that it was shown."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        return "", head
    return next((name for name, extractor in known.items() if extractor.accepts(item, head)), ""), head


def annotators(settings: Extraction) -> dict[str, Any]:
    """Make the annotators that the settings name, in their order."""
    return {name: plugins.load(plugins.ANNOTATORS, name)(settings) for name in settings.annotators}


def _is_ours(extractor: Extractor) -> bool:
    return type(extractor).__module__.startswith("extractors.")


def annotator_versions(settings: Extraction) -> dict[str, int]:
    """Give the version of each annotator that the settings name."""
    return {name: plugins.load(plugins.ANNOTATORS, name).version for name in settings.annotators}
