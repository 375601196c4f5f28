"""Comments of reviewers on slides, as PowerPoint keeps them: of old, and in threads."""

from collections.abc import Iterator
from typing import Any

_COMMENTS, _AUTHORS = ("/comments",), ("/commentAuthors", "/authors")


def comments_of(slide: Any) -> Iterator[str]:
    """Give author and text of each comment and each answer."""
    authors = {
        each.get("id"): each.get("name") or ""
        for root in _roots(slide.part.package.presentation_part, _AUTHORS)
        for each in root
    }
    for root in _roots(slide.part, _COMMENTS):
        for each in root.iter():
            if _local(each) in ("cm", "reply"):
                text = "\n".join(_said(each))
                if text.strip():
                    yield f"{authors.get(each.get('authorId'), '')}: {text}".removeprefix(": ")


def _said(comment: Any) -> Iterator[str]:
    """Give the paragraphs of a comment, without those of its answers."""
    for part in comment:
        if _local(part) == "text":
            yield part.text or ""
        elif _local(part) == "txBody":
            for paragraph in part:
                if _local(paragraph) == "p":
                    yield "".join(each.text or "" for each in paragraph.iter() if _local(each) == "t")


def _roots(part: Any, relations: tuple[str, ...]) -> Iterator[Any]:
    from pptx.oxml import parse_xml

    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.endswith(relations):
            yield parse_xml(relation.target_part.blob)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
