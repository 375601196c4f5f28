"""A trained model of forms: labels first, then links, with the probabilities of labels as features of links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bifrost.ports import TextEncoder
from bifrost.threads import TREES, one_thread
from extractors.forms.linking.form_page import LABELS, FormPage, KnownForm, neighbours
from extractors.forms.linking.label_features import label_features
from extractors.forms.linking.pair_features import candidate_pairs, pair_features

MEANING_DIMENSIONS = 32
_INNER_FOLDS = 3
_LABEL_TREES, _LINK_TREES, _RATE, _BINS = 60, 120, 0.12, 63
_SEED = 7


@dataclass
class FormModel:
    """Trees that label pieces, look again with the labels of the neighbours, and link labels to values."""

    reduction: Any
    """Takes vectors of texts to `MEANING_DIMENSIONS`; None without an encoder."""
    wording: Any = None
    """Labels by the letters of the texts alone."""
    first: Any = None
    second: Any = None
    links: Any = None
    threshold: float = 0.5
    version: int = 1

    def labels(self, page: FormPage, encoder: TextEncoder | None) -> Any:
        """Give probabilities of `LABELS` for every piece."""
        features = np.hstack([self._features(page, encoder), _probabilities(self.wording, _wordings(page))])
        return _probabilities(self.second, _with_neighbours(page, features, _probabilities(self.first, features)))

    def linked(self, page: FormPage, encoder: TextEncoder | None) -> tuple[Any, dict[tuple[int, int], float]]:
        """Give probabilities of labels, and the links with theirs: each is likely enough."""
        probabilities = self.labels(page, encoder)
        pairs = candidate_pairs(page, probabilities)
        if not len(pairs):
            return probabilities, {}
        scores = self.links.predict_proba(pair_features(page, pairs, probabilities, self._meaning(page, encoder)))[:, 1]
        return probabilities, _best(pairs, scores, self.threshold)

    def _features(self, page: FormPage, encoder: TextEncoder | None) -> Any:
        return np.hstack([label_features(page), self._meaning(page, encoder)])

    def _meaning(self, page: FormPage, encoder: TextEncoder | None) -> Any:
        if self.reduction is None or encoder is None:
            return np.zeros((len(page), MEANING_DIMENSIONS))
        return encoder(page.texts) @ self.reduction


def train(forms: Sequence[KnownForm], encoder: TextEncoder | None) -> FormModel:
    """Train on forms whose labels and links are known.

    What a later step sees of an earlier one comes from models that did not see the form, as it will be with new forms.
    """
    with one_thread(TREES):
        return _trained(forms, encoder)


def _trained(forms: Sequence[KnownForm], encoder: TextEncoder | None) -> FormModel:
    model = FormModel(_reduction(forms, encoder))
    features = [model._features(form.page, encoder) for form in forms]
    truth = [np.array(form.labels) for form in forms]
    texts = [_wordings(form.page) for form in forms]
    by_wording = _out_of_fold(_wording_model, texts, truth)
    features = [np.hstack(pair) for pair in zip(features, by_wording, strict=True)]
    model.wording = _wording_model().fit(np.concatenate(texts), np.concatenate(truth))
    guesses = _out_of_fold(_label_trees, features, truth)
    again = [_with_neighbours(form.page, own, guess) for form, own, guess in zip(forms, features, guesses, strict=True)]
    labels = _out_of_fold(_label_trees, again, truth)
    model.first = _label_trees().fit(np.vstack(features), np.concatenate(truth))
    model.second = _label_trees().fit(np.vstack(again), np.concatenate(truth))
    pairs = [candidate_pairs(form.page, guess) for form, guess in zip(forms, labels, strict=True)]
    rows = [
        pair_features(form.page, pair, guess, model._meaning(form.page, encoder))
        for form, pair, guess in zip(forms, pairs, labels, strict=True)
    ]
    right = [
        np.array([tuple(pair) in form.links for pair in places.tolist()], np.int64)
        for form, places in zip(forms, pairs, strict=True)
    ]
    scores = [each[:, 1] for each in _out_of_fold(_link_trees, rows, right)]
    model.threshold = _best_threshold(forms, pairs, scores)
    model.links = _link_trees().fit(np.vstack(rows), np.concatenate(right))
    return model


def _wordings(page: FormPage) -> Any:
    return np.array(page.texts, dtype=object)


def _wording_model() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    return make_pipeline(letters, LogisticRegression(max_iter=300, C=2.0))


def _label_trees() -> Any:
    return _trees(_LABEL_TREES)


def _link_trees() -> Any:
    return _trees(_LINK_TREES)


def _trees(count: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=count,
        learning_rate=_RATE,
        l2_regularization=1.0,
        max_leaf_nodes=15,
        max_bins=_BINS,
        random_state=_SEED,
    )


def _probabilities(trees: Any, features: Any) -> Any:
    """Give a column for every label, also for those that were never seen."""
    found = np.zeros((len(features), len(LABELS)))
    if len(features):
        found[:, trees.classes_] = trees.predict_proba(features)
    return found


def _with_neighbours(page: FormPage, features: Any, probabilities: Any) -> Any:
    near = neighbours(page)
    around = np.where((near >= 0)[:, :, None], probabilities[near], 0.0).reshape(len(page), -1)
    return np.hstack([features, probabilities, around])


def _out_of_fold(new_trees: Callable[[], Any], rows: Sequence[Any], truth: Sequence[Any]) -> list[Any]:
    """Give every form's probabilities from trees that were trained on other forms."""
    found: list[Any] = [None] * len(rows)
    for fold in range(_INNER_FOLDS):
        held = set(range(fold, len(rows), _INNER_FOLDS))
        kept = [at for at in range(len(rows)) if at not in held]
        trees = new_trees().fit(np.concatenate([rows[at] for at in kept]), np.concatenate([truth[at] for at in kept]))
        for at in held:
            found[at] = np.zeros((len(rows[at]), len(LABELS)))
            if len(rows[at]):
                found[at][:, trees.classes_] = trees.predict_proba(rows[at])
    return found


def _reduction(forms: Sequence[KnownForm], encoder: TextEncoder | None) -> Any:
    """Find the directions in which the vectors of the texts differ most."""
    if encoder is None:
        return None
    vectors = encoder(sorted({text for form in forms for text in form.page.texts}))
    _left, _sizes, directions = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return directions[:MEANING_DIMENSIONS].T


def _best(pairs: Any, scores: Any, threshold: float) -> dict[tuple[int, int], float]:
    """Give the links that are likely enough; a cell of a table may have a label in its row and one in its column."""
    return {
        (label, value): score
        for (label, value), score in zip(pairs.tolist(), scores.tolist(), strict=True)
        if score >= threshold
    }


def _best_threshold(forms: Sequence[KnownForm], pairs: Sequence[Any], scores: Sequence[Any]) -> float:
    """Find the threshold with the best F1 of links."""
    there = sum(len(form.links) for form in forms)

    def quality(threshold: float) -> float:
        found = [_best(places, score, threshold) for places, score in zip(pairs, scores, strict=True)]
        right = sum(len(form.links & links.keys()) for form, links in zip(forms, found, strict=True))
        return 2 * right / max(1, there + sum(map(len, found)))

    return max((float(step) for step in np.arange(0.15, 0.7, 0.05)), key=quality)
