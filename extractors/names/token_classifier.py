"""The accurate engine: the trained encoder in ONNX Runtime, all heads at once, and the best sequence of tags."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bifrost.errors import UnknownName
from extractors.names.decoding import best_tags, log_shares
from extractors.names.engine import Name
from extractors.names.heads import Head
from extractors.names.model_file import ModelFile
from extractors.names.units import units_of_words
from extractors.names.wordpieces import Window, WordPieces, word_vectors

if TYPE_CHECKING:
    from extractors.names.graph import Precision

_LONGEST = 96
"""Word pieces in a window: longer ones give more context and take more time for each piece."""
_TOGETHER = 1536


class TokenClassifier:
    """Finds names with one trained model; the model is loaded at the first text."""

    def __init__(self, folder: Path, *, threads: int = 1, precision: "Precision" = "int8") -> None:
        self._folder, self._threads, self._precision = folder, threads, precision

    def labels(self, head: str) -> tuple[str, ...]:
        """Give the labels that a head tells apart.

        Raises:
            UnknownName: the model has no such head.
        """
        return self._head(head).labels

    def find_all(self, texts: Sequence[Sequence[str]], heads: Sequence[str]) -> dict[str, list[list[Name]]]:
        """Give the names of each text as several heads see them, for the cost of one."""
        cut = [units_of_words(words) for words in texts]
        scores = self._scores([units for units, _owners in cut])
        owners = [owner for _units, owner in cut]
        return {name: self._names(self._head(name), scores, owners) for name in heads}

    def _names(
        self, head: Head, scores: Sequence[npt.NDArray[np.float32]], owners: Sequence[Sequence[int]]
    ) -> list[list[Name]]:
        shares = [log_shares(text[:, head.columns]) for text in scores]
        found = []
        for text, tags, owner in zip(shares, best_tags(shares), owners, strict=True):
            names: dict[int, Name] = {}
            for start, end, label in head.spans_of(tags.tolist()):
                sure = float(np.exp(text[np.arange(start, end), tags[start:end]].mean()))
                first, last = owner[start], owner[end - 1] + 1
                if not names or first >= next(reversed(names.values())).end:  # units of one word have one name
                    names[first] = Name(first, last, label, sure)
            found.append(list(names.values()))
        return found

    def _scores(self, texts: Sequence[Sequence[str]]) -> list[npt.NDArray[np.float32]]:
        tags = sum(head.tags for head in self._model.heads)
        results = [np.zeros((len(units), tags), np.float32) for units in texts]
        windows = list(self._pieces.windows([self._pieces.of_units(units) for units in texts], _LONGEST))
        windows.sort(key=lambda window: len(window.pieces))
        groups = list(_groups(windows))
        with ThreadPoolExecutor(self._threads) as threads:
            for group, scores in zip(groups, threads.map(self._run, groups), strict=True):
                for row, window in enumerate(group):
                    _spread(scores[row], window, results)
        return results

    def _run(self, group: Sequence[Window]) -> npt.NDArray[np.float32]:
        shape = (len(group), max(len(window.pieces) for window in group))
        pieces, shapes = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        mask = np.zeros(shape, np.int32)
        for row, window in enumerate(group):
            length = len(window.pieces)
            pieces[row, :length], shapes[row, :length], mask[row, :length] = window.pieces, window.shapes, 1
        given = {"vectors": word_vectors()[pieces], "shapes": shapes, "mask": mask}
        scores: npt.NDArray[np.float32] = self._session.run(["scores"], given)[0]
        return scores

    def _head(self, name: str) -> Head:
        heads = {head.name: head for head in self._model.heads}
        if name not in heads:
            raise UnknownName("head", name, heads)
        return heads[name]

    @cached_property
    def _pieces(self) -> WordPieces:
        return WordPieces()

    @cached_property
    def _model(self) -> ModelFile:
        return ModelFile.load(self._folder)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        from extractors.names.graph import write_network

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        network = write_network(self._model.weights, self._precision)
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _groups(windows: Sequence[Window]) -> list[list[Window]]:
    groups: list[list[Window]] = []
    for window in windows:
        if not groups or len(window.pieces) * (len(groups[-1]) + 1) > _TOGETHER:
            groups.append([])
        groups[-1].append(window)
    return groups


def _spread(scores: npt.NDArray[np.float32], window: Window, results: Sequence[npt.NDArray[np.float32]]) -> None:
    """Put the scores of a window's units where the units stand in their texts."""
    for first, (text, unit) in zip(window.firsts, window.units, strict=True):
        results[text][unit] = scores[first]
