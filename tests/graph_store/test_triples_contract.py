from bifrost.project import Project
from bifrost.testing.projection_contract import ProjectionContract
from graph_store.triples import published


class TestTriples(ProjectionContract):
    """Every quad that readers find, the default graph and provenance included."""

    projection = "triples"

    def content(self, project: Project) -> list[str]:
        from pyoxigraph import Store

        folder = project.store_folder("triples")
        store = Store.read_only(str(published.view_folder(folder, published.read_state(folder).view)))
        return sorted(str(quad) for quad in store)
