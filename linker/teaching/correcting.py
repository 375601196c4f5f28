"""A person's own proposal in the place of a suggested one: other ends, another direction, another rule."""

from collections.abc import Mapping
from dataclasses import replace

from bifrost.errors import ConfigInvalid, EntityMissing, UnknownName
from bifrost.extraction import Extraction
from bifrost.lessons import Correction
from bifrost.model import End, Proposal, ProposalKind, Reason, Rule, RuleKind, Table
from bifrost.project import Project
from linker.paths.steps import Step, as_text, from_text
from linker.references import transforms
from linker.references.links import reference_links

MODEL = "person"
_BY_FIELDS = (RuleKind.REFERENCE, RuleKind.SAME_VALUE)
_EXAMPLES = 5


def corrected(project: Project, suggested: Proposal, correction: Correction) -> Proposal:
    """Give the proposal that the correction makes of a suggested one, with the links that its rule yields.

    Raises:
        UnknownName: an end names no table or field, or there is no such transformation.
        EntityMissing: an end names no entity of the graph.
        ConfigInvalid: the kind of the proposal has no such part.
    """
    tables = _tables(project)
    start = _end(project, tables, correction.start) if correction.start else suggested.start
    end = _end(project, tables, correction.end) if correction.end else suggested.end
    own = replace(suggested, start=start, end=end, rule=_rule(suggested, correction), probability=1.0, model=MODEL)
    _check(suggested, own, correction)
    if correction.reverse:
        own = _reversed(own)
    own = replace(own, because=(Reason("corrects", suggested.id),), examples=_turned_examples(own, correction))
    return _with_links(project, tables, own) if own.rule.kind in (*_BY_FIELDS, RuleKind.SIMILAR) else own


def _tables(project: Project) -> dict[str, Table]:
    head = project.catalog.head("extraction")
    return {table.id: table for table in Extraction.load(project.staging, head).tables} if head else {}


def _end(project: Project, tables: Mapping[str, Table], text: str) -> End:
    """Read `source/table.field`, `source/table`, the name of a source, or an IRI."""
    if "://" in text:
        if not text.startswith(project.namer.base):
            raise EntityMissing(text)
        return End(iri=text)
    heads = [each for each in tables if text == each or text.startswith(f"{each}.")]
    if not heads:
        sources = {table.source for table in tables.values()}
        if text in sources:
            return End(text)
        raise UnknownName("table", text, [*tables])
    table = tables[max(heads, key=len)]
    fields = tuple(part for part in text.removeprefix(table.id).removeprefix(".").split("+") if part)
    for field in fields:
        if field not in table.fields:
            raise UnknownName(f"field of {table.id}", field, table.fields)
    return End(table.source, table.name, fields)


def _rule(suggested: Proposal, correction: Correction) -> Rule:
    if correction.rule is not None:
        return correction.rule
    if not correction.transform:
        return suggested.rule
    if suggested.rule.kind not in _BY_FIELDS:
        raise ConfigInvalid("transform", [f"links by {suggested.rule.kind} go through no transformation"])
    transforms.sides(correction.transform)
    return replace(suggested.rule, transform=correction.transform)


def _check(suggested: Proposal, own: Proposal, correction: Correction) -> None:
    objections = []
    if bool(suggested.start.iri) != bool(own.start.iri) or bool(suggested.end.iri) != bool(own.end.iri):
        objections.append("an entity (IRI) takes the place of an entity, fields take the place of fields")
    if own.rule.kind in _BY_FIELDS and suggested.kind is ProposalKind.LINK_TYPE:
        counts = len(own.start.fields), len(own.end.fields)
        if counts[0] != counts[1] or not counts[0]:
            objections.append(f"both ends need as many fields: {own.start} and {own.end}")
    if own.rule.kind is RuleKind.PATH and (correction.start or correction.end):
        objections.append("the ends of a path follow from its links; give other examples with bifrost teach")
    if correction.reverse and suggested.kind in (ProposalKind.SAME_FIELD, ProposalKind.SAME_ENTITY, ProposalKind.NAME):
        objections.append(f"a proposal of the kind {suggested.kind} has no direction")
    if correction.reverse and not (own.end.source or own.end.iri):
        objections.append("a link to a value cannot lead back from it")
    if objections:
        raise ConfigInvalid("correction", objections)


def _reversed(own: Proposal) -> Proposal:
    start, end, rule = own.end, own.start, own.rule
    if own.kind is ProposalKind.CLAIM:
        return replace(own, start=start, end=end)
    if rule.kind is RuleKind.PATH:
        steps = [Step(step.link, not step.backward) for step in reversed(from_text(rule.transform))]
        return replace(own, start=start, end=end, rule=replace(rule, transform=as_text(steps)))
    return replace(own, start=start, end=end, rule=replace(rule, turned=not rule.turned))


def _turned_examples(own: Proposal, correction: Correction) -> tuple[tuple[str, str], ...]:
    if correction.start or correction.end or correction.transform or correction.rule:
        return ()
    return tuple((right, left) for left, right in own.examples) if correction.reverse else own.examples


def _with_links(project: Project, tables: Mapping[str, Table], own: Proposal) -> Proposal:
    """Count the links that the rule yields, and show some as the rows that they join."""
    ends = (own.end, own.start) if own.rule.turned else (own.start, own.end)
    linked = reference_links(project, tables, *ends, own.rule).read_all()
    rows = linked.slice(0, _EXAMPLES).to_pylist()
    pairs = [(row["from_row"], row["to_row"]) for row in rows]
    shown = tuple((right, left) if own.rule.turned else (left, right) for left, right in pairs)
    return replace(own, estimated_links=linked.num_rows, examples=own.examples or shown)
