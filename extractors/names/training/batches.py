"""Corpora as batches of windows: shuffled anew in each epoch, in windows of changing length."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from extractors.names.conll import Sentence
from extractors.names.heads import Head
from extractors.names.training.recipe import Corpus, Recipe
from extractors.names.units import in_units, units_of_words
from extractors.names.wordpieces import Window, WordPieces

NO_TAG = -100
"""A piece that is no first piece of a unit, or a window that does not teach the head: it counts in no loss."""
_SHORT_WINDOWS = 0.25
_SHORT_LENGTHS = (24, 48, 96)
_RUN_TOGETHER = 0.5
_STRETCH = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """A corpus cut into pieces, with the tags of each of its heads."""

    corpus: Corpus
    texts: list[list[tuple[list[int], int]]]
    tags: dict[Head, list[list[int]]]


@dataclass(frozen=True, slots=True)
class Example:
    """A window, and for each head that it teaches the tags of its units."""

    window: Window
    tags: Mapping[Head, list[int]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows side by side; all tensors are (windows, pieces)."""

    pieces: torch.Tensor
    shapes: torch.Tensor
    mask: torch.Tensor
    tags: dict[Head, torch.Tensor]


def prepare(recipe: Recipe, data: Path, heads: Sequence[Head], pieces: WordPieces) -> list[Prepared]:
    """Read and cut all corpora."""
    by_name = {head.name: head for head in heads}
    return [_prepared(corpus, corpus.sentences(data), by_name, pieces) for corpus in recipe.corpora]


def epoch(prepared: Sequence[Prepared], recipe: Recipe, pieces: WordPieces, number: int) -> list[Batch]:
    """Give the batches of an epoch; the same number gives the same batches."""
    chance = random.Random(f"{recipe.seed} {number}")
    examples = [example for each in prepared for example in _examples(each, recipe, pieces, chance)]
    # Windows of about the same length share a batch, so that little is padding.
    examples.sort(key=lambda example: (len(example.window.pieces), chance.random()))
    batches = [_batch(group, pieces, recipe.hide, chance) for group in _groups(examples, recipe.batch_pieces)]
    chance.shuffle(batches)
    return batches


def _groups(examples: Sequence[Example], most: int) -> Iterator[list[Example]]:
    group: list[Example] = []
    for example in examples:
        if group and len(example.window.pieces) * (len(group) + 1) > most:
            yield group
            group = []
        group.append(example)
    if group:
        yield group


def _prepared(corpus: Corpus, sentences: Sequence[Sentence], heads: Mapping[str, Head], pieces: WordPieces) -> Prepared:
    texts = []
    tags: dict[Head, list[list[int]]] = {heads[name]: [] for name in corpus.heads}
    for sentence in sentences:
        units, owners = units_of_words(sentence.words)
        texts.append(pieces.of_units(units))
        for head, lists in tags.items():
            spans = in_units(corpus.spans_for(head.name, sentence), owners)
            lists.append(head.tags_of(spans, len(units)))
    return Prepared(corpus, texts, tags)


def _examples(each: Prepared, recipe: Recipe, pieces: WordPieces, chance: random.Random) -> Iterator[Example]:
    """Take the corpus as often as its share says, a part of it where that is no whole number."""
    left = each.corpus.share
    while left > 0:
        order = list(range(len(each.texts)))
        if each.corpus.apart:
            chance.shuffle(order)
        else:
            start = chance.randrange(len(order))
            order = order[start:] + order[:start]
        order = order[: int(len(order) * min(left, 1.0))]
        left -= 1.0
        for at in range(0, len(order), _STRETCH):
            taken = order[at : at + _STRETCH]
            longest = chance.choice(_SHORT_LENGTHS) if chance.random() < _SHORT_WINDOWS else recipe.longest
            apart = each.corpus.apart or chance.random() < _RUN_TOGETHER
            for window in pieces.windows([each.texts[text] for text in taken], longest, apart=apart):
                yield Example(
                    window,
                    {
                        head: [lists[taken[text]][unit] for text, unit in window.units]
                        for head, lists in each.tags.items()
                    },
                )


def _batch(group: Sequence[Example], pieces: WordPieces, hide: float, chance: random.Random) -> Batch:
    shape = (len(group), max(len(example.window.pieces) for example in group))
    ids, shapes, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    tags: dict[Head, torch.Tensor] = {}
    for row, example in enumerate(group):
        window = example.window
        length = len(window.pieces)
        firsts = torch.tensor(window.firsts)
        ids[row, :length] = torch.tensor(window.pieces)
        shapes[row, :length] = torch.tensor(window.shapes)
        mask[row, :length] = 1
        for head, marks in example.tags.items():
            tags.setdefault(head, torch.full(shape, NO_TAG, dtype=torch.long))[row, firsts] = torch.tensor(marks)
        for first, last in zip(window.firsts, [*window.firsts[1:], length - 1], strict=True):
            if chance.random() < hide:
                ids[row, first:last] = torch.where(ids[row, first:last] == pieces.end, pieces.end, pieces.hidden)
    return Batch(ids, shapes, mask, tags)
