"""What is trained on what: a file that people can write for corpora of their own."""

from pathlib import Path

import yaml
from pydantic import Field

from bifrost.config import Strict, checked
from extractors.names.conll import Sentence, Span, read_corpus


class Corpus(Strict):
    """Files whose labels mean the same."""

    files: list[str] = Field(min_length=1)
    heads: dict[str, dict[str, str]] = Field(
        min_length=1,
        description="head that it teaches -> label in the files -> label of the head; others are left out, "
        "and an empty map teaches that nothing in it is meant",
    )
    share: float = Field(default=1.0, gt=0, description="how often it is seen in an epoch")
    apart: bool = Field(default=False, description="its texts do not belong together")

    def sentences(self, data: Path) -> list[Sentence]:
        """Read its files."""
        return [sentence for name in self.files for sentence in read_corpus(data / name)]

    def spans_for(self, head: str, sentence: Sentence) -> list[Span]:
        """Give the spans of a sentence with the labels of a head."""
        labels = self.heads[head]
        return [(start, end, labels[label]) for start, end, label in sentence.spans if label in labels]


class Recipe(Strict):
    """Corpora, the heads that they teach, and how the encoder is trained."""

    corpora: list[Corpus] = Field(min_length=1)
    longest: int = Field(default=192, ge=16, le=512, description="word pieces in a window")
    batch_pieces: int = Field(default=2048, ge=64, description="word pieces in a step")
    learning_rate: float = Field(default=3e-4, gt=0)
    epochs: float = Field(default=5, gt=0)
    hide: float = Field(default=0.15, ge=0, lt=1, description="share of units hidden while training")
    dropout: float = Field(default=0.2, ge=0, lt=1)
    seed: int = 7

    def labels(self) -> dict[str, list[str]]:
        """Give the labels of each head, in the order in which the recipe names them."""
        labels: dict[str, dict[str, None]] = {}
        for corpus in self.corpora:
            for head, mapped in corpus.heads.items():
                if mapped:
                    labels.setdefault(head, {}).update(dict.fromkeys(mapped.values()))
        return {head: list(names) for head, names in labels.items()}


def load_recipe(file: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigInvalid: a key is unknown or a value wrong.
    """
    recipe: Recipe = checked(Recipe, yaml.safe_load(file.read_text(encoding="utf-8")), str(file))
    return recipe
