"""Forms whose words, labels and links are known: folders images and jsons, with a file of the same name in each."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extractors.forms.linking.form_page import ANSWER, LABELS, OTHER, QUESTION, FormPage, KnownForm
from extractors.pages.content import around


def known_forms(folder: Path) -> Iterator[KnownForm]:
    """Give the forms by name; words that belong to nothing are pieces as the file groups them."""
    for file in sorted((folder / "jsons").glob("*.json")):
        yield _form(json.loads(file.read_text(encoding="utf-8")), file.stem)


def _form(content: Mapping[str, Any], name: str) -> KnownForm:
    words = {word["id"]: (word, group["id"]) for group in content["document"] for word in group["words"]}
    pieces: list[list[int]] = []
    labels: list[int] = []
    number: dict[int, int] = {}
    for entity in content["label_entities"]:
        number[entity["entity_id"]] = len(pieces)
        pieces.append(entity["word_idx"])
        labels.append(LABELS.index(entity["label"]))
    taken = {word for piece in pieces for word in piece}
    left: dict[int, list[int]] = defaultdict(list)
    for word, (_content, group) in words.items():
        if word not in taken:
            left[group].append(word)
    pieces += left.values()
    labels += [OTHER] * len(left)
    ends = [(number[start], number[stop]) for start, stop in content["label_linkings"]]
    links = frozenset((start, stop) for start, stop in ends if labels[start] == QUESTION and labels[stop] == ANSWER)
    texts = tuple(" ".join(words[word][0]["text"] for word in piece) for piece in pieces)
    boxes = tuple(around([tuple(map(float, words[word][0]["box"])) for word in piece]) for piece in pieces)  # type: ignore[misc]
    size = content["img"]
    return KnownForm(FormPage(texts, boxes, size["width"], size["height"]), tuple(labels), links, name)
