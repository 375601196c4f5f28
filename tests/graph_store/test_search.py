"""Search by words and by meaning."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bifrost.config import Settings
from bifrost.errors import GraphEmpty
from bifrost.project import Project
from bifrost.testing.graphs import NAMER, Fact, entity, labelled, typed, valued
from bifrost.text_encoder import installed
from graph_store.search.service import search

SUPPLIER, OTHER, BATCH = entity("s1", table="suppliers"), entity("s2", table="suppliers"), entity("B-0007")
NOTE = NAMER.document("notes", "visit.docx")
UNITS = {
    "suppliers": [
        *(typed(each, table="suppliers") for each in (SUPPLIER, OTHER)),
        labelled(SUPPLIER, "Nordwerk Chemie"),
        labelled(OTHER, "Olsen Plast"),
    ],
    "batches": [typed(BATCH), labelled(BATCH, "B-0007"), valued(BATCH, "material", "white pigments")],
    "notes": [
        Fact(NOTE, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", NAMER.term("Document"), "", "notes"),
        labelled(NOTE, "Visit at the plant", "notes"),
        Fact(
            NOTE,
            NAMER.term("text"),
            "Long talk. " * 40 + "Batch B-0007 of Nordwerk smelled of solvent.",
            source="notes",
        ),
    ],
}


@pytest.fixture
def published(project: Project, publish: Callable[..., object]) -> Project:
    publish(UNITS)
    return project


def _labels(project: Project, text: str, **filters: list[str]) -> list[str]:
    return [hit.label for hit in search(project, text, **filters)]  # type: ignore[arg-type]  # only sequences are passed


def test_nothing_published_is_said_so(project: Project) -> None:
    with pytest.raises(GraphEmpty):
        search(project, "anything")


def test_a_label_comes_before_a_mention(published: Project) -> None:
    assert _labels(published, "nordwerk") == ["Nordwerk Chemie", "Visit at the plant"]


def test_a_code_is_found_as_a_whole(published: Project) -> None:
    assert _labels(published, "b-0007") == ["B-0007", "Visit at the plant"]
    assert _labels(published, "B-0008") == []


def test_words_are_found_in_other_forms(published: Project) -> None:
    assert _labels(published, "pigment") == ["B-0007"]


@pytest.mark.parametrize("text", ["Nordwrek", "nordwrk", "Norddwerk"])
def test_typing_errors_in_names_are_forgiven(published: Project, text: str) -> None:
    assert "Nordwerk Chemie" in _labels(published, text)


def test_the_beginning_of_the_last_word_is_enough(published: Project) -> None:
    assert _labels(published, "ols") == ["Olsen Plast"]


def test_hits_tell_class_and_surrounding_words(published: Project) -> None:
    hit = search(published, "solvent")[0]
    assert (hit.iri, hit.types) == (NOTE, (NAMER.term("Document"),))
    assert "smelled of solvent" in hit.snippet
    assert len(hit.snippet) <= 160


def test_hits_are_filtered_by_class_and_source(published: Project) -> None:
    assert _labels(published, "nordwerk", types=["suppliers"]) == ["Nordwerk Chemie"]
    assert _labels(published, "nordwerk", types=[NAMER.term("Document")]) == ["Visit at the plant"]
    assert _labels(published, "nordwerk", sources=["notes"]) == ["Visit at the plant"]
    assert _labels(published, "nordwerk", sources=["nobody"]) == []


def test_as_many_are_given_as_asked_for(published: Project) -> None:
    assert len(search(published, "nordwerk", limit=1)) == 1
    assert search(published, "nordwerk", limit=0) == []


def test_redirects_and_the_vocabulary_are_no_hits(project: Project, publish: Callable[..., object]) -> None:
    owl = "http://www.w3.org/2002/07/owl#"
    kind = NAMER.type("shop", "orders")
    publish(
        {
            "redirects": [Fact(entity("old"), owl + "sameAs", BATCH, "")],
            "ontology": [
                Fact(kind, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", owl + "Class", ""),
                labelled(kind, "orders"),
            ],
        }
    )
    assert search(project, "orders old") == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.text(alphabet="\"'()[]{}^~*?:\\/+-!&| ANDORTO nordwerk0", max_size=60))
def test_any_text_can_be_searched_for(published: Project, text: str) -> None:
    search(published, text)


def test_what_is_gone_is_not_found_and_what_changed_is(published: Project, publish: Callable[..., object]) -> None:
    publish({**UNITS, "suppliers": [typed(SUPPLIER, table="suppliers"), labelled(SUPPLIER, "Südwerk")]})
    assert _labels(published, "Olsen") == []
    assert _labels(published, "südwerk") == ["Südwerk"]
    assert "Nordwerk Chemie" not in _labels(published, "nordwerk")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.mark.skipif(not installed(), reason="the text encoder's model is not installed")
def test_search_by_meaning_finds_what_no_word_matches(
    project: Project, publish: Callable[..., object], models: Path
) -> None:
    project.settings = Settings.model_validate({"stores": {"semantic_search": True}})
    project.cache_folder("models").rmdir()
    project.cache_folder("").joinpath("models").symlink_to(models)
    publish(UNITS)
    assert _labels(project, "colour")[0] == "B-0007"
    assert _labels(project, "colour", types=["suppliers"])[:1] != ["B-0007"]
    publish({name: facts for name, facts in UNITS.items() if name != "batches"})
    assert "B-0007" not in _labels(project, "colour")
    publish(UNITS)
    assert _labels(project, "colour")[0] == "B-0007"


@pytest.mark.skipif(not installed(), reason="the text encoder's model is not installed")
def test_switching_meaning_on_rebuilds_the_index(
    published: Project, publish: Callable[..., object], models: Path
) -> None:
    published.cache_folder("models").rmdir()
    published.cache_folder("").joinpath("models").symlink_to(models)
    published.settings = Settings.model_validate({"stores": {"semantic_search": True}})
    publish(UNITS)
    assert _labels(published, "colour")[0] == "B-0007"
