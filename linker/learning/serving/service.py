"""Predicted links on request: the likeliest tails, heads or relations, single links, and questions made of them."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bifrost import review
from bifrost.decisions import effective
from bifrost.errors import ConfigInvalid
from bifrost.model import Proposal
from bifrost.predictions import LinkAsked, PredictedLink
from bifrost.project import Project
from linker.learning.graph import Integers
from linker.learning.proposing.answers import best_answers
from linker.learning.proposing.proposals import as_proposal
from linker.learning.proposing.questions import Question, answer_range, possible_relations
from linker.learning.proposing.verdicts import Verdicts
from linker.learning.serving.judging import Judge
from linker.learning.serving.reading import Reading, latest_reading
from linker.learning.serving.redirects import today

LOOKED_AT = 5
"""Heads that are scored for each one that is asked for: a head's place by its tail is not its place by probability."""
_requesting = threading.Lock()
"""What was requested is read and written as a whole: of two requests at once one would be lost."""


def link_predictions(project: Project) -> "Service":
    """Load the model in force over the latest graph.

    Raises:
        ModelMissing: there is no model yet.
    """
    return Service(project, latest_reading(project))


@dataclass(frozen=True)
class Service:
    """Answers of one model; see `bifrost.predictions.LinkPredictions`."""

    project: Project
    reading: Reading

    @property
    def model(self) -> str:
        """Name the model."""
        return self.reading.name

    def tails(self, subject: str, link_type: str, count: int, *, explain: bool = False) -> list[PredictedLink]:
        """Give the likeliest objects that the subject is not linked to, and about which nobody answered."""
        head, relation = self._entities([subject]), self.reading.relation(link_type)
        possible = answer_range(self.reading.graph, relation)
        found = self._best(Question(relation, False, head, possible), self._judge.settled, count)
        return self._likeliest(_links(head, relation, found), count, explain=explain)

    def heads(self, link_type: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest subjects that are not linked to the object, and about which nobody answered."""
        tail, relation = self._entities([object]), self.reading.relation(link_type)
        turned = relation + len(self.reading.graph.relation_names)
        heads, kinds, tails = self._judge.settled.T
        settled = np.stack([tails, kinds + (turned - relation), heads], axis=1)
        lacking = np.setdiff1d(answer_range(self.reading.graph, turned), self.reading.filled(relation))
        found = self._best(Question(turned, False, tail, lacking), settled, LOOKED_AT * count)
        return self._likeliest(_links(found, relation, tail), count, explain=explain)

    def relations(self, subject: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest types of link from the subject to the object, also those that they have."""
        head, tail = self._entities([subject, object])
        kinds = possible_relations(self.reading.graph, int(head), int(tail))
        return self._likeliest(_links(head, kinds, tail), count, explain=explain)

    def score(self, asked: Sequence[LinkAsked], *, explain: bool = False) -> list[PredictedLink]:
        """Give the probability of each link, in the order in which they were asked about."""
        return self._judge.described(self._numbered(asked), explain=explain)

    def propose(self, asked: Sequence[LinkAsked]) -> list[Proposal]:
        """Make links open questions for people, and give these.

        Raises:
            ConfigInvalid: one of the links is in the graph, or somebody answered it; nothing is asked then.
        """
        links = self._numbered(asked)
        self._check(asked, links)
        proposals = [as_proposal(guess, self.reading.grounds, self.model) for guess in self._judge.guesses(links)]
        with _requesting:
            review.request(self.project, proposals)
        return proposals

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.reading, Verdicts.of(effective(self.project.catalog.decisions()).values()))

    def _entities(self, iris: Sequence[str]) -> Integers:
        """Give numbers of entities, also of those that are named as they were before they were merged."""
        lost = self.reading.missing(iris)
        now = today(self.project, lost)
        return self.reading.numbers([now.get(iri, iri) for iri in iris] if lost else iris)

    def _numbered(self, asked: Sequence[LinkAsked]) -> Integers:
        heads, tails = (self._entities(iris) for iris in ([a.subject for a in asked], [a.object for a in asked]))
        named = {name: self.reading.relation(name) for name in {a.link_type for a in asked}}
        return np.stack([heads, np.array([named[a.link_type] for a in asked], np.int64), tails], axis=1)

    def _best(self, question: Question, excluded: Integers, count: int) -> Integers:
        if not len(question.tails):
            return question.tails
        return best_answers(self.reading.predictor, question, excluded, count).tails

    def _likeliest(self, links: Integers, count: int, *, explain: bool) -> list[PredictedLink]:
        return self._judge.described(self._judge.likeliest(links, count), explain=explain)

    def _check(self, asked: Sequence[LinkAsked], links: Integers) -> None:
        """Refuse what needs no question."""
        known = self.reading.among(links, self.reading.graph.triples)
        answered = self.reading.among(links, self._judge.answered)
        problems = [
            f"{each.subject} {each.link_type} {each.object}: "
            + ("the graph has it already" if there else "somebody answered this question")
            for each, there, settled in zip(asked, known, known | answered, strict=True)
            if settled
        ]
        if problems:
            raise ConfigInvalid("links", problems)


def _links(heads: Integers, kinds: Integers | int, tails: Integers) -> Integers:
    """Put ends and types side by side; a single one goes with all others."""
    return np.stack([each.ravel() for each in np.broadcast_arrays(heads, kinds, tails)], axis=1)
