"""A few examples teach the rule that was planted; what no rule links is refused."""

import pytest

from bifrost import review
from bifrost.errors import ConfigInvalid, EntityMissing, NothingTaught
from bifrost.lessons import Lesson
from bifrost.model import RuleKind, Verdict
from bifrost.project import Project
from linker.teaching.teach import teach

ORDERS = (3, 58, 121)


def order(number):
    return f"plant/orders/PO-{number:05}"


def taught(project: Project, pairs, denied=()):
    return teach(project, Lesson("taught", tuple(pairs), tuple(denied)))


def reasons(proposal):
    return {reason.feature: reason.value for reason in proposal.because}


def test_a_path_is_found_by_three_examples_and_its_links_follow_the_others(project, planted):
    pairs = [(order(n), f"supply/suppliers/{planted.supplier_of_order(n)}") for n in ORDERS]
    best, *_ = taught(project, pairs)
    assert best.rule.kind is RuleKind.PATH
    assert reasons(best)["path"] == "batch / supplier"
    assert (best.estimated_links, reasons(best)["links the examples"]) == (200, "3 of 3")
    assert best.probability > 0.9
    assert len(best.examples) == 5
    review.decide(project, best.id, Verdict.ACCEPT, by="ann")
    planted.link(project)
    expected = {(f"orders/PO-{n:05}", f"suppliers/{planted.supplier_of_order(n)}") for n in range(1, 201)}
    assert planted.links(project, "taught") == expected


def test_a_part_of_a_code_is_found_by_three_examples(project, planted):
    pairs = [(order(n), f"plant/families/{planted.family_of_order(n)}") for n in ORDERS]
    best, *_ = taught(project, pairs)
    assert (best.rule.kind, best.start.fields, best.end.fields) == (RuleKind.REFERENCE, ("article",), ("family",))
    assert best.estimated_links == 200
    review.decide(project, best.id, Verdict.ACCEPT, by="ann", name="of family")
    planted.link(project)
    links = planted.links(project, "of family")
    assert links == {(f"orders/PO-{n:05}", f"families/{planted.family_of_order(n)}") for n in range(1, 201)}


def test_equal_values_are_found_where_many_share_them(project, planted):
    pairs = [("supply/suppliers/1", "supply/suppliers/4"), ("supply/suppliers/2", "supply/suppliers/8")]
    best, *_ = taught(project, pairs)
    assert (best.rule.kind, best.start.fields) == (RuleKind.SAME_VALUE, ("region",))
    review.decide(project, best.id, Verdict.ACCEPT, by="ann")
    planted.link(project)
    same = [(a, b) for a in range(1, 9) for b in range(1, 9) if a != b and a % 3 == b % 3]
    assert best.estimated_links == len(same)
    assert planted.links(project, "taught") == {(f"suppliers/{a}", f"suppliers/{b}") for a, b in same}


def test_a_reference_may_lead_from_the_key_to_its_holders(project, planted):
    pairs = [(f"supply/suppliers/{1 + n * 5 % 8}", f"supply/batches/B-{n:04}") for n in (4, 9, 31)]
    best, *_ = taught(project, pairs)
    assert best.rule.turned
    review.decide(project, best.id, Verdict.ACCEPT, by="ann", name="delivers")
    planted.link(project)
    assert planted.links(project, "delivers") == {
        (f"suppliers/{1 + n * 5 % 8}", f"batches/B-{n:04}") for n in range(1, 61)
    }


def test_a_denied_pair_speaks_against_the_rules_that_link_it(project, planted):
    pairs = [(order(n), f"supply/suppliers/{planted.supplier_of_order(n)}") for n in ORDERS]
    right = planted.supplier_of_order(7)
    weights = {}
    for supplier in (right, 1 + right % 8):
        best, *_ = taught(project, pairs, [(order(7), f"supply/suppliers/{supplier}")])
        (found,) = [reason for reason in best.because if reason.feature == "links denied pairs"]
        weights[found.value] = found.weight
    assert weights["1 of 1"] < -3
    assert weights["0 of 1"] > -0.1


def test_iris_and_keys_name_the_same_things(project, planted):
    by_key = [(order(n), f"supply/suppliers/{planted.supplier_of_order(n)}") for n in ORDERS]
    entity = project.namer.base + "entity/"
    by_iri = [(entity + start, entity + end) for start, end in by_key]
    assert [each.id for each in taught(project, by_iri)] == [each.id for each in taught(project, by_key)]


def test_pairs_that_no_rule_links_are_refused_with_what_was_tried(project):
    pairs = [(order(n), f"plant/families/{name}") for n, name in ((3, "bond"), (58, "seal"), (121, "foam"))]
    with pytest.raises(NothingTaught, match="no rule links the examples of 'taught' better than chance"):
        taught(project, pairs)


@pytest.mark.parametrize(
    ("pairs", "error", "sentence"),
    [
        ([], ConfigInvalid, "at least one pair"),
        ([(order(1), order(1))], ConfigInvalid, "paired with itself"),
        ([(order(1), "supply/suppliers/99")], EntityMissing, "supply/suppliers/99"),
        ([(order(1), "nowhere/else/1")], EntityMissing, "nowhere/else/1"),
    ],
)
def test_unusable_examples_are_refused(project, pairs, error, sentence):
    with pytest.raises(error, match=sentence):
        taught(project, pairs)
