import os
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.files.web.config import HttpConfig
from crawlers.files.web.crawler import HttpCrawler
from tests.servers.web import NOT_FOUND, Reply, Request, WebServer, web

NOBODY_LISTENS = "http://127.0.0.1:1"
PATHS = ("a.txt", "b/c.txt", "b/d é.txt", "b/deep/e+f&g.txt")
LONG_AGO = 1_700_000_000


def http_crawler(**settings: Any) -> HttpCrawler:
    return HttpCrawler("contract", HttpConfig.model_validate(settings), Secrets(Path()))


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class TestHttpCrawlerOnAFolder(CrawlerContract):
    """A folder behind Python's own web server, which tells versions apart by their dates only."""

    kind = "http"

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "served"
        for path in PATHS:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(f"content of {path}\n" * 500)
            os.utime(folder / path, (LONG_AGO, LONG_AGO))
        (folder / "empty").mkdir()
        return folder

    @pytest.fixture(autouse=True)
    def url(self, folder: Path) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        names = ("a.txt", "b/c.txt", "b/d%20%C3%A9.txt", "b/deep/e%2Bf%26g.txt")
        self.expected_keys = [f"{url}/{name}" for name in names]  # type: ignore[misc]  # the port differs
        yield url
        server.shutdown()
        server.server_close()
        thread.join()

    @pytest.fixture
    def crawler(self, url: str) -> HttpCrawler:
        return http_crawler(listings=[url])

    @pytest.fixture
    def unreachable(self) -> HttpCrawler:
        return http_crawler(listings=[NOBODY_LISTENS])

    @pytest.fixture
    def change(self, folder: Path, url: str) -> Callable[[], str]:
        def rewrite_with_the_same_size() -> str:
            (folder / "a.txt").write_text((folder / "a.txt").read_text().replace("content", "CONTENT"))
            return f"{url}/a.txt"

        return rewrite_with_the_same_size

    @pytest.fixture
    def source_state(self, folder: Path) -> Callable[[], object]:
        return lambda: {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def files(contents: Mapping[str, bytes], *, tags: bool = True) -> Callable[[Request], Reply]:
    """Serve files by path, with strong ETags or with nothing that tells versions apart."""

    def answer(request: Request) -> Reply:
        content = contents.get(request.path)
        if content is None:
            return NOT_FOUND
        tag = {"ETag": f'"{sha256(content).hexdigest()[:12]}"'} if tags else {}
        return Reply(200, content, {"Content-Type": "application/octet-stream", **tag})

    return answer


class TestHttpCrawlerOnSingleFiles(CrawlerContract):
    """Single files of a server with ETags, and of one that says nothing of versions."""

    kind = "http"

    @pytest.fixture(params=[True, False], ids=["with ETags", "without"])
    def server(self, request: pytest.FixtureRequest) -> Iterator[WebServer]:
        self.contents = {f"/{name}.bin": f"content of {name}".encode() * 500 for name in ("a", "b")}
        with web(files(self.contents, tags=request.param)) as server:
            yield server

    @pytest.fixture
    def crawler(self, server: WebServer) -> HttpCrawler:
        self.expected_keys = [server.url + path for path in self.contents]  # type: ignore[misc]  # the port differs
        return http_crawler(urls=self.expected_keys)

    @pytest.fixture
    def unreachable(self) -> HttpCrawler:
        return http_crawler(urls=[f"{NOBODY_LISTENS}/a.bin"])

    @pytest.fixture
    def change(self, server: WebServer) -> Callable[[], str]:
        def rewrite_with_the_same_size() -> str:
            self.contents["/a.bin"] = self.contents["/a.bin"].swapcase()
            return f"{server.url}/a.bin"

        return rewrite_with_the_same_size

    @pytest.fixture
    def source_state(self, server: WebServer) -> Callable[[], object]:
        return lambda: {each.method for each in server.requests} - {"GET", "HEAD"}
