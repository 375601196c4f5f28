"""Training of one's own models from a recipe, into a folder that a pack can name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bifrost.errors import UnknownName
from extractors.names.pack_engine import ENGINES

if TYPE_CHECKING:
    from extractors.names.training.recipe import Recipe

_CHECKPOINT = "training.pt"


def train_names(
    recipe: Path, *, data: Path, out: Path, engine: str, threads: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Train the heads of a recipe, and say what was trained; a training that was stopped goes on where it last saved.

    Raises:
        ConfigInvalid: the recipe is wrong.
        CorpusUnreadable: a corpus is none.
        UnknownName: there is no such engine.
    """
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    from extractors.names.training.recipe import load_recipe

    taught = load_recipe(recipe)
    out.mkdir(parents=True, exist_ok=True)
    if engine == "fast":
        from extractors.names.training.train_fast import train_fast

        train_fast(taught, data, out, say)
    else:
        _train_accurate(taught, data, out, threads, say)
    return {"folder": str(out), "engine": engine, "heads": taught.labels()}


def _train_accurate(taught: "Recipe", data: Path, out: Path, threads: int, say: Callable[[str], None]) -> None:
    import torch

    from extractors.names.heads import heads_of
    from extractors.names.model_file import ModelFile
    from extractors.names.training.train import train

    torch.set_num_threads(threads)
    checkpoint = out / _CHECKPOINT
    network = train(taught, data, checkpoint, say)
    weights = {name: value.numpy() for name, value in network.trained().items()}
    ModelFile(weights, heads_of(dict(taught.labels()))).save(out)
    checkpoint.unlink(missing_ok=True)
