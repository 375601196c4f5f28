"""From answers to proposals: calibrated, explained, and the most valuable first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bifrost.asking.calibration import sigmoid
from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind
from linker.learning.graph import Integers, KnowledgeGraph
from linker.learning.naming import link_name
from linker.learning.proposing.answers import TailScorer, answer
from linker.learning.proposing.calibration import Scale
from linker.learning.proposing.paths import Neighbourhoods
from linker.learning.proposing.questions import Question, affordable, open_questions
from linker.learning.proposing.verdicts import LOG_ODDS, Verdicts
from linker.learning.rules.explaining import explain
from linker.learning.rules.mined import MinedRules
from linker.learning.rules.wording import worded

if TYPE_CHECKING:
    from linker.learning.models.fitted import FittedModel
    from linker.learning.models.task import Task

AT_MOST = 50
LEAST_PROBABILITY = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """One possible link with what the model thinks of it."""

    question: Question
    head: int
    tail: int
    log_odds: float
    """Before verdicts."""
    probability: float
    scale: Scale
    shift: float

    @property
    def ends(self) -> tuple[int, int, int]:
        """Give head, relation and tail."""
        return self.head, self.question.relation, self.tail

    @property
    def worth(self) -> tuple[bool, float, int, int, int]:
        """Sort unfilled references first, then by probability."""
        return (not self.question.functional, -self.probability, self.question.relation, self.head, self.tail)


@dataclass(frozen=True)
class Grounds:
    """What links are explained by."""

    graph: KnowledgeGraph
    around: Neighbourhoods
    rules: MinedRules

    @classmethod
    def of(cls, graph: KnowledgeGraph, rules: MinedRules) -> "Grounds":
        """Index a graph whose rules were counted."""
        return cls(graph, Neighbourhoods(graph), rules)

    def reasons(self, head: int, relation: int, tail: int) -> list[Reason]:
        """Give the rules and the paths that speak for a link."""
        rules = explain(self.rules, head, relation, tail)
        why = [Reason("rule", worded(rule, self.graph), round(rule.confidence, 4)) for rule in rules]
        paths = self.around.paths(head, tail)
        return why + [Reason("path", path.text, round(path.specificity, 4)) for path in paths]


def propose(model: "FittedModel", task: "Task", *, name: str) -> list[Proposal]:
    """Give the best guesses as proposals, none for a link that exists or a pair that somebody answered."""
    graph, verdicts = task.described, task.verdicts
    scales, denied = model.scales_of(graph), task.answered(verdicts).denied
    questions = [each for each in open_questions(graph, task.skipped_types) if each.relation in scales]
    if not questions:
        return []
    scorer = model.on(graph)
    guesses: list[Guess] = []
    for question in affordable(questions):
        shift = verdicts.shift(graph.relation_names[question.relation])
        guesses += _guesses(scorer, graph, question, denied, scales[question.relation], shift)
    best = _best(guesses, graph, verdicts)
    grounds = Grounds.of(graph, scorer.parts.rules) if best else None
    return [as_proposal(guess, grounds, name) for guess in best if grounds]


def _guesses(
    scorer: TailScorer, graph: KnowledgeGraph, question: Question, denied: Integers, scale: Scale, shift: float
) -> list[Guess]:
    answers = answer(scorer, question, np.concatenate([graph.triples, denied]))
    log_odds = scale.log_odds(answers.logits)
    probabilities = np.round(sigmoid(log_odds + shift), 4)
    likely = np.flatnonzero(probabilities >= LEAST_PROBABILITY)
    likely = likely[np.argsort(-probabilities[likely], kind="stable")][: 10 * AT_MOST]
    return [
        Guess(
            question,
            int(answers.heads[place]),
            int(answers.tails[place]),
            float(log_odds[place]),
            float(probabilities[place]),
            scale,
            shift,
        )
        for place in likely
    ]


def _best(guesses: list[Guess], graph: KnowledgeGraph, verdicts: Verdicts) -> list[Guess]:
    """Keep the most valuable; one per pair, since a claim's id names its pair."""
    answered = verdicts.pairs
    kept: dict[tuple[str, str], Guess] = {}
    for guess in sorted(guesses, key=lambda each: each.worth):
        pair = (graph.entities[guess.head].as_py(), graph.entities[guess.tail].as_py())
        if pair not in answered:
            kept.setdefault(pair, guess)
    return list(kept.values())[:AT_MOST]


def as_proposal(guess: Guess, grounds: Grounds, name: str) -> Proposal:
    """Ask people about a guess of the model of this name, with the reasons for it."""
    graph = grounds.graph
    head, tail = (str(graph.entities[entity].as_py()) for entity in (guess.head, guess.tail))
    return Proposal(
        kind=ProposalKind.CLAIM,
        start=End(iri=head),
        end=End(iri=tail),
        probability=guess.probability,
        name=link_name(graph.relation_names[guess.question.relation]),
        rule=Rule(RuleKind.PREDICTED),
        examples=((graph.label(guess.head), graph.label(guess.tail)),),
        estimated_links=1,
        because=tuple(_reasons(guess, grounds)),
        model=name,
    )


def _reasons(guess: Guess, grounds: Grounds) -> list[Reason]:
    graph = grounds.graph
    name, scale = link_name(graph.relation_names[guess.question.relation]), guess.scale
    expected = f"{graph.label(guess.head)} has no {name} yet; entities of its type usually have one"
    why = [Reason("unfilled reference", expected)] if guess.question.functional else []
    why += grounds.reasons(*guess.ends)
    kind = "best answers" if guess.question.functional else "likeliest pairs"
    fitted = f"fitted line: {scale.right} of {scale.asked} {kind} were right when known links were held out"
    why.append(Reason(LOG_ODDS, fitted, round(guess.log_odds, 4)))
    if guess.shift:
        why.append(Reason("verdicts", f"people's answers on {name}", round(guess.shift, 4)))
    return why
