"""The files of all sources: what is read already, what must be read, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bifrost.digests import digest_of
from bifrost.errors import StorageFull
from bifrost.model import ItemKind, Reject, StagedItem
from bifrost.ports import Progress
from bifrost.project import Project
from extractors.claims.finder import VERSION as CLAIMS_VERSION
from extractors.file_jobs import FileJobs
from extractors.file_types import describe
from extractors.isolation import WorkerPool
from extractors.job_outcome import Ending, Limits, Outcome
from extractors.names.pack_engine import engine_identity
from extractors.packs.pack import identity, load_packs
from extractors.page_tasks import PageTasks
from extractors.pages.journal import PageJournals
from extractors.reading import VERSION, Manifest, reading_settings
from extractors.selection import annotator_versions, extractors, select
from extractors.worker import COMMAND

STAGE = "extract"
CACHE = "extract"


@dataclass(frozen=True, slots=True)
class FileUnit:
    """One file with everything that its result depends on."""

    staged: StagedItem
    extractor: str
    given: str
    """Digest of the inputs."""
    given_limited: str
    """The same with the limits: a file that was stopped by a limit is tried again when the limits change."""

    @property
    def name(self) -> str:
        """Name the unit of the checkpoint."""
        return unit_name(self.staged)

    def reject(self, place: str, reason: str) -> Reject:
        """Say what could not be read."""
        return Reject(self.staged.item.source, self.staged.item.key, place, STAGE, reason)


def unit_name(staged: StagedItem) -> str:
    """Name the unit of an item."""
    return f"{staged.item.source}/{staged.item.key}"


class FileReading:
    """Brings the manifests of all files up to date."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._settings = project.settings.extraction
        self._cache = project.cache_folder(CACHE)
        self._known = extractors(self._settings, self._cache)
        self._context = {
            "version": VERSION,
            "settings": reading_settings(self._settings),
            "annotators": annotator_versions(self._settings),
            "packs": identity(self._settings.packs),
            "names": engine_identity(load_packs(self._settings.packs), self._settings.name_engine),
            "claims": CLAIMS_VERSION,
        }

    def run(self, items: Iterable[StagedItem], progress: Progress) -> dict[str, str]:
        """Give unit -> digest of its manifest for every file that has one, reading what is new or changed."""
        finished = self._project.catalog.checkpoints(STAGE)
        manifests: dict[str, str] = {}
        todo: list[FileUnit] = []
        for staged in items:
            if staged.item.kind is not ItemKind.FILE:
                continue
            unit, head = self._unit(staged)
            given, output = finished.get(unit.name, ("", ""))
            if given in (unit.given, unit.given_limited) and self._project.staging.has(output):
                manifests[unit.name] = output
            elif unit.extractor:
                todo.append(unit)
            else:
                manifests[unit.name] = self._refuse(unit, head)
        if todo:
            manifests |= self._read(todo, progress)
        return manifests

    def _unit(self, staged: StagedItem) -> tuple[FileUnit, bytes]:
        name, head = select(staged.item, self._project.staging.path(staged.content), self._known)
        version = self._known[name].version if name else sorted(self._known)
        inputs = [staged.content, staged.item.key, name, version, self._context]
        limits = [self._settings.item_timeout_seconds, self._settings.item_memory_mb]
        return FileUnit(staged, name, digest_of(inputs), digest_of([*inputs, limits])), head

    def _refuse(self, unit: FileUnit, head: bytes) -> str:
        """Finish a file that no extractor takes."""
        kind = describe(unit.staged.item.key, head)
        reason = f"no extractor reads this type of file ({kind})" if head else "the file is empty"
        return self._finish(unit, unit.given, Manifest(rejects=(("", reason),)).store(self._project.staging))

    def _read(self, todo: list[FileUnit], progress: Progress) -> dict[str, str]:
        units = {unit.name: unit for unit in todo}
        unfinished: set[str] = set()
        pool = WorkerPool(
            COMMAND,
            {
                "staging": str(self._project.staging.folder),
                "cache": str(self._cache),
                "settings": self._settings.model_dump(),
            },
            workers=min(self._settings.workers, len(todo)),
            limits=Limits(self._settings.item_timeout_seconds, self._settings.item_memory_mb),
        )
        manifests: dict[str, str] = {}
        with progress.task("extract", len(todo)) as task:
            pages = PageTasks(progress)
            for job, outcome in FileJobs(pool, pages.hear).run([_job(unit) for unit in todo]):
                pages.end(job)
                unit = units[f"{job['source']}/{job['key']}"]
                manifest = self._settle(unit, outcome, limited="given_up" in job)
                if manifest:
                    manifests[unit.name] = manifest
                else:
                    unfinished.add(unit.staged.content)
                task.advance()
        PageJournals(self._cache).keep_only(unfinished)
        return manifests

    def _settle(self, unit: FileUnit, outcome: Outcome, *, limited: bool) -> str:
        """Remember how a file ended; one whose worker died is not finished, so that the next run tries it again."""
        given = unit.given_limited if limited else unit.given
        staging = self._project.staging
        if outcome.ending is Ending.DIED:
            self._project.catalog.drop_checkpoints(STAGE, [unit.name])
            self._project.catalog.reject(STAGE, unit.name, [unit.reject("", outcome.reason)])
            return ""
        if outcome.ending is Ending.LIMIT:
            return self._finish(unit, unit.given_limited, Manifest(rejects=(("", outcome.reason),)).store(staging))
        if "full" in outcome.answer:
            raise StorageFull(outcome.answer["full"])
        manifest = outcome.answer.get("manifest")
        if not manifest:
            manifest = Manifest(rejects=(("", self._plain(unit, outcome.answer["unreadable"])),)).store(staging)
        return self._finish(unit, given, manifest)

    def _finish(self, unit: FileUnit, given: str, manifest: str) -> str:
        rejects = [
            unit.reject(place, self._plain(unit, reason))
            for place, reason in Manifest.load(self._project.staging, manifest).rejects
        ]
        self._project.catalog.finish_unit(STAGE, unit.name, given, manifest, rejects)
        return manifest

    def _plain(self, unit: FileUnit, reason: str) -> str:
        """Name the file as people know it, not as staging does."""
        return reason.replace(str(self._project.staging.path(unit.staged.content)), unit.staged.item.key)


def _job(unit: FileUnit) -> Mapping[str, Any]:
    item = unit.staged.item
    return {
        "source": item.source,
        "key": item.key,
        "size_bytes": item.size_bytes,
        "content": unit.staged.content,
        "extractor": unit.extractor,
    }
