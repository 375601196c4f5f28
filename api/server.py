"""Serve one project over HTTP."""

import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.link_app import create_link_app
from api.predictions import model_of
from bifrost.errors import BifrostError
from bifrost.project import Project

_WAIT_FOR_START_SECONDS = 30


def serve(project: Project, *, host: str | None = None, port: int | None = None, open_browser: bool = False) -> None:
    """Answer requests until interrupted; the address is loopback unless the settings or the caller say otherwise."""
    _run(make_server(project, host=host, port=port), open_browser)


def serve_links(project: Project, *, host: str | None = None, port: int | None = None) -> None:
    """Predict links until interrupted, and serve nothing else; the model is loaded while nobody asks yet."""
    threading.Thread(target=_load_beforehand, args=(project,), daemon=True).start()
    _run(make_server(project, host=host, port=port, create=create_link_app), open_browser=False)


def make_server(
    project: Project,
    *,
    host: str | None = None,
    port: int | None = None,
    create: Callable[[Project], FastAPI] = create_app,
) -> uvicorn.Server:
    """Make the server of an application without starting it; port 0 takes a free one."""
    serving = project.settings.serving
    config = uvicorn.Config(
        create(project),
        host=serving.host if host is None else host,
        port=serving.port if port is None else port,
        # The server's own errors are logged where secrets are masked.
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def address(server: uvicorn.Server) -> str:
    """Give the address of a started server, with the port that it really has."""
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def wait_until_started(server: uvicorn.Server, limit_seconds: float = _WAIT_FOR_START_SECONDS) -> bool:
    """Wait until requests are answered; False when the server did not come up."""
    ends = time.monotonic() + limit_seconds
    while not server.started and time.monotonic() < ends:
        time.sleep(0.02)
    return server.started


def _run(server: uvicorn.Server, open_browser: bool) -> None:
    threading.Thread(target=_announce, args=(server, open_browser), daemon=True).start()
    server.run()


def _load_beforehand(project: Project) -> None:
    # Whoever asks is told what is missing.
    with suppress(BifrostError):
        model_of(project)


def _announce(server: uvicorn.Server, open_browser: bool) -> None:
    if not wait_until_started(server):
        return
    sys.stderr.write(f"Bifrost answers at {address(server)} (stop with Ctrl+C)\n")
    if open_browser:
        webbrowser.open(address(server))
