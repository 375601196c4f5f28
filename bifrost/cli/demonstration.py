"""The demo: a generated world with planted truth, its graph, the reviewer's effort, and the story's question."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bifrost import plugins, review
from bifrost.cli.session import Session, print_counts, print_line, print_table
from bifrost.evaluation.oracle import answer
from bifrost.evaluation.scoring import Score, score
from bifrost.evaluation.truth import Truth, load_truth
from bifrost.logs import configure_logs
from bifrost.model import Proposal, ProposalKind, RuleKind
from bifrost.ports import Progress, Scope
from bifrost.project import Project, create_project
from bifrost.runner import run_stages

BUDGET = 20
ROUNDS = 3
REVIEWER = "oracle"
ASKED = (ProposalKind.LINK_TYPE, ProposalKind.SAME_ENTITY, ProposalKind.CLAIM)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a demo needs: the generated world, the project on it, and where to speak."""

    world: Any
    project: Project
    progress: Progress
    quiet: bool

    def say(self, text: str = "") -> None:
        """Tell a person, unless the output is for a program."""
        if not self.quiet:
            print_line(text)


def run(home: Path, *, scale: int, seed: int, session: Session, quiet: bool) -> dict[str, Any]:
    """Generate, run all stages, review with the oracle, score, and ask the story's question."""
    world = plugins.load(plugins.EXAMPLES, "manufacturing")
    data = home / "data"
    if not (data / "truth").is_dir():
        world.generate(data, scale=scale, seed=seed)
    settings = {"base": "https://manufacturing.example.org/", "sources": world.sources(Path("data"))}
    project = create_project(home, yaml.safe_dump(settings, sort_keys=False))
    configure_logs(project.settings.logging, project.secrets)
    demo = Demonstration(world, project, session.progress(quiet), quiet)
    demo.say(f"A manufacturer's data lies in {data}: three databases, tables, scans, slides, notes, photographs.")
    started = time.monotonic()
    _run(demo)
    decisions = _review(demo)
    seconds = time.monotonic() - started
    scores = score(project, load_truth(data / "truth", project))
    outcome = _outcome(project, scores, seconds, decisions)
    _show(demo, outcome, scores)
    outcome["answer"] = _ask(demo)
    demo.say(f"\nLook at it in the browser: bifrost --dir {home} serve --open")
    return outcome


def _run(demo: Demonstration, *stages: str) -> None:
    chosen = stages or ("crawl", "extract", "link", "publish")
    for report in run_stages(demo.project, Scope(), demo.progress, chosen):
        if not demo.quiet:
            print_counts(report.stage, report.counts)
        for failure in report.failures:
            demo.say(f"  FAILED {failure}")


def _review(demo: Demonstration) -> int:
    """Answer open questions from the planted truth, the most useful first, and link again after each round."""
    truth = load_truth(demo.project.home / "data" / "truth", demo.project)
    for _ in range(ROUNDS):
        asked = _asked_so_far(demo.project)
        questions = [each for each in review.open_proposals(demo.project) if _is_asked(each.proposal)]
        if not questions or asked >= BUDGET:
            break
        _answer(demo, truth, questions[: BUDGET - asked])
        _run(demo, "link", "publish")
    return _asked_so_far(demo.project)


def _is_asked(proposal: Proposal) -> bool:
    """The planted truth knows no links that follow from others."""
    return proposal.kind in ASKED and proposal.rule.kind is not RuleKind.PATH


def _answer(demo: Demonstration, truth: Truth, questions: list[review.RoutedProposal]) -> None:
    demo.say(f"\n{len(questions)} questions go to an oracle that reads the planted truth in place of a person:")
    answers = []
    for question in questions:
        proposal = question.proposal
        given = answer(demo.project, truth, proposal)
        demo.say(f"  {given.verdict.value:6} {given.name or proposal.name}: {proposal.start} -> {proposal.end}")
        answers.append((proposal.id, given.verdict, given.name, "planted truth"))
    review.decide_many(demo.project, answers, by=REVIEWER)


def _asked_so_far(project: Project) -> int:
    return sum(decision.by == REVIEWER for decision in project.catalog.decisions())


def _outcome(project: Project, scores: Mapping[str, Score], seconds: float, decisions: int) -> dict[str, Any]:
    total = sum(scores.values(), Score(0, 0, 0))
    counts = review.summary(project)
    return {
        "seconds": round(seconds, 1),
        "decisions": decisions,
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "items": counts["items"],
        "entities": _entities(project),
        "links": counts["links"],
        "link_types": counts["link_types"],
        "facts": counts["facts"],
        "rejects": [
            {"source": each.source, "item": each.item, "place": each.place, "reason": each.reason}
            for each in project.catalog.rejects()
        ],
        "per_link_type": {
            name: {"precision": round(each.precision, 4), "recall": round(each.recall, 4), "true": each.true}
            for name, each in scores.items()
        },
    }


def _entities(project: Project) -> int:
    result = plugins.load(plugins.SERVICES, "sparql")(
        project, "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?t FILTER(!STRSTARTS(STR(?t), STR(owl:))) }"
    )
    return int(result.rows[0]["n"])


def _show(demo: Demonstration, outcome: Mapping[str, Any], scores: Mapping[str, Score]) -> None:
    if demo.quiet:
        return
    print_line()
    names = ("items", "entities", "link_types", "links", "facts")
    print_counts("found", {name: outcome[name] for name in names})
    print_counts("effort", {"decisions": outcome["decisions"]})
    print_table(
        ["type of link", "precision", "recall", "true links"],
        ([name, f"{each.precision:.3f}", f"{each.recall:.3f}", each.true] for name, each in scores.items()),
    )
    print_line(f"all links: precision {outcome['precision']:.3f}, recall {outcome['recall']:.3f}")
    print_line(f"{outcome['seconds']:.0f} s for all stages and the review; {len(outcome['rejects'])} rejects")
    for reject in outcome["rejects"]:
        print_line(f"  {reject['source']}/{reject['item']} {reject['place']}: {reject['reason']}")


def _ask(demo: Demonstration) -> dict[str, Any]:
    """Ask the story's question in SPARQL and GraphQL, and follow one fact down to its page."""
    question = demo.world.story.question(demo.project)
    result = plugins.load(plugins.SERVICES, "sparql")(demo.project, question.sparql)
    demo.say(f"\n{question.text}\n\n{question.sparql.strip()}\n")
    if not demo.quiet:
        print_table(result.columns, (list(row.values()) for row in result.rows))
    entity = str(result.rows[0][question.follow]) if result.rows else ""
    answered = plugins.load(plugins.SERVICES, "graphql")(demo.project, question.graphql, {"iri": entity})
    seen = question.provenance(answered.get("data"))
    demo.say(f"\nThe same thing in GraphQL, down to the page that it was read from:\n{question.graphql.strip()}\n")
    demo.say(f"  {seen}")
    return {"question": question.text, "rows": result.rows, "provenance": seen}
