"""How well labels and values of scanned forms are linked, on forms whose truth is known."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bifrost.config import Extraction
from bifrost.ports import Progress, TextEncoder
from bifrost.progress import SILENT
from bifrost.text_encoder import load_encoder
from bifrost.threads import TREES, one_thread
from extractors.forms.in_processes import in_processes
from extractors.forms.linking.form_model import train
from extractors.forms.linking.form_page import LABELS, OTHER, FormPage, KnownForm
from extractors.forms.linking.pieces import pieces_of
from extractors.forms.linking.rules import FormRules
from extractors.forms.linking.truth import known_forms
from extractors.pages.content import Box
from extractors.pages.recognition import recognition_of
from extractors.pages.scanned import read_scan

FOLDS = 5
_SAME_PIECE = 0.5

Links = frozenset[tuple[int, int]]


class Linker(Protocol):
    """Labels the pieces of a form and links them."""

    def linked(self, page: FormPage, encoder: TextEncoder | None) -> tuple[Any, dict[tuple[int, int], float]]:
        """Give weights of labels, and the links with their probabilities."""
        ...


@dataclass
class _Count:
    right: int = 0
    given: int = 0
    there: int = 0

    def add(self, found: Links, truth: Links) -> None:
        self.right += len(found & truth)
        self.given += len(found)
        self.there += len(truth)

    @property
    def f1(self) -> float:
        return round(2 * self.right / max(1, self.given + self.there), 4)


def evaluate_forms(folder: Path, limit: int | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Measure on the forms in `folder` (images, jsons), with models that did not see the form (5 folds).

    `link_f1` counts links from labels to values between the given pieces (words and their groups are the file's, their
    labels are predicted); `label_f1` counts pieces that are headings, labels or values; `link_f1_from_ocr` starts at
    the picture: a piece that was read stands for the given one that it shares at least half of the smaller area with.
    `link_f1_shipped` is what the rules reach that are there before anybody trained a model.
    """
    started = time.perf_counter()
    forms = list(islice(known_forms(folder), limit))
    linked, labelled, from_picture, shipped = _Count(), _Count(), _Count(), _Count()
    with tempfile.TemporaryDirectory() as name, one_thread(TREES):
        pictures = [(folder / "images" / f"{form.name}.png", Path(name)) for form in forms]
        pages = in_processes(_page_of, pictures, progress)
        encoder = load_encoder(Path(name))
        with progress.task("folds", FOLDS) as task:
            for fold in range(FOLDS):
                model = train([form for at, form in enumerate(forms) if at % FOLDS != fold], encoder)
                for form, page in zip(forms[fold::FOLDS], pages[fold::FOLDS], strict=True):
                    weights, links = model.linked(form.page, encoder)
                    linked.add(frozenset(links), form.links)
                    labelled.add(_labels(weights.argmax(axis=1).tolist()), _labels(form.labels))
                    from_picture.add(_links_on_picture(page, form, model, encoder), form.links)
                task.advance()
    for form in forms:
        shipped.add(frozenset(FormRules().linked(form.page)[1]), form.links)
    return {
        "link_f1": linked.f1,
        "label_f1": labelled.f1,
        "link_f1_from_ocr": from_picture.f1,
        "link_f1_shipped": shipped.f1,
        "labels": list(LABELS[1:]),
        "forms": len(forms),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _page_of(work: tuple[Path, Path]) -> FormPage:
    """Read a picture as extraction does, as the pieces of a form."""
    from PIL import Image

    picture, cache = work
    with Image.open(picture) as opened:
        content = read_scan(opened.convert("RGB"), recognition_of(Extraction(), cache))
    words = [word for line in content.lines for word in line.words]
    return pieces_of(words, (content.width, content.height))


def _labels(labels: Sequence[int]) -> Links:
    return frozenset((at, label) for at, label in enumerate(labels) if label != OTHER)


def _links_on_picture(page: FormPage, form: KnownForm, model: Linker, encoder: TextEncoder | None) -> Links:
    """Link what was read, and name the pieces as the file does."""
    if len(page) < 2:
        return frozenset()
    same = [matched(box, form.page.boxes) for box in page.boxes]
    _weights, links = model.linked(page, encoder)
    ends = {(same[label], same[value]) for label, value in links}
    return frozenset((label, value) for label, value in ends if label is not None and value is not None)


def matched(box: Box, boxes: Sequence[Box]) -> int | None:
    """Find the box that shares most with this one, at least half of the smaller of both."""
    edges = np.array(boxes)
    across = np.minimum(edges[:, 2], box[2]) - np.maximum(edges[:, 0], box[0])
    down = np.minimum(edges[:, 3], box[3]) - np.maximum(edges[:, 1], box[1])
    areas = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
    smaller = np.maximum(np.minimum(areas, (box[2] - box[0]) * (box[3] - box[1])), 1e-6)
    shares = np.clip(across, 0, None) * np.clip(down, 0, None) / smaller
    best = int(shares.argmax())
    return best if shares[best] >= _SAME_PIECE else None
