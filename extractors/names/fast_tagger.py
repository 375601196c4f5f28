"""The fast engine: for each head a small network of spaCy, trained on the same corpora."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from bifrost.errors import UnknownName
from bifrost.threads import one_thread
from extractors.names.engine import Name
from extractors.names.model_file import HEADS_FILE, ModelMissing
from extractors.names.units import units_of_words

FOLDER = "fast"
_CONFIDENCE = 0.8
"""spaCy's transitions give no probability of a name; this is about their precision on text they were not trained on."""
_TOGETHER = 256
WIDTH, DEPTH, ROWS = 96, 4, 4000


class FastTagger:
    """Finds names with the networks of one folder; each is loaded at its first text."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._folder, self._threads = folder / FOLDER, threads
        if not (self._folder / HEADS_FILE).exists():
            raise ModelMissing(self._folder)
        self._labels = json.loads((self._folder / HEADS_FILE).read_text(encoding="utf-8"))

    def labels(self, head: str) -> tuple[str, ...]:
        """Give the labels that a head tells apart.

        Raises:
            UnknownName: there is no network for it.
        """
        if head not in self._labels:
            raise UnknownName("head", head, self._labels)
        return tuple(self._labels[head])

    def find_all(self, texts: Sequence[Sequence[str]], heads: Sequence[str]) -> dict[str, list[list[Name]]]:
        """Give the names of each text as several heads see them; each head takes its time."""
        cut = [units_of_words(words) for words in texts]
        return {head: self._found(cut, head) for head in heads}

    def _found(self, cut: Sequence[tuple[list[str], list[int]]], head: str) -> list[list[Name]]:
        self.labels(head)
        size = max(1, -(-len(cut) // self._threads))
        parts = [[units for units, _owners in cut[start : start + size]] for start in range(0, len(cut), size)]
        with one_thread("spacy"), ThreadPoolExecutor(self._threads) as threads:
            documents = chain.from_iterable(threads.map(self._read, repeat(head), range(len(parts)), parts))
        return [
            [Name(owners[span.start], owners[span.end - 1] + 1, span.label_, _CONFIDENCE) for span in document.ents]
            for document, (_units, owners) in zip(documents, cut, strict=True)
        ]

    def _read(self, head: str, thread: int, texts: Sequence[Sequence[str]]) -> list[Any]:
        network = _network(self._folder / head, thread)
        return list(network.pipe(_documents(network, texts), batch_size=_TOGETHER))


def new_network(labels: Iterable[str]) -> Any:
    """Make an untrained network: hashed forms of words, four convolutions, transitions."""
    import spacy

    network = spacy.blank("en")
    settings = {
        "model": {
            "@architectures": "spacy.TransitionBasedParser.v2",
            "state_type": "ner",
            "extra_state_tokens": False,
            "hidden_width": 64,
            "maxout_pieces": 2,
            "use_upper": True,
            "tok2vec": {
                "@architectures": "spacy.HashEmbedCNN.v2",
                "pretrained_vectors": None,
                "width": WIDTH,
                "depth": DEPTH,
                "embed_size": ROWS,
                "window_size": 1,
                "maxout_pieces": 3,
                "subword_features": True,
            },
        }
    }
    found = network.add_pipe("ner", config=settings)
    for label in labels:
        found.add_label(label)
    return network


def save_network(network: Any, folder: Path) -> None:
    """Write what was trained; the rest is made anew when it is loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    network.get_pipe("ner").to_disk(folder, exclude=["vocab"])


def save_labels(labels: dict[str, list[str]], folder: Path) -> None:
    """Write which heads there are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HEADS_FILE).write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")


@cache
def _network(folder: Path, _thread: int) -> Any:
    """Load a network; each thread has its own."""
    network = new_network(())
    network.get_pipe("ner").from_disk(folder, exclude=["vocab"])
    return network


def _documents(network: Any, texts: Iterable[Sequence[str]]) -> Iterable[Any]:
    from spacy.tokens import Doc

    return (Doc(network.vocab, words=list(units)) for units in texts)
