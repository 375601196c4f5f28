from bifrost.project import Project
from bifrost.testing.projection_contract import ProjectionContract
from graph_store.search import tantivy_index as fields


class TestSearch(ProjectionContract):
    """Every document, with all that is stored of it."""

    projection = "search"

    def content(self, project: Project) -> list[tuple[object, ...]]:
        from tantivy import Query

        index = fields.open_index(project.store_folder("search") / "words")
        searcher = index.searcher()
        documents = [searcher.doc(at).to_dict() for _, at in searcher.search(Query.all_query(), limit=50_000).hits]
        return sorted(
            tuple((name, tuple(values)) for name, values in sorted(document.items()))
            for document in documents
            if fields.CURSOR not in document
        )
