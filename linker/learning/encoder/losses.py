"""What the training makes small: the surprise at true links, and the belief in rejected ones."""

from dataclasses import dataclass

import torch

from linker.learning.encoder.model import LinkModel
from linker.learning.graph import KnowledgeGraph


@dataclass(frozen=True)
class Batch:
    """Links of one step in both directions: each asks for its answer given subject and relation."""

    subjects: torch.Tensor
    relations: torch.Tensor
    answers: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of(cls, graph: KnowledgeGraph, links: torch.Tensor, weights: torch.Tensor) -> "Batch":
        """Take some links of a graph."""
        heads, kinds, tails = (torch.from_numpy(graph.triples[links.numpy(), column]) for column in range(3))
        return cls(
            subjects=torch.cat([heads, tails]),
            relations=torch.cat([kinds, kinds + len(graph.relation_names)]),
            answers=torch.cat([tails, heads]),
            weights=torch.cat([weights, weights]),
        )


@dataclass(frozen=True)
class View:
    """What one step sees: states of some entities, in ascending order of their numbers."""

    entities: torch.Tensor
    states: torch.Tensor
    relations: torch.Tensor
    candidates: torch.Tensor
    """The entities that compete as answers, ascending."""

    def of(self, entities: torch.Tensor) -> torch.Tensor:
        """Give the states of entities by number."""
        return self.states[torch.searchsorted(self.entities, entities)]


def link_loss(model: LinkModel, view: View, batch: Batch, regularisation: float) -> torch.Tensor:
    """Give the mean cross-entropy of the answers among the candidates, plus the N3 norm of what took part.

    A pair of subject and relation is scored once, however many answers the batch asks of it.
    """
    keys = batch.subjects * len(view.relations) + batch.relations
    distinct, row = torch.unique(keys, return_inverse=True)
    subject = view.of(torch.div(distinct, len(view.relations), rounding_mode="floor"))
    relation = view.relations[distinct % len(view.relations)]
    asked, answers = model.queries(subject, relation), view.of(batch.answers)
    rivals = torch.logsumexp(asked @ view.of(view.candidates).T, dim=1)[row]
    right = (asked[row] * answers).sum(dim=1)
    # An answer outside the candidates joins them for its own question; one inside is counted already.
    everyone = torch.where(torch.isin(batch.answers, view.candidates), rivals, torch.logaddexp(rivals, right))
    surprise = everyone - right
    loss = (surprise * batch.weights).sum() / batch.weights.sum()
    norms = (factor.abs().pow(3).sum(dim=1).mean() for factor in (subject, relation, answers))
    return loss + regularisation * sum(norms)


def denial_loss(model: LinkModel, view: View, denied: torch.Tensor) -> torch.Tensor:
    """Give -log(1 - p) of rejected links (head, relation, tail), p being their share among the candidates."""
    asked = model.queries(view.of(denied[:, 0]), view.relations[denied[:, 1]])
    believed = (asked * view.of(denied[:, 2])).sum(dim=1, keepdim=True)
    rivals = asked @ view.of(view.candidates).T
    same = view.candidates.unsqueeze(0) == denied[:, 2:]
    against = torch.logsumexp(rivals.masked_fill(same, -torch.inf), dim=1, keepdim=True)
    return torch.nn.functional.softplus(believed - against).mean()
