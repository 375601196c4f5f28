"""Checks before any route (known host, same origin, JSON bodies of bounded size) and safe headers on answers."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.failures import failure

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_READ_ONLY_FORMS = ("/sparql",)
"""Paths whose POST cannot change anything, so that forms of other content types do no harm."""
_ANSWER_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class KnownHosts:
    """Refuses requests for a foreign host name, so that a page elsewhere cannot rebind its name to this server.

    An address is never a rebound name: rebinding needs a name.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app = app
        self.names = {"localhost", socket.gethostname().lower()} | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass when its Host header names this server."""
        if scope["type"] in ("http", "websocket") and not self._known(Headers(scope=scope).get("host", "")):
            message = "this server does not answer to that host name; add it to serving.allowed_hosts"
            await failure(421, message, "HostUnknown")(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or _is_address(name)


class SameOrigin:
    """Refuses changes that a page of another origin asks for, and bodies that a plain HTML form could send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass when it is safe, or comes from this server's own pages, or from no page."""
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _from_elsewhere(headers):
            await failure(403, "changes are accepted only from this server's own pages", "OriginForeign")(
                scope, receive, send
            )
        elif _has_body(headers) and not _is_json(headers) and scope["path"].rstrip("/") not in _READ_ONLY_FORMS:
            await failure(415, "send the body as application/json", "BodyNotJson")(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class BodyLimit:
    """Refuses bodies above a size, whether announced or streamed."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self.app, self.limit_bytes = app, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, at most the limit, and hand it on whole."""
        if scope["type"] != "http" or not _has_body(headers := Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        announced = headers.get("content-length", "0")
        body = None if announced.isdigit() and int(announced) > self.limit_bytes else await self._read(receive)
        if body is None:
            await self._refuse(scope, receive, send)
        else:
            await self.app(scope, _replaying(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.limit_bytes:
                return None
        return bytes(body)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"the body is larger than {self.limit_bytes / 1e6:g} MB (serving.body_limit_mb)"
        await failure(413, message, "BodyTooLarge")(scope, receive, send)


class SafeHeaders:
    """Adds the headers that keep pages of this server from being framed, sniffed or scripted from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def _replaying(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _from_elsewhere(headers: Headers) -> bool:
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = headers.get("origin")
    # Hosts are compared, not schemes: a proxy that ends TLS changes the scheme.
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
