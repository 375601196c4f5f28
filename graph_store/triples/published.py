"""What of the store readers see: a hard-linked view per published snapshot, named in one small file.

The writer never works where readers look, so that nobody sees half a change. Reading the file takes no database.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FORMAT = 1
"""Raise it whenever the same snapshot is written differently: older stores are then rebuilt."""

_VIEWS_KEPT = 2


@dataclass(frozen=True, slots=True)
class State:
    """How far the store is."""

    cursor: str | None = None
    """Digest of the snapshot that the view shows."""
    view: int = 0
    """Number of the view's folder."""
    pending: str | None = None
    """Digest of the snapshot that a writer has begun to apply."""
    format: int = FORMAT


def read_state(folder: Path) -> State:
    """Read how far the store in `folder` is; a damaged or older file counts as empty."""
    try:
        state = State(**json.loads((folder / "state.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return State()
    return state if state.format == FORMAT else State(view=state.view)


def write_state(folder: Path, state: State) -> None:
    """Replace the file in one step, durable when this returns."""
    new = folder / "state.new"
    with new.open("w") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / "state.json")


def begin(folder: Path, target: str) -> None:
    """Remember what is about to be applied."""
    write_state(folder, replace(read_state(folder), pending=target))


def finish(folder: Path, target: str, view: int) -> None:
    """Show a new view, and remove those that no reader needs."""
    write_state(folder, State(cursor=target, view=view))
    for path in view_folder(folder, view).parent.iterdir():
        if int(path.name) <= view - _VIEWS_KEPT:
            shutil.rmtree(path, ignore_errors=True)


def forget(folder: Path) -> None:
    """Empty the store. Views go on being counted: a reader that holds one must see that the next is another."""
    state = read_state(folder)
    write_state(folder, State(view=state.view))
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def view_folder(folder: Path, view: int) -> Path:
    """Name the folder of a view."""
    return folder / "views" / str(view)
