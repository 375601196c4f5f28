"""A fitted model in staging and back: tensors, arrays and names, nothing that runs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from bifrost.staging import Staging
from linker.learning.encoder.model import Shape
from linker.learning.encoder.trained import filled_model, weights_as_bytes, weights_of
from linker.learning.fusion.joining_line import JoiningLine
from linker.learning.fusion.ranker import Ranker
from linker.learning.fusion.trees import Trees
from linker.learning.models.arrays import arrays_as_bytes, bytes_as_arrays
from linker.learning.models.fitted import FittedModel, Vocabulary
from linker.learning.proposing.calibration import Scale

RANKERS: Mapping[str, type[Trees] | type[JoiningLine]] = {"trees": Trees, "line": JoiningLine}


def store_model(staging: Staging, model: FittedModel) -> dict[str, Any]:
    """Write a model's parts, and give what finds them again."""
    fitted = model.ranker.fitted
    entities = staging.put_table(pa.table({"iri": model.known.entities}))
    return {
        "weights": staging.put_bytes([weights_as_bytes(model.encoder)], suffix=".pt").digest,
        "shape": asdict(model.encoder.shape),
        "entities": entities.digest,
        "relations": list(model.known.relations),
        "types": list(model.known.types),
        "ranker": {
            "kind": next(name for name, kind in RANKERS.items() if isinstance(fitted, kind)),
            "arrays": staging.put_bytes([arrays_as_bytes(fitted._asdict())], suffix=".npz").digest,
        },
        "scales": {name: asdict(scale) for name, scale in model.scales.items()},
        "metrics": dict(model.metrics),
    }


def load_model(staging: Staging, parts: Mapping[str, Any]) -> FittedModel:
    """Read what `store_model` wrote.

    Raises:
        StagingDamaged: something of it is lost or damaged.
    """
    shape = Shape(**parts["shape"])
    encoder = filled_model(shape, weights_of(staging.content(parts["weights"])))
    entities = staging.table([parts["entities"]])["iri"].combine_chunks()
    arrays = bytes_as_arrays(staging.content(parts["ranker"]["arrays"]))
    fitted = RANKERS[parts["ranker"]["kind"]](**arrays)
    scales = {name: Scale(**scale) for name, scale in parts["scales"].items()}
    known = Vocabulary(entities, tuple(parts["relations"]), tuple(parts["types"]))
    return FittedModel(encoder, known, Ranker(fitted), scales, parts["metrics"])
