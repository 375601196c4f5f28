"""The port for vision models: any local folder that transformers can load, asked about a picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bifrost.config import VisionTask
from bifrost.digests import digest_of
from extractors.pages.content import Box

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a model says of a picture; or why it says nothing."""

    text: str
    score: float = 1.0
    box: Box | None = None
    """In pixels, from the top left."""
    kind: str = "label"
    """The kind of block: label for a class, text for a caption."""
    failure: str = ""


class Looking(Protocol):
    """A loaded model."""

    def __call__(self, picture: Any) -> Sequence[Seen]:
        """Say what is in a picture (Pillow, red green blue)."""
        ...


class VisionModels:
    """The configured models, each loaded when the first picture comes; a missing one is said for each picture."""

    def __init__(self, tasks: Sequence[VisionTask]) -> None:
        self._tasks = tasks
        self._loaded: dict[int, Looking | str] = {}

    @property
    def version(self) -> int:
        """Sum up the settings and the files of the models; 0 without any."""
        if not self._tasks:
            return 0
        told = [[task.model_dump(), _files(Path(task.model))] for task in self._tasks]
        return int(digest_of(told)[:_VERSION_DIGITS], 16)

    def look(self, picture: Any) -> Iterator[Seen]:
        """Ask every model about a picture."""
        for number, task in enumerate(self._tasks):
            if number not in self._loaded:
                self._loaded[number] = _load(task)
            model = self._loaded[number]
            if isinstance(model, str):
                yield Seen("", failure=model)
            else:
                yield from (seen for seen in model(picture) if seen.score >= task.threshold)


def _load(task: VisionTask) -> "Looking | str":
    """Load a model, or say why it cannot be loaded."""
    where = f"the model for {task.task} in {task.model} (extraction.vision)"
    if not (Path(task.model) / "config.json").is_file():
        return f"{where} is not there: the folder must hold what save_pretrained writes of model and processor"
    from extractors.vision import tasks

    loaders: dict[str, Callable[[VisionTask], Looking]] = {
        "zero-shot-classification": tasks.zero_shot_classification,
        "detection": tasks.detection,
        "captioning": tasks.captioning,
    }
    try:
        return loaders[task.task](task)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError) as error:
        lines = str(error).strip().splitlines()
        return f"{where} cannot be loaded: {lines[0] if lines else type(error).__name__}"


def _files(folder: Path) -> list[list[object]]:
    if not folder.is_dir():
        return []
    return [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in sorted(folder.iterdir())]
