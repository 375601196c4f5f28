"""A small web server on loopback that can misbehave on purpose."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    """As it was sent, with its question."""
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True)
class Reply:
    """What the server answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    """Content-Length, if it is not the true one; -1 for none, so that the answer ends with its connection."""
    cut_after: int | None = None
    """Send so many bytes of the body, then cut the connection."""
    wait_seconds: float = 0
    """Before the first byte."""


NOT_FOUND = Reply(404, b"<html><title>404 Not Found</title><h1>Not Found</h1></html>", {"Content-Type": "text/html"})


def page(text: str, status: int = 200) -> Reply:
    """Answer with a web page."""
    return Reply(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


@dataclass
class WebServer:
    """A running server; `answer` may be replaced while it runs."""

    answer: Callable[[Request], Reply]
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Give the root, without a slash at the end."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def asked(self, method: str = "") -> list[str]:
        """Give the paths that were asked for."""
        return [each.path for each in self.requests if not method or each.method == method]


@contextmanager
def web(answer: Callable[[Request], Reply], tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Start a server on a free port, and end it at the end."""
    server = WebServer(answer)
    listening = _Listening(("127.0.0.1", 0), _handler(server))
    if tls:
        listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        server.scheme = "https"
    server.port = listening.server_port
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that went away."""


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply()

        def do_HEAD(self) -> None:
            self._reply()

        def _reply(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers)
            server.requests.append(request)
            reply = server.answer(request)
            time.sleep(reply.wait_seconds)
            try:
                self._send(reply)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self.send_response_only(reply.status)
            if "Date" not in reply.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in reply.headers.items():
                self.send_header(name, value)
            announced = len(reply.body) if reply.announced is None else reply.announced
            if announced >= 0 and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(announced))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body[: reply.cut_after])
            whole = reply.cut_after is None and announced == len(reply.body)
            self.close_connection = self.close_connection or not (whole or self.command == "HEAD")

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
