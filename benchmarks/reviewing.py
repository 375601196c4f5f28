"""How soon the next question follows an answer when the log is long: 1,000 to 10,000 decisions, and the growth."""

import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bifrost import review
from bifrost.asking.trust import Trust
from bifrost.model import Decision, End, Proposal, ProposalKind, Route, Rule, RuleKind, Verdict
from bifrost.project import Project, create_project
from bifrost.testing.graphs import snapshot_of

SIZES = (1_000, 3_000, 10_000)
OPEN = 2_000
TYPES = 20
MOST_SECONDS, MOST_SECONDS_OF_TRAINING = 1.0, 10.0


def measure(decisions: int) -> dict[str, float]:
    """Fill a log, answer one more question, and time the next one and what answers teach, by the clock and in CPU."""
    with tempfile.TemporaryDirectory() as home:
        project = _project(Path(home), decisions)
        asked = review.next_questions(project)[0]
        review.decide(project, asked.proposal.id, Verdict.ACCEPT, by="benchmark")
        following = _seconds(lambda: review.next_questions(project))
        log = review.effective(project.catalog.decisions())
        training = _seconds(lambda: _taught(project, log))
    return {
        "decisions": decisions,
        "next_question_seconds": following[0],
        "next_question_cpu_seconds": following[1],
        "training_seconds": training[0],
        "training_cpu_seconds": training[1],
    }


def main() -> None:
    """Measure each size, print the growth, and fail where a limit is not kept."""
    found = [measure(size) for size in SIZES]
    for each in found:
        print(json.dumps(each), flush=True)
    growth = {
        name: round(math.log(found[-1][name] / found[0][name]) / math.log(SIZES[-1] / SIZES[0]), 2)
        for name in list(found[0])[1:]
    }
    print(json.dumps({"exponents": growth}))
    last = found[-1]
    if last["next_question_seconds"] > MOST_SECONDS or last["training_seconds"] > MOST_SECONDS_OF_TRAINING:
        raise SystemExit(f"too slow: {last}")


def _taught(project: Project, log: dict[str, Decision]) -> None:
    trust = Trust.of(log.values(), project.settings.linking)
    beliefs = trust.beliefs[ProposalKind.SAME_ENTITY]
    for number in range(TYPES):
        beliefs.line(f"a/t{number} = b/t{number}")


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Give seconds by the clock, and of CPU: on a machine that others use, only the second says what the work costs."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return round(time.perf_counter() - started, 3), round(time.process_time() - busy, 3)


def _project(home: Path, decisions: int) -> Project:
    project = create_project(home, "base: https://kg.example.org/\n")
    chance = np.random.default_rng(1)
    pairs = list(_pairs(chance, decisions + OPEN))
    said = [
        Decision(each, Verdict.ACCEPT if chance.random() < each.probability else Verdict.REJECT, by="benchmark")
        for each in pairs[:decisions]
    ]
    project.catalog.append(said)
    project.catalog.move_head("snapshot", snapshot_of(project, {}, [(each, Route.ASK) for each in pairs]).digest)
    return project


def _pairs(chance: np.random.Generator, count: int) -> Iterator[Proposal]:
    for number, probability in enumerate(chance.beta(1.5, 1.0, count)):
        table = f"t{number % TYPES}"
        yield Proposal(
            ProposalKind.SAME_ENTITY,
            End("a", table, iri=f"https://kg.example.org/entity/a/{table}/{number}"),
            End("b", table, iri=f"https://kg.example.org/entity/b/{table}/{number}"),
            float(probability),
            "same_as",
            Rule(RuleKind.SAME_THING),
            examples=((f"left {number}", f"right {number}"),),
            estimated_links=1,
            model="benchmark",
        )


if __name__ == "__main__":
    main()
