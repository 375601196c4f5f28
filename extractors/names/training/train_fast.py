"""Training of the fast engine: one small network for each head of a recipe."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from extractors.names.conll import Span
from extractors.names.fast_tagger import FOLDER, new_network, save_labels, save_network
from extractors.names.training.recipe import Recipe
from extractors.names.units import in_units, units_of_words

EPOCHS = 8
_DROPOUT = 0.3
_ONE_IN = 5
_SMALLEST_BATCH, _LARGEST_BATCH = 100, 1000
"""Words in a batch, at first and at last."""


def train_fast(recipe: Recipe, data: Path, out: Path, say: Callable[[str], None]) -> None:
    """Train a network for each head; one that lies in `out` already is left as it is."""
    labels = recipe.labels()
    for head, names in labels.items():
        folder = out / FOLDER / head
        if folder.exists():
            say(f"{head}: is there already")
            continue
        examples = _examples(recipe, data, head)
        say(f"{head}: {len(examples)} texts")
        network = _trained(examples, names, recipe.seed, say)
        save_network(network, folder)
    save_labels(labels, out / FOLDER)


def _trained(
    examples: list[tuple[list[str], list[Span]]], labels: list[str], seed: int, say: Callable[[str], None]
) -> Any:
    from spacy.tokens import Doc
    from spacy.training import Example
    from spacy.training.batchers import minibatch_by_words
    from spacy.util import fix_random_seed

    fix_random_seed(seed)
    network = new_network(labels)
    made = []
    for units, spans in examples:
        truth = Doc(network.vocab, words=units)
        truth.ents = [_span(truth, span) for span in spans]
        made.append(Example(Doc(network.vocab, words=units), truth))
    optimiser = network.initialize(lambda: made[:100])
    chance = random.Random(seed)
    for epoch in range(EPOCHS):
        chance.shuffle(made)
        losses: dict[str, float] = {}
        size = min(_LARGEST_BATCH, _SMALLEST_BATCH * 2**epoch)
        for batch in minibatch_by_words(made, size=size):
            network.update(batch, drop=_DROPOUT, sgd=optimiser, losses=losses)
        say(f"epoch {epoch + 1} of {EPOCHS}, loss {losses['ner']:.0f}")
    with network.use_params(optimiser.averages):
        # The averages are what is kept.
        kept = network.get_pipe("ner").to_bytes(exclude=["vocab"])
    network.get_pipe("ner").from_bytes(kept, exclude=["vocab"])
    return network


def _examples(recipe: Recipe, data: Path, head: str) -> list[tuple[list[str], list[Span]]]:
    examples = []
    for corpus in recipe.corpora:
        if head not in corpus.heads:
            continue
        # Texts without any name of the head teach it to be silent; a part of them is enough.
        step = 1 if corpus.heads[head] else _ONE_IN
        for sentence in corpus.sentences(data)[::step]:
            units, owners = units_of_words(sentence.words)
            examples.append((units, in_units(corpus.spans_for(head, sentence), owners)))
    return examples


def _span(document: Any, span: Span) -> Any:
    from spacy.tokens import Span as Marked

    start, end, label = span
    return Marked(document, start, end, label=label)
