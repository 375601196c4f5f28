"""What was recognised once: words, kept in a folder under a digest of the picture and of who read it."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from extractors.pages.content import Word


class RememberedWords:
    """Results that may be deleted at any time; `reader` names who read, with version and settings."""

    def __init__(self, folder: Path, reader: str) -> None:
        self._folder, self._reader = folder, reader

    def place(self, grey: Any, settings: str = "") -> Path:
        """Name the file for the words of a picture."""
        digest = hashlib.blake2b(f"{self._reader} {settings} {grey.shape}".encode(), digest_size=20)
        digest.update(np.ascontiguousarray(grey).data)
        name = digest.hexdigest()
        return self._folder / name[:2] / f"{name}.json"

    @staticmethod
    def load(place: Path) -> list[Word] | None:
        """Give the words that are kept there, or None."""
        if not place.exists():
            return None
        kept = json.loads(place.read_text(encoding="utf-8"))
        return [Word(text, tuple(box), confidence, line) for text, box, confidence, line in kept]

    @staticmethod
    def save(place: Path, words: list[Word]) -> None:
        """Keep words; another process may do the same at the same time."""
        place.parent.mkdir(parents=True, exist_ok=True)
        rows = [(word.text, word.box, word.confidence, word.line) for word in words]
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=place.parent, delete=False) as file:
            json.dump(rows, file, ensure_ascii=False)
        Path(file.name).replace(place)
