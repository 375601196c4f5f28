"""ComplEx: an entity's own vector, learned from its links alone.

Trouillon et al., "Complex Embeddings for Simple Link Prediction" (2016), with the loss and the N3 norm of Lacroix et
al., "Canonical Tensor Decomposition for Knowledge Base Completion" (2018). Each distinct question (entity, relation)
is scored once in an epoch, however many answers it has: the same loss at a fraction of the work.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from linker.learning import checkpointing
from linker.learning.graph import Floats, Integers, KnowledgeGraph
from linker.learning.repeatable import repeatable_draws
from linker.learning.rules.incidence import Incidence, answers_in, incidence_of

SMALL = 2_000


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """Sizes and limits of one training."""

    width: int = 256
    """Real numbers per entity; half of them are imaginary parts."""
    epochs: int = 20
    batch_questions: int = 512
    rivals: int = 4_096
    """Entities that a batch's answers compete with; all of them where there are no more."""
    learning_rate: float = 0.1
    regularisation: float = 0.05
    check_every: int = 5
    """Epochs between two saved states."""
    seed: int = 1

    @classmethod
    def for_size(cls, entities: int) -> "EmbeddingSettings":
        """Choose what did well on graphs of about this size."""
        return cls(width=200, epochs=20, batch_questions=128, regularisation=0.01) if entities < SMALL else cls()

    def as_json(self) -> dict[str, Any]:
        """Give what identifies the training."""
        return asdict(self)


class ComplEx(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Vectors of entities and of relations in both directions."""

    def __init__(self, entities: int, relations: int, width: int) -> None:
        super().__init__()
        self.entities = nn.Parameter(torch.randn(entities, width) * 1e-2)
        self.kinds = nn.Parameter(torch.randn(2 * relations, width) * 1e-1)

    def asked(self, subjects: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """Join subject and relation so that the product with an answer's vector is the score."""
        return joined(self.entities[subjects], self.kinds[kinds])


def joined(subject: torch.Tensor, kind: torch.Tensor) -> torch.Tensor:
    """Multiply complex numbers whose real parts come first."""
    (real, imaginary), (other, other_imaginary) = subject.chunk(2, dim=1), kind.chunk(2, dim=1)
    return torch.cat([real * other - imaginary * other_imaginary, real * other_imaginary + imaginary * other], dim=1)


@dataclass(frozen=True)
class Embedded:
    """A trained model as a scorer."""

    model: ComplEx

    def against_all(self, subjects: Integers, kinds: Integers) -> Floats:
        """Score each (subject, relation) with every entity, shape (questions, entities)."""
        with torch.no_grad():
            asked = self.model.asked(torch.from_numpy(subjects), torch.from_numpy(kinds))
            scores: Floats = (asked @ self.model.entities.T).numpy()
        return scores


def train_embedding(graph: KnowledgeGraph, settings: EmbeddingSettings, checkpoint: Path | None = None) -> Embedded:
    """Train vectors on the graph's links; with a `checkpoint` path a killed training goes on where it was."""
    entities, relations = len(graph.entities), len(graph.relation_names)
    questions = incidence_of(graph.triples, entities=entities, relations=relations)
    with repeatable_draws():
        torch.manual_seed(settings.seed)
        model = ComplEx(entities, relations, settings.width)
        optimiser = torch.optim.Adagrad(model.parameters(), lr=settings.learning_rate)
        progress = checkpointing.resume(checkpoint, model, optimiser) if checkpoint else checkpointing.Progress()
        while progress.epoch < settings.epochs:
            _epoch(model, optimiser, questions, settings, progress.epoch)
            progress.epoch += 1
            if checkpoint and progress.epoch % settings.check_every == 0:
                checkpointing.save(checkpoint, progress, model, optimiser)
    return Embedded(model)


def _epoch(model: ComplEx, optimiser: Any, questions: Incidence, settings: EmbeddingSettings, epoch: int) -> None:
    # Seeded by epoch, so that a resumed training draws what an undisturbed one would have drawn.
    torch.manual_seed(settings.seed * 1_000_003 + epoch)
    subjects = np.repeat(np.arange(questions.entities), np.diff(questions.first_groups))
    for groups in torch.randperm(questions.groups).split(settings.batch_questions):
        chosen = groups.numpy()
        loss = _loss(model, questions, (subjects[chosen], chosen), settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()


def _loss(
    model: ComplEx, questions: Incidence, asked: tuple[Integers, Integers], settings: EmbeddingSettings
) -> torch.Tensor:
    subjects, groups = (torch.from_numpy(each) for each in asked)
    row, answer = (torch.from_numpy(each) for each in answers_in(questions, asked[1]))
    subject, kind = model.entities[subjects], model.kinds[torch.from_numpy(questions.group_kinds)[groups].long()]
    join, answers = joined(subject, kind), model.entities[answer]
    right = (join[row] * answers).sum(dim=1)
    rivals, share = _rivals(model, settings.rivals)
    everyone = torch.logsumexp(join @ rivals.T, dim=1) - float(np.log(share))
    surprise = torch.logaddexp(everyone[row], right) - right if share < 1 else everyone[row] - right
    norms = sum(_cubed(factor)[row].mean() for factor in (subject, kind)) + _cubed(answers).mean()
    return surprise.mean() + settings.regularisation * norms


def _rivals(model: ComplEx, most: int) -> tuple[torch.Tensor, float]:
    """Give the vectors of the entities that compete, and their share of all."""
    entities = len(model.entities)
    if entities <= most:
        return model.entities, 1.0
    return model.entities[torch.randint(entities, (most,))], most / entities


def _cubed(factor: torch.Tensor) -> torch.Tensor:
    """Give the N3 norm of each row: moduli of complex numbers to the third."""
    real, imaginary = factor.chunk(2, dim=1)
    return (real**2 + imaginary**2 + 1e-12).pow(1.5).sum(dim=1)
