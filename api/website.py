"""The built web pages: files as they are, and the one page for every address that the pages route themselves."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent / "web"
_SERVER_PATHS = ("api", "graphql", "sparql", "docs", "health")
_NOT_BUILT = """Bifrost is running. The web pages are not built: run 'make web' in the project's sources.

  /docs      REST with its documentation
  /graphql   GraphQL with a query page
  /sparql    SPARQL 1.1 protocol
"""
_A_YEAR = "public, max-age=31536000, immutable"


def serve_pages(app: FastAPI, folder: Path = FOLDER) -> None:
    """Answer every address that no other route knows with the web pages."""

    @app.get("/{path:path}", include_in_schema=False)
    def pages(path: str) -> Response:
        if path.split("/", maxsplit=1)[0] in _SERVER_PATHS:
            raise HTTPException(404, f"there is no /{path} here; see /docs")
        index = folder / "index.html"
        if not index.exists():
            return PlainTextResponse(_NOT_BUILT, 200 if path == "" else 404)
        file = _file(folder, path)
        if file is None:
            return FileResponse(index, headers={"Cache-Control": "no-cache"})
        # The build puts a digest of the content into the names of assets.
        return FileResponse(file, headers={"Cache-Control": _A_YEAR} if path.startswith("assets/") else None)


def _file(folder: Path, path: str) -> Path | None:
    """Give a file inside the folder, never one beside it."""
    found = (folder / path).resolve()
    inside = found.is_relative_to(folder.resolve())
    return found if inside and found.is_file() else None
