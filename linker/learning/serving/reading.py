"""What is loaded to answer: the model in force, read over the latest graph."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bifrost.errors import EntityMissing, ModelMissing, UnknownName
from bifrost.iris import slug
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
from linker.learning.proposing.questions import is_functional


@dataclass(frozen=True)
class Reading:
    """A model with the graph it is asked about."""

    name: str
    graph: KnowledgeGraph
    predictor: Predictor
    scales: dict[int, Scale]
    grounds: Grounds

    def relation(self, name: str) -> int:
        """Give the number of a type of link by its name, as people write it, or by its IRI.

        Raises:
            UnknownName: no link of the graph is of this type.
        """
        names = self.graph.relation_names
        known = {slug(link_name(each)): place for place, each in enumerate(names)}
        known |= {each: place for place, each in enumerate(names)}
        if name not in known and slug(name) not in known:
            raise UnknownName("link type", name, {link_name(each) for each in names})
        return known.get(name, known.get(slug(name), 0))

    def missing(self, iris: Sequence[str]) -> list[str]:
        """Give those IRIs that no entity has."""
        given = pa.array(iris, pa.string())
        lost: list[str] = pc.unique(given.filter(pc.invert(pc.is_in(given, self.graph.entities)))).to_pylist()
        return lost

    def numbers(self, iris: Sequence[str]) -> Integers:
        """Give the numbers of entities.

        Raises:
            EntityMissing: one is not in the graph.
        """
        places = pc.fill_null(pc.index_in(pa.array(iris, pa.string()), self.graph.entities), -1)
        numbers: Integers = places.to_numpy(zero_copy_only=False).astype(np.int64)
        if (numbers < 0).any():
            raise EntityMissing(iris[int(np.argmin(numbers))])
        return numbers

    def filled(self, relation: int) -> Integers:
        """Give the entities that have their one link of this type already; none where they may have several."""
        graph = self.graph
        nobody = np.zeros(0, np.int64)
        return np.unique(graph.heads[graph.relations == relation]) if is_functional(graph, relation) else nobody

    def among(self, links: Integers, others: Integers) -> NDArray[np.bool_]:
        """Tell which links are among others."""
        found: NDArray[np.bool_] = np.isin(row_keys(links, self.graph), row_keys(others, self.graph))
        return found


def latest_reading(project: Project) -> Reading:
    """Load the model in force, once for each version and each graph, however many ask at once.

    Raises:
        ModelMissing: there is no model yet.
        ConfigInvalid: the settings changed how texts are read, and nothing was linked since.
    """
    predicted = project.catalog.checkpoints(STAGE).get(UNIT, ("", ""))[1]
    registry = Registry(project)
    digest = registry.digest
    version = registry.version(digest)
    if version is None or not version.parts or not project.staging.has(predicted):
        raise ModelMissing
    with _loading:
        return _read(project, digest, predicted)


_loading = threading.Lock()


@lru_cache(maxsize=2)
def _read(project: Project, model_digest: str, predicted: str) -> Reading:
    version = Registry(project).version(model_digest)
    if version is None:
        raise ModelMissing
    found = Predictions.load(project.staging, predicted)
    links, entities = (project.staging.table([digest]) for digest in (found.links, found.entities))
    graph = Task.of(project, links, entities, (), Training()).described
    model = load_model(project.staging, version.parts)
    predictor = model.on(graph)
    return Reading(version.name, graph, predictor, model.scales_of(graph), Grounds.of(graph, predictor.parts.rules))
