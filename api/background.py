"""Runs of stages that a request starts and does not wait for."""

import threading

from api.failures import described, recorded
from bifrost.errors import BifrostError, ProjectBusy, UnknownName
from bifrost.ports import Scope
from bifrost.progress import Silent
from bifrost.project import Project
from bifrost.runner import STAGES, run_stages


class BackgroundRun:
    """At most one run at a time; the project's own lock keeps other processes out."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.failure: str | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @property
    def running(self) -> bool:
        """Tell whether a run that this server started is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, scope: Scope, stages: tuple[str, ...]) -> tuple[str, ...]:
        """Start stages and give them in the order they run.

        Raises:
            UnknownName: a stage or source does not exist.
            ProjectBusy: a run is under way, here or in another process.
        """
        for stage in stages:
            if stage not in STAGES:
                raise UnknownName("stage", stage, STAGES)
        for source in scope.sources:
            self.project.catalog.source(source)
        with self._starting:
            if self.running:
                raise ProjectBusy(self.project.home)
            with self.project.exclusive():
                self.failure = None
            self._thread = threading.Thread(target=self._run, args=(scope, stages), name="run", daemon=True)
            self._thread.start()
        return tuple(stage for stage in STAGES if stage in stages)

    def _run(self, scope: Scope, stages: tuple[str, ...]) -> None:
        try:
            run_stages(self.project, scope, Silent(), stages)
        except BifrostError as error:
            self.failure = str(described(self.project, error)["message"])
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the failure is kept for who asks
            self.failure = str(recorded(error)["message"])
