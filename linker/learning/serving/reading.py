"""What is loaded to answer: the model in force, read over the latest graph."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bifrost.errors import ConfigInvalid
from bifrost.project import Project
from linker.learning.encoder.settings import Training
from linker.learning.fusion.predictor import Predictor
from linker.learning.graph import Integers, KnowledgeGraph, row_keys
from linker.learning.models.registry import Registry
from linker.learning.models.storing import load_model
from linker.learning.models.task import Task
from linker.learning.naming import link_name
from linker.learning.predict import STAGE, UNIT, Predictions
from linker.learning.proposing.calibration import Scale
from linker.learning.proposing.proposals import Grounds


@dataclass(frozen=True)
class Reading:
    """A model with the graph it is asked about."""

    name: str
    graph: KnowledgeGraph
    predictor: Predictor
    scales: dict[int, Scale]
    grounds: Grounds

    @property
    def relations(self) -> dict[str, int]:
        """Give the relations by their IRIs and by their names."""
        names = self.graph.relation_names
        return {link_name(name): place for place, name in enumerate(names)} | {
            name: place for place, name in enumerate(names)
        }

    def known(self, links: Integers) -> list[bool]:
        """Tell which links the graph has."""
        found = np.isin(row_keys(links, self.graph), row_keys(self.graph.triples, self.graph))
        return [bool(each) for each in found]


def latest_reading(project: Project) -> Reading:
    """Load the model in force, once for each version and each graph.

    Raises:
        ConfigInvalid: there is no model yet.
    """
    predicted = project.catalog.checkpoints(STAGE).get(UNIT, ("", ""))[1]
    registry = Registry(project)
    version = registry.in_force()
    if version is None or not version.parts or not project.staging.has(predicted):
        how = "'bifrost run' fits one where links may be missing, 'bifrost models fit-links' in any case"
        raise ConfigInvalid("the model of links", [f"there is none yet: {how}"])
    return _read(project, registry.digest, predicted)


@lru_cache(maxsize=2)
def _read(project: Project, _model: str, predicted: str) -> Reading:
    version = Registry(project).in_force()
    assert version is not None
    found = Predictions.load(project.staging, predicted)
    links, entities = (project.staging.table([digest]) for digest in (found.links, found.entities))
    graph = Task.of(project, links, entities, (), Training()).described
    model = load_model(project.staging, version.parts)
    if model.encoder.shape.text_width != graph.features.shape[1]:
        raise ConfigInvalid(
            "the model of links", ["it reads texts in another way than the settings say: run 'bifrost run'"]
        )
    predictor = model.on(graph)
    return Reading(version.name, graph, predictor, model.scales_of(graph), Grounds.of(graph, predictor.parts.rules))
