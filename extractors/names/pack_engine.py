"""The engine and the heads of a pack."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from bifrost.errors import BifrostError, UnknownName
from extractors.mentions.taken import Taken
from extractors.names.engine import Name, NameEngine
from extractors.names.fast_tagger import FOLDER, FastTagger
from extractors.names.labels import kind_of, mapped
from extractors.names.model_file import HEADS_FILE, SHIPPED, ModelMissing
from extractors.names.token_classifier import TokenClassifier
from extractors.packs.pack import Pack, load_pack

ENGINES = ("accurate", "fast")


class NoHeads(BifrostError):
    """A pack finds identifiers alone."""

    def __init__(self) -> None:
        super().__init__("the pack has no trained heads (heads in its pack.yaml), so that it finds no names")


def load_engine(pack: Pack, engine: str, *, threads: int = 1) -> NameEngine:
    """Give the engine that a pack's heads run in; packs of the same model share it.

    Raises:
        UnknownName: there is no such engine.
        ModelMissing: the pack's folder of models holds none.
    """
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    return _engine(pack.model or SHIPPED, engine, threads)


def fitting_head(engine: NameEngine, heads: Sequence[str], wanted: Iterable[str]) -> str:
    """Choose the head that tells the wanted labels apart best: most of them covered, and fewest others.

    Of equally good ones the first is taken.

    Raises:
        NoHeads: there is none to choose from.
    """
    if not heads:
        raise NoHeads
    known = list(wanted)

    def fit(head: str) -> tuple[int, int]:
        mapping = mapped(engine.labels(head), known)
        return len(set(mapping.values())), -(len(engine.labels(head)) - len(set(mapping.values())))

    return max(heads, key=fit)


def engine_identity(packs: Sequence[Pack], engine: str) -> list[str]:
    """Say what the names of these packs depend on, so that a model trained anew reads its files again.

    Raises:
        ModelMissing: a pack has no model for this engine.
    """
    if engine not in ENGINES:
        return [engine]
    models = dict.fromkeys(pack.model or SHIPPED for pack in packs if pack.heads)
    folders = [model / FOLDER if engine == "fast" else model for model in models]
    missing = [folder for folder in folders if not (folder / HEADS_FILE).exists()]
    if missing:
        raise ModelMissing(missing[0])
    return [engine, *map(_content, folders)]


def _content(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and (folder.name == FOLDER or file.parent == folder):
            digest.update(file.read_bytes())
    return digest.hexdigest()


class PackNames:
    """Finds the names of several packs: of each head in turn the labels that none before it has, nor a wider one.

    Names do not overlap: the surer one stands, of equally sure ones that of the earlier head.
    """

    def __init__(self, packs: Sequence[Pack], engine: str, *, least_confidence: float = 0.5) -> None:
        self._least_confidence = least_confidence
        self._heads: dict[NameEngine, list[str]] = {}
        for pack in packs:
            if not pack.heads:
                continue
            heads = self._heads.setdefault(load_engine(pack, engine), [])
            heads += [head for head in pack.heads if head not in heads]

    def find(self, texts: Sequence[Sequence[str]]) -> list[list[Name]]:
        """Give the names of each text, which is cut into words."""
        candidates: list[list[Name]] = [[] for _ in texts]
        seen: set[str] = set()
        for engine, heads in self._heads.items():
            wanted = _telling(engine, heads, seen)
            for head, found in engine.find_all(texts, list(wanted)).items():
                for names, more in zip(candidates, found, strict=True):
                    names += [each for each in more if each.label in wanted[head] and self._is_sure(each)]
        return [_apart(names) for names in candidates]

    def _is_sure(self, name: Name) -> bool:
        return name.confidence >= self._least_confidence


def _apart(candidates: Iterable[Name]) -> list[Name]:
    surest = sorted(candidates, key=lambda name: -name.confidence)
    taken = Taken(max((name.end for name in surest), default=0))
    kept = []
    for name in surest:
        if taken.is_free(name.start, name.end):
            taken.take(name.start, name.end)
            kept.append(name)
    return sorted(kept, key=lambda name: name.start)


def _telling(engine: NameEngine, heads: Sequence[str], seen: set[str]) -> dict[str, set[str]]:
    """Give the heads that have labels which were not seen before, with those labels; and see them."""
    telling = {}
    for head in heads:
        fresh = {label for label in engine.labels(head) if label not in seen and kind_of(label) not in seen}
        if fresh:
            telling[head] = fresh
            seen |= fresh
    return telling


@cache
def _engine(folder: Path, engine: str, threads: int) -> NameEngine:
    if engine == "fast":
        return FastTagger(folder, threads=threads)
    return TokenClassifier(folder, threads=threads)


def pack_engine(name: str, engine: str, *, threads: int = 1) -> tuple[Pack, NameEngine]:
    """Load a pack by its name or folder, with its engine."""
    pack = load_pack(name)
    return pack, load_engine(pack, engine, threads=threads)
