"""Search by words, by their beginnings, with typing errors, and by meaning where that is on."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bifrost.errors import GraphEmpty
from bifrost.project import Project
from graph_store.search import tantivy_index as fields
from graph_store.search.vectors import Vectors

_LONGEST_QUERY_WORDS = 32
_SNIPPET_CHARACTERS = 160
_LABEL_BOOST, _EXACT_BOOST, _NEAR_BOOST = 3.0, 10.0, 0.4
_RANK_OFFSET = 60
"""Of reciprocal rank fusion (Cormack et al., SIGIR 2009): how little the first places differ."""
_WORD = re.compile(r"\w[\w.\-/]*")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entity that was found."""

    iri: str
    label: str
    types: tuple[str, ...]
    score: float
    snippet: str


def search(
    project: Project, text: str, *, limit: int = 20, types: Sequence[str] = (), sources: Sequence[str] = ()
) -> list[Hit]:
    """Find entities, the best first; `types` are IRIs of classes or their last parts. Any text is a valid query.

    Raises:
        GraphEmpty: nothing is published yet.
    """
    index = _opened(project)
    searcher = index.searcher()
    words = _WORD.findall(text)[:_LONGEST_QUERY_WORDS]
    if not words or limit < 1:
        return []
    query, allowed = _by_words(index, words), _filters(index, types, sources)
    rankings = [_found(index, searcher, _all_of(query, *allowed), limit)]
    if project.settings.stores.semantic_search:
        near = Vectors(project).nearest(fields.read_cursor(index) or "", text, 4 * limit)
        rankings.append(_numbered(index, searcher, near, allowed)[:limit])
    hits = rankings[0] if len(rankings) == 1 else _fused(rankings)[:limit]
    return _with_snippets(index, searcher, query, hits)


@lru_cache(maxsize=8)
def _index(folder: Path) -> Any:
    return fields.open_index(folder)


def _opened(project: Project) -> Any:
    folder = project.store_folder("search") / "words"
    if not (folder / "meta.json").exists():
        raise GraphEmpty(project.home)
    index = _index(folder)
    index.reload()
    if fields.read_cursor(index) is None:
        raise GraphEmpty(project.home)
    return index


def _by_words(index: Any, words: Sequence[str]) -> Any:
    from tantivy import Occur, Query

    # A quoted word has no syntax; what the tokenizer splits stays together as a phrase.
    quoted = " ".join(f'"{word}"' for word in words)
    plain, _ = index.parse_query_lenient(quoted, [fields.LABEL, fields.TEXT], {fields.LABEL: _LABEL_BOOST})
    exact = Query.term_query(index.schema, fields.EXACT, " ".join(words).lower(), "basic")
    near = [_near(index, word.lower(), last=word is words[-1]) for word in words if len(word) > 2]
    choices = [plain, Query.boost_query(exact, _EXACT_BOOST), *(Query.boost_query(each, _NEAR_BOOST) for each in near)]
    return Query.boolean_query([(Occur.Should, each) for each in choices])


def _near(index: Any, word: str, *, last: bool) -> Any:
    """Match a label's word with a typing error, or, as the last word of the query, by its beginning."""
    from tantivy import Query

    distance = 0 if len(word) < 4 or any(letter.isdigit() for letter in word) else 1 + (len(word) > 8)
    return Query.fuzzy_term_query(index.schema, fields.WORDS, word, distance, True, last)


def _filters(index: Any, types: Sequence[str], sources: Sequence[str]) -> list[Any]:
    from tantivy import Occur, Query

    filters = []
    if types:
        by_iri = Query.term_set_query(index.schema, fields.TYPE, list(types))
        by_name = Query.term_set_query(index.schema, fields.KIND, [each.lower() for each in types])
        filters.append(Query.boolean_query([(Occur.Should, by_iri), (Occur.Should, by_name)]))
    if sources:
        filters.append(Query.term_set_query(index.schema, fields.SOURCE, list(sources)))
    return filters


def _all_of(query: Any, *others: Any) -> Any:
    from tantivy import Occur, Query

    weightless = (Query.const_score_query(each, 0.0) for each in others)
    return Query.boolean_query([(Occur.Must, each) for each in (query, *weightless)])


def _found(index: Any, searcher: Any, query: Any, limit: int) -> list[tuple[Hit, Any]]:
    hits = searcher.search(query, limit=limit, count=False).hits
    return [(_hit(searcher.doc(address), score), address) for score, address in hits]


def _hit(document: Any, score: float) -> Hit:
    return Hit(
        iri=document.get_first(fields.KEY),
        label=document.get_first(fields.LABEL),
        types=tuple(document.get_all(fields.TYPE)),
        score=float(score),
        snippet="",
    )


def _numbered(index: Any, searcher: Any, numbers: Sequence[int], filters: Sequence[Any]) -> list[tuple[Hit, Any]]:
    """Read entities by their numbers, keeping their order; filters drop some."""
    from tantivy import Query

    found = []
    for number in numbers:
        query = _all_of(Query.term_query(index.schema, fields.NUMBER, number), *filters)
        found += _found(index, searcher, query, 1)
    return found


def _fused(rankings: Iterable[Sequence[tuple[Hit, Any]]]) -> list[tuple[Hit, Any]]:
    scores: dict[str, float] = defaultdict(float)
    seen: dict[str, tuple[Hit, Any]] = {}
    for ranking in rankings:
        for place, (hit, address) in enumerate(ranking, 1):
            scores[hit.iri] += 1 / (_RANK_OFFSET + place)
            seen.setdefault(hit.iri, (hit, address))
    best = sorted(scores, key=lambda iri: (-scores[iri], iri))
    return [(replace(seen[iri][0], score=scores[iri]), seen[iri][1]) for iri in best]


def _with_snippets(index: Any, searcher: Any, query: Any, hits: Sequence[tuple[Hit, Any]]) -> list[Hit]:
    from tantivy import SnippetGenerator

    generator = SnippetGenerator.create(searcher, query, index.schema, fields.TEXT)
    found = []
    for hit, address in hits:
        document = searcher.doc(address)
        text = document.get_first(fields.TEXT) or ""
        found.append(replace(hit, snippet=_around(text, _place(text, generator.snippet_from_doc(document)))))
    return found


def _place(text: str, snippet: Any) -> int:
    """Find where in the text the first word of the query stands; the library gives it in bytes of a fragment."""
    fragment, marks = snippet.fragment(), snippet.highlighted()
    if not marks:
        return 0
    return text.find(fragment) + len(fragment.encode()[: marks[0].start].decode(errors="ignore"))


def _around(text: str, place: int) -> str:
    begin = max(0, place - _SNIPPET_CHARACTERS // 3)
    shown = text[begin : begin + _SNIPPET_CHARACTERS]
    return " ".join((shown.partition(" ")[2] if begin and " " in shown else shown).split())
