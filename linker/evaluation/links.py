"""How well missing links are found: filtered, full ranking in both directions, with the mean rank of ties."""

import resource
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bifrost.errors import ConfigInvalid
from bifrost.ports import Progress
from bifrost.progress import SILENT
from bifrost.text_encoder import load_encoder
from bifrost.truth_file import TruthUnusable
from linker.evaluation.triples import graph_of, read_triples
from linker.evaluation.unseen_entities import evaluate_unseen
from linker.learning.features import encoded
from linker.learning.fusion.fitting import EMBEDDING, PARTS, RULES, TEXT, Fitting, fit
from linker.learning.fusion.predictor import Predictor
from linker.learning.graph import Floats
from linker.learning.ranking import KnownLinks, Scorer, measures, rank
from linker.learning.rules.alone import RulesAlone

FILES = ("train.txt", "valid.txt", "test.txt")
NAMES = "entity2text.txt"


def evaluate_links(
    folder: Path,
    *,
    parts: Collection[str] = (RULES, EMBEDDING),
    work: Path | None = None,
    unseen: float = 0.0,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Train on train.txt, fit the ranker on valid.txt, and rank the links of test.txt among all entities.

    Gives mrr, hits_at_1, hits_at_3 and hits_at_10 of the whole, and of each part alone. With a folder `work` a
    training that was stopped goes on from it. The part `text` reads entity2text.txt (identifier, text). With a share
    `unseen` that share of the entities is kept from training instead; see `linker.evaluation.unseen_entities`.

    Raises:
        ConfigInvalid: there is no such part, or what reads texts is not installed.
        TruthUnusable: the folder lacks a file that is needed, or a line is not what it should be.
    """
    _checked(folder, parts)
    split = read_triples(folder)
    with _place(work) as place:
        graph = graph_of(split, _texts(folder, place) if TEXT in parts or unseen else None)
    if unseen:
        every = np.concatenate([graph.numbered(each) for each in (split.train, split.valid, split.test)])
        return evaluate_unseen(graph, every, share=unseen, progress=progress)
    held_out, tested = graph.numbered(split.valid), graph.numbered(split.test)
    known = KnownLinks(graph, np.concatenate([graph.triples, held_out, tested]))
    started = time.perf_counter()
    with _place(work) as place:
        model = fit(graph, held_out, Fitting(parts, place), progress)
    fitted = time.perf_counter()
    whole = measures(rank(model, tested, known))
    ranked = time.perf_counter()
    return {
        **whole,
        "alone": {name: measures(rank(scorer, tested, known)) for name, scorer in _alone(model).items()},
        "entities": len(graph.entities),
        "relations": len(graph.relation_names),
        "triples": graph.links,
        "rules": len(model.parts.rules.heads),
        "longest_path": model.parts.rules.bodies.longest,
        "seconds_to_fit": round(fitted - started, 1),
        "seconds_to_rank": round(ranked - fitted, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _alone(model: Predictor) -> dict[str, Scorer]:
    return {RULES: RulesAlone(model.parts.rules), **model.parts.scorers}


def _texts(folder: Path, place: Path) -> Callable[[pa.Array], Floats]:
    """Read what the entities are called, and turn it into vectors."""
    encoder = load_encoder(place)
    if encoder is None:
        raise ConfigInvalid("parts", ["what reads texts is not installed; leave the part text out"])
    if not (folder / NAMES).is_file():
        raise TruthUnusable(folder / NAMES, "there is no such file; the part text needs identifiers and texts")
    lines = (line.split("\t", 1) for line in (folder / NAMES).read_text(encoding="utf-8").splitlines())
    names = {parts[0]: parts[-1] for parts in lines}

    def vectors(labels: pa.Array) -> Floats:
        return encoded(pa.array([names.get(label, label) for label in labels.to_pylist()]), encoder)

    return vectors


def _checked(folder: Path, parts: Collection[str]) -> None:
    unknown = sorted(set(parts) - set(PARTS))
    if unknown or RULES not in parts:
        raise ConfigInvalid("parts", [f"{', '.join(unknown) or 'rules are missing'}; valid: {', '.join(PARTS)}"])
    for name in FILES:
        if not (folder / name).is_file():
            raise TruthUnusable(folder / name, f"there is no such file; needed are {', '.join(FILES)}")


@contextmanager
def _place(work: Path | None) -> Iterator[Path]:
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
        yield work
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
