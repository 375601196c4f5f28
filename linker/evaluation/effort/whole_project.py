"""The example from its sources to its links: questions of a run, answered from the planted truth, and a second plant.

What counts are the links of the graph after linking again, not a list of candidates.
"""

import csv
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from bifrost import plugins, review
from bifrost.evaluation.oracle import answer
from bifrost.evaluation.scoring import Score, score
from bifrost.evaluation.truth import Truth, load_truth
from bifrost.model import Decision, ProposalKind, Verdict
from bifrost.ports import Progress, Scope
from bifrost.project import Project, create_project
from bifrost.runner import run_stages

NAME = "manufacturing"
AT_ONCE = 2
MOST = 60
ASKED = (ProposalKind.LINK_TYPE, ProposalKind.SAME_ENTITY, ProposalKind.CLAIM)


@dataclass(frozen=True)
class Plant:
    """One generated world: how large, by which seed, and the prefix of its sources' names."""

    scale: int
    seed: int
    prefix: str = ""


@dataclass
class Course:
    """A review of one project under way."""

    project: Project
    truth: Truth
    errs: float
    chance: random.Random
    by_chance: bool
    progress: Progress

    def points(self) -> list[dict[str, float]]:
        """Ask, answer and link until the goal is reached or nothing is open."""
        found = [self._point(0)]
        asked = 0
        while not _reached(found[-1]) and asked < MOST:
            questions = self._questions()
            if not questions:
                break
            asked += self._answer(questions)
            run_stages(self.project, Scope(), self.progress, ("link",))
            found.append(self._point(asked))
        return found

    def _questions(self) -> list[review.RoutedProposal]:
        open_ones = [each for each in review.open_proposals(self.project) if each.proposal.kind in ASKED]
        if self.by_chance:
            self.chance.shuffle(open_ones)
            return open_ones[:AT_ONCE]
        following = review.next_questions(self.project, AT_ONCE)
        return [each for each in following if each.proposal.kind in ASKED]

    def _answer(self, questions: Sequence[review.RoutedProposal]) -> int:
        answers = []
        for each in questions:
            given = answer(self.project, self.truth, each.proposal)
            verdict = _other(given.verdict) if self.chance.random() < self.errs else given.verdict
            answers.append((each.proposal.id, verdict, given.name, ""))
        return review.decide_many(self.project, answers, by="oracle")

    def _point(self, decisions: int) -> dict[str, float]:
        total = sum(score(self.project, self.truth).values(), Score(0, 0, 0))
        return {
            "decisions": decisions,
            "links": total.found,
            "true_links": total.true,
            "precision": round(total.precision, 4),
            "recall": round(total.recall, 4),
        }


def measured_plant(
    plant: Plant, *, errs: float, earlier: Sequence[Decision], progress: Progress
) -> tuple[dict[str, Any], list[Decision]]:
    """Build a plant's graph twice, with questions by worth and by chance; also give the answers of the first.

    `earlier` are answers about another plant; they stand in this one's log from the start. By hand, every link that
    a proposal stands for is decided: those of the types that are asked about, and every single question.
    """
    with tempfile.TemporaryDirectory() as home:
        project, truth = _built(Path(home), plant, progress)
        candidates = sum(max(each.proposal.estimated_links, 1) for each in review.open_proposals(project))
        project.catalog.append([replace(each, seq=0) for each in earlier])
        if earlier:
            run_stages(project, Scope(), progress, ("link",))
        before = project.catalog.last_decision()
        ours = Course(project, truth, errs, random.Random(plant.seed), False, progress).points()  # noqa: S311
        said = project.catalog.decisions(after=before)
    with tempfile.TemporaryDirectory() as home:
        project, truth = _built(Path(home), plant, progress)
        by_chance = Course(project, truth, errs, random.Random(plant.seed), True, progress).points()  # noqa: S311
    last, decisions = ours[-1], int(ours[-1]["decisions"])
    return {
        "scale": plant.scale,
        "decisions": decisions,
        "manual_decisions": candidates,
        "ratio_to_manual": round(candidates / max(decisions, 1), 1),
        "random_decisions": int(by_chance[-1]["decisions"]),
        "true_links": last["true_links"],
        "ratio_to_true_links": round(last["true_links"] / max(decisions, 1), 1),
        "precision": last["precision"],
        "recall": last["recall"],
        "errs": errs,
        "curve": ours,
        "random_curve": by_chance,
    }, said


def _built(home: Path, plant: Plant, progress: Progress) -> tuple[Project, Truth]:
    world = plugins.load(plugins.EXAMPLES, NAME)
    data = home / "data"
    world.generate(data, scale=plant.scale, seed=plant.seed)
    sources = {f"{plant.prefix}{name}": settings for name, settings in world.sources(Path("data")).items()}
    settings = {"base": "https://manufacturing.example.org/", "sources": sources}
    project = create_project(home, yaml.safe_dump(settings, sort_keys=False))
    run_stages(project, Scope(), progress, ("crawl", "extract", "link"))
    return project, load_truth(_with_prefix(data / "truth", plant.prefix), project)


def _with_prefix(folder: Path, prefix: str) -> Path:
    """Write the sources' names into the truth."""
    for path in (folder / "link_types.csv", folder / "links.csv"):
        with path.open(newline="") as file:
            header, *rows = list(csv.reader(file))
        places = [header.index(name) for name in ("from_source", "to_source")]
        for row in rows:
            for place in places:
                row[place] = f"{prefix}{row[place]}"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return folder


def _other(verdict: Verdict) -> Verdict:
    return {Verdict.ACCEPT: Verdict.REJECT, Verdict.REJECT: Verdict.ACCEPT}.get(verdict, verdict)


def _reached(point: dict[str, float]) -> bool:
    return point["recall"] >= 0.95 and point["precision"] >= 0.95
