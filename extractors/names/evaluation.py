"""How well a pack finds the names of a corpus: exact spans with their labels."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from extractors.names.conll import Sentence, Span, labels_of, read_corpus
from extractors.names.labels import mapped
from extractors.names.pack_engine import fitting_head, pack_engine


def evaluate_names(
    file: Path, *, pack: str = "general", engine: str = "accurate", head: str | None = None
) -> dict[str, Any]:
    """Measure a pack on a CoNLL-like file, whose labels stand in the last column.

    Without `head`, the head of the pack is used whose labels fit those of the file best. Labels that are finer than
    the file's count as the file's, such as CORPORATION where the file knows ORG alone; labels that the file does not
    know are dropped.
    A name counts as found when its first word, its last word and its label are right.

    Raises:
        CorpusUnreadable, UnknownName: of the file or the pack.
    """
    sentences = read_corpus(file)
    wanted = labels_of(sentences)
    chosen, names = pack_engine(pack, engine, threads=2)
    head = head or fitting_head(names, chosen.heads, wanted)
    mapping = mapped(names.labels(head), wanted)
    names.find_all([sentences[0].words], [head])  # loads the model
    start = time.perf_counter()
    found = names.find_all([sentence.words for sentence in sentences], [head])[head]
    seconds = time.perf_counter() - start
    spans = [[(each.start, each.end, mapping[each.label]) for each in text if each.label in mapping] for text in found]
    words = sum(len(sentence.words) for sentence in sentences)
    return {
        "file": file.name,
        "pack": chosen.name,
        "engine": engine,
        "head": head,
        "sentences": len(sentences),
        "words": words,
        **score(sentences, spans),
        "dropped_labels": sorted(set(names.labels(head)) - set(mapping)),
        "seconds": seconds,
        "words_per_second": words / seconds,
    }


def score(sentences: Sequence[Sentence], found: Sequence[Sequence[Span]]) -> dict[str, Any]:
    """Give precision, recall and F1 of exact spans, in all (micro average) and for each label."""
    right, given, true = Counter[str](), Counter[str](), Counter[str]()
    for sentence, spans in zip(sentences, found, strict=True):
        given.update(label for _start, _end, label in spans)
        true.update(label for _start, _end, label in sentence.spans)
        right.update(label for _start, _end, label in set(spans) & set(sentence.spans))
    labels = {label: _measures(right[label], given[label], true[label]) for label in sorted({*given, *true})}
    return {**_measures(right.total(), given.total(), true.total()), "labels": labels}


def _measures(right: int, given: int, true: int) -> Mapping[str, Any]:
    precision, recall = right / max(1, given), right / max(1, true)
    f1 = 2 * right / max(1, given + true)
    return {"f1": f1, "precision": precision, "recall": recall, "names": true}
