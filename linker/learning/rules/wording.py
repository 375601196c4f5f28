"""Rules in words: what speaks for a link, with the entities' labels."""

from collections.abc import Sequence

from linker.learning.graph import KnowledgeGraph
from linker.learning.naming import link_name
from linker.learning.rules.explaining import Support


def worded(support: Support, graph: KnowledgeGraph) -> str:
    """Say a rule as the walk or the fact that it rests on, with how often it is right."""
    share = f"{support.confidence:.0%} of the time"
    if support.by == "path":
        return f"{walk_in_words(support.entities, support.kinds, graph)}; this way leads to a link {share}"
    fact = walk_in_words(support.entities, support.kinds, graph)
    if support.by == "subject":
        return f"{fact}; what this is true of has the link {share}"
    return f"{fact}; what this is true of is linked to the same thing {share}"


def walk_in_words(entities: Sequence[int], kinds: Sequence[int], graph: KnowledgeGraph) -> str:
    """Write a walk with arrows in the direction of the links."""
    names = graph.relation_names
    text = graph.label(entities[0])
    for kind, entity in zip(kinds, entities[1:], strict=True):
        arrow = f"-{link_name(names[kind])}->" if kind < len(names) else f"<-{link_name(names[kind - len(names)])}-"
        text += f" {arrow} {graph.label(entity)}"
    return text
