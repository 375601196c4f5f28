"""Pages that come with the server and need nothing from the internet."""

from pathlib import Path

from fastapi.responses import HTMLResponse

ASSETS = Path(__file__).parent / "assets"


def page(name: str) -> HTMLResponse:
    """Give one of the pages in this folder."""
    return HTMLResponse((Path(__file__).parent / name).read_text(encoding="utf-8"))
