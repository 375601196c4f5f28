"""Predicted links on request: the likeliest tails, heads or relations, single links, and questions made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bifrost import review
from bifrost.asking.calibration import Numbers, sigmoid
from bifrost.decisions import effective
from bifrost.errors import ConfigInvalid, EntityMissing, UnknownName
from bifrost.iris import slug
from bifrost.model import Proposal, Verdict
from bifrost.predictions import LinkAsked, PredictedLink
from bifrost.project import Project
from linker.learning.graph import Integers
from linker.learning.naming import link_name
from linker.learning.proposing.answers import beliefs, best_answers
from linker.learning.proposing.calibration import Scale
from linker.learning.proposing.proposals import Guess, as_proposal
from linker.learning.proposing.questions import Question, answer_range, is_functional, possible_relations
from linker.learning.proposing.verdicts import Verdicts
from linker.learning.serving.reading import Reading, latest_reading

LOOKED_AT = 5
"""Heads that are scored for each one that is asked for: a head's place by its tail is not its place by probability."""
UNSCALED = Scale()


def link_predictions(project: Project) -> "Service":
    """Load the model in force over the latest graph.

    Raises:
        ConfigInvalid: there is no model yet.
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
        """Give the likeliest objects that the subject is not linked to yet."""
        head, relation = self._entities([subject]), self._relation(link_type)
        found = self._best(head, relation, self.reading.graph.triples, count)
        return self._likeliest(_links(np.repeat(head, len(found)), relation, found), count, explain=explain)

    def heads(self, link_type: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest subjects that are not linked to the object yet."""
        tail, relation = self._entities([object]), self._relation(link_type)
        heads, kinds, tails = self.reading.graph.triples.T
        relations = len(self.reading.graph.relation_names)
        turned = np.stack([tails, kinds + relations, heads], axis=1)
        found = self._best(tail, relation + relations, turned, LOOKED_AT * count)
        return self._likeliest(_links(found, relation, np.repeat(tail, len(found))), count, explain=explain)

    def relations(self, subject: str, object: str, count: int, *, explain: bool = False) -> list[PredictedLink]:  # noqa: A002
        """Give the likeliest types of link from the subject to the object, also those that they have."""
        head, tail = self._entities([subject, object])
        kinds = possible_relations(self.reading.graph, int(head), int(tail))
        links = np.stack([np.full(len(kinds), head), kinds, np.full(len(kinds), tail)], axis=1)
        return self._likeliest(links, count, explain=explain)

    def score(self, asked: Sequence[LinkAsked], *, explain: bool = False) -> list[PredictedLink]:
        """Give the probability of each link, in the order in which they were asked about."""
        return self._described(self._numbered(asked), explain=explain)

    def propose(self, asked: Sequence[LinkAsked]) -> list[Proposal]:
        """Make links open questions for people, and give these.

        Raises:
            ConfigInvalid: one of the links is in the graph, or somebody answered it; nothing is asked then.
        """
        links = self._numbered(asked)
        self._check(asked, links)
        proposals = [
            as_proposal(guess, self.reading.grounds, self.model)
            for guess in self._guesses(links, self._log_odds(links))
        ]
        review.request(self.project, proposals)
        return proposals

    # ---- names to numbers

    def _entities(self, iris: Sequence[str]) -> Integers:
        places = pc.fill_null(pc.index_in(pa.array(iris, pa.string()), self.reading.graph.entities), -1)
        numbers: Integers = places.to_numpy(zero_copy_only=False).astype(np.int64)
        if (numbers < 0).any():
            raise EntityMissing(iris[int(np.argmin(numbers))])
        return numbers

    def _relation(self, name: str) -> int:
        known = self.reading.relations
        if name not in known:
            raise UnknownName("link type", name, {link_name(each) for each in known})
        return known[name]

    def _numbered(self, asked: Sequence[LinkAsked]) -> Integers:
        heads, tails = (self._entities(iris) for iris in ([a.subject for a in asked], [a.object for a in asked]))
        return np.stack([heads, np.array([self._relation(a.link_type) for a in asked], np.int64), tails], axis=1)

    # ---- scores

    def _best(self, subject: Integers, kind: int, excluded: Integers, count: int) -> Integers:
        question = Question(kind, False, subject, answer_range(self.reading.graph, kind))
        return best_answers(self.reading.predictor, question, excluded, count).tails

    def _log_odds(self, links: Integers) -> Numbers:
        """Give calibrated log-odds before verdicts."""
        graph = self.reading.graph
        belief = beliefs(self.reading.predictor, graph, links, graph.triples)
        scales = [self._scale(relation) for relation in links[:, 1]]
        slopes, offsets = (np.array([getattr(each, name) for each in scales]) for name in ("slope", "offset"))
        odds: Numbers = slopes * belief + offsets
        return odds

    def _scale(self, relation: int) -> Scale:
        return self.reading.scales.get(int(relation), UNSCALED)

    @cached_property
    def _verdicts(self) -> Verdicts:
        return Verdicts.of(effective(self.project.catalog.decisions()).values())

    def _guesses(self, links: Integers, log_odds: Numbers) -> Iterable[Guess]:
        graph = self.reading.graph
        shifts = {int(kind): self._verdicts.shift(graph.relation_names[kind]) for kind in np.unique(links[:, 1])}
        nobody = np.zeros(0, np.int64)
        for (head, relation, tail), odds in zip(links.tolist(), log_odds, strict=True):
            question = Question(relation, is_functional(graph, relation), nobody, nobody)
            probability = round(float(sigmoid(odds + shifts[relation])), 4)
            yield Guess(question, head, tail, float(odds), probability, self._scale(relation), shifts[relation])

    # ---- answers

    def _likeliest(self, links: Integers, count: int, *, explain: bool) -> list[PredictedLink]:
        if not len(links):
            return []
        order = np.argsort([-guess.probability for guess in self._guesses(links, self._log_odds(links))], kind="stable")
        return self._described(links[order[:count]], explain=explain)

    def _described(self, links: Integers, *, explain: bool) -> list[PredictedLink]:
        graph, known = self.reading.graph, self.reading.known(links)
        guesses = self._guesses(links, self._log_odds(links))
        return [
            PredictedLink(
                subject=str(graph.entities[guess.head].as_py()),
                subject_label=graph.label(guess.head),
                link_type=link_name(graph.relation_names[guess.question.relation]),
                object=str(graph.entities[guess.tail].as_py()),
                object_label=graph.label(guess.tail),
                probability=guess.probability,
                calibrated=guess.question.relation in self.reading.scales,
                known=there,
                because=tuple(self.reading.grounds.reasons(*guess.ends)) if explain else (),
            )
            for guess, there in zip(guesses, known, strict=True)
        ]

    def _check(self, asked: Sequence[LinkAsked], links: Integers) -> None:
        """Refuse what needs no question."""
        answered = {
            (head, slug(name), tail) for verdict in Verdict for head, name, tail in self._verdicts.links(verdict)
        }
        problems = [
            f"{each.subject} {each.link_type} {each.object}: "
            + ("the graph has it already" if there else "somebody answered this question")
            for each, there in zip(asked, self.reading.known(links), strict=True)
            if there or (each.subject, slug(link_name(each.link_type)), each.object) in answered
        ]
        if problems:
            raise ConfigInvalid("links", problems)


def _links(heads: Integers, relation: int, tails: Integers) -> Integers:
    return np.stack([heads, np.full(len(heads), relation), tails], axis=1)
