"""What a ranker sees of a candidate: the rules' evidence, scores, how usual it is as an answer, and its text."""

import numpy as np
from numpy.typing import NDArray

from linker.learning.fusion.candidates import Candidates
from linker.learning.fusion.parts import Parts
from linker.learning.graph import Floats, Integers
from linker.learning.rules.alone import believed
from linker.learning.rules.evidence import STRONGEST
from linker.learning.rules.incidence import Incidence

RULE_CLASSES = ("one link", "two links", "more links", "about the subject", "about the answer")
USUAL = (
    "share of the relation's links",
    "links of the relation",
    "links of the answer",
    "known answers",
    "links of the subject",
    "answers per subject",
    "subjects per answer",
)


def column_names(parts: Parts) -> list[str]:
    """Name the columns of `features`."""
    each = [*(f"rule {place + 1}" for place in range(STRONGEST)), "noisy-or", "rules"]
    rules = [f"{group}: {what}" for group in RULE_CLASSES for what in each]
    belief = ["belief", "belief behind the best", "place by belief"]
    scorers = [f"{name}: {what}" for name in parts.scorers for what in ("score", "behind the best", "place")]
    texts = ["text like the subject", "text like the relation's answers"] if len(parts.texts) else []
    return [*rules, *belief, *scorers, *USUAL, *texts]


def compared_columns(parts: Parts) -> Integers:
    """Give the columns that compare a candidate with the others of its question: belief, and every scorer."""
    first = len(RULE_CLASSES) * (STRONGEST + 2)
    return np.arange(first, first + 3 + 3 * len(parts.scorers))


def features(parts: Parts, asked: Candidates) -> Floats:
    """Give the features of all candidates, shape (questions, most, columns)."""
    missing = asked.answers < 0
    belief = believed(asked.evidence)
    columns = [asked.evidence, *_compared(belief, missing)]
    for scorer in range(asked.scores.shape[2]):
        columns += _compared(asked.scores[:, :, scorer], missing)
    columns += _usual(parts.graph, asked)
    if len(parts.texts):
        columns += _alike(parts, asked)
    whole = [column if column.ndim == 3 else column[:, :, None] for column in columns]
    return np.concatenate([np.broadcast_to(each, (*missing.shape, each.shape[2])) for each in whole], axis=2).astype(
        np.float32
    )


def _compared(scores: Floats, missing: NDArray[np.bool_]) -> list[Floats]:
    """Give a score, how far it is behind the question's best, and the log of its place."""
    hidden = np.where(missing, -np.inf, scores)
    best = hidden.max(axis=1, keepdims=True)
    order = np.argsort(-hidden, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(scores.shape[1])[None, :], axis=1)
    return [scores, np.where(missing, 0, scores - best), np.log1p(places).astype(np.float32)]


def _usual(graph: Incidence, asked: Candidates) -> list[Floats]:
    turned = graph.turned(asked.kind)
    as_answer, as_subject = (_links_of_kind(graph, kind) for kind in (turned, asked.kind))
    degrees = np.diff(graph.starts)
    links = max(int(as_answer.sum()), 1)
    shape = asked.answers.shape
    counts = as_answer[asked.answers]
    rows = (as_subject[asked.subjects], degrees[asked.subjects])
    whole = (links / max(int((each > 0).sum()), 1) for each in (as_subject, as_answer))
    return [
        counts / links,
        np.log1p(counts),
        np.log1p(degrees[asked.answers]),
        *(np.broadcast_to(np.log1p(row)[:, None], shape) for row in rows),
        *(np.full(shape, np.log(each)) for each in whole),
    ]


def _links_of_kind(graph: Incidence, kind: int) -> Integers:
    """Count every entity's links of a kind."""
    groups = np.flatnonzero(graph.group_kinds == kind)
    counts = np.zeros(graph.entities, np.int64)
    counts[np.searchsorted(graph.first_groups, groups, "right") - 1] = np.diff(graph.group_starts)[groups]
    return counts


def _alike(parts: Parts, asked: Candidates) -> list[Floats]:
    """Give the cosine of the answer's text with the subject's, and with the mean text of the relation's answers."""
    turned = parts.graph.turned(asked.kind)
    usual = _links_of_kind(parts.graph, turned) > 0
    centre = parts.texts[usual].mean(axis=0) if usual.any() else np.zeros(parts.texts.shape[1], np.float32)
    subject = np.einsum("qmw,qw->qm", parts.texts[asked.answers], parts.texts[asked.subjects], optimize=True)
    return [subject, (parts.texts @ centre)[asked.answers]]
