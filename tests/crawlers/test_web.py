"""What web servers can hold, and how they can fail."""

import datetime as dt
import gzip
import ipaddress
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bifrost.config import read_source
from bifrost.errors import ConfigInvalid, ItemUnreadable, SourceDamaged, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind, StageReport
from bifrost.project import Project
from bifrost.secrets import Secrets
from crawlers.files.web.config import HttpConfig
from crawlers.files.web.crawler import HttpCrawler
from tests.crawlers.test_web_contract import NOBODY_LISTENS, files, http_crawler
from tests.servers.web import NOT_FOUND, Reply, Request, page, web

CANARY = "canary-W3bSecret"
LOGIN = page("<html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>")
BINARY = {"Content-Type": "application/octet-stream"}


def index_of(path: str, *names: str) -> Reply:
    """Give the page that nginx makes of a folder."""
    links = "".join(f'<a href="{name}">{name}</a>\n' for name in ("../", *names))
    title = f"Index of {path}"
    return page(f"<html><head><title>{title}</title></head><body><h1>{title}</h1><pre>{links}</pre></body></html>\r\n")


def site(**replaced: Reply | Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Serve two folders with files; `replaced` are other answers by path, without the first slash."""
    answers: dict[str, Any] = {
        "pub/": index_of("/pub/", "sub/", "a.csv", "b.csv"),
        "pub/sub/": index_of("/pub/sub/", "c.csv", "d.pdf"),
        **{
            f"pub/{name}": Reply(200, name.encode(), {**BINARY, "ETag": f'"{name}"'})
            for name in ("a.csv", "b.csv", "sub/c.csv", "sub/d.pdf")
        },
        **replaced,
    }

    def answer(request: Request) -> Reply:
        found = answers.get(request.path.lstrip("/"), NOT_FOUND)
        reply: Reply = found(request) if callable(found) else found
        return reply

    return answer


def paths(crawler: HttpCrawler, root: str) -> list[str]:
    return [item.key.removeprefix(root) for item in crawler.listing().items]


def item(key: str, size_bytes: int | None = None) -> Item:
    return Item("contract", key, ItemKind.FILE, "", size_bytes)


def read(crawler: HttpCrawler, key: str, size_bytes: int | None = None) -> bytes:
    with crawler.fetch(item(key, size_bytes)).stream as stream:
        return stream.read()


ALL = ["/pub/a.csv", "/pub/b.csv", "/pub/sub/c.csv", "/pub/sub/d.pdf"]


# ---- listings


def test_patterns_choose_by_the_path_below_the_listing_and_excluded_folders_are_not_entered() -> None:
    with web(site()) as server:
        assert paths(http_crawler(listings=[f"{server.url}/pub"]), server.url) == ALL
        crawler = http_crawler(listings=[f"{server.url}/pub/"], include=["**/*.csv"], exclude=["sub"])
        server.requests.clear()
        assert paths(crawler, server.url) == ["/pub/a.csv", "/pub/b.csv"]
        assert not [path for path in server.asked() if "sub" in path]
        assert paths(http_crawler(listings=[f"{server.url}/pub/"], max_depth=0), server.url) == ALL[:2]


def test_a_folder_behind_a_proxy_that_shows_it_elsewhere_is_listed_with_its_own_path_given() -> None:
    with web(site()) as server:
        inner = server.answer
        server.answer = lambda request: inner(replace(request, path=request.path.replace("/outside/", "/pub/")))
        start = f"{server.url}/outside"
        with pytest.raises(SourceDamaged, match="/pub/"):
            http_crawler(listings=[start]).listing()
        crawler = http_crawler(listings=[start], index_paths={start: "/pub"})
        assert paths(crawler, start) == [path.removeprefix("/pub") for path in ALL]


def test_a_listing_reads_no_content_where_headers_tell_versions_apart() -> None:
    with web(site()) as server:
        http_crawler(listings=[f"{server.url}/pub/"]).listing()
        assert server.asked("GET") == ["/pub/", "/pub/sub/"]


NO_INDEX = {
    "a login page": (LOGIN, SourceDamaged),
    "a note that there is nothing, with status 200": (page("<html><h1>Not found</h1></html>"), SourceDamaged),
    "the index of another folder": (index_of("/", "x.csv"), SourceDamaged),
    "a file": (Reply(200, b"a,b", {"Content-Type": "text/csv"}), SourceDamaged),
    "an empty list of JSON": (Reply(200, b"[]", {"Content-Type": "application/json"}), SourceDamaged),
    "nothing": (Reply(204), SourceDamaged),
    "a cut page": (
        Reply(200, index_of("/pub/", "a.csv").body, {"Content-Type": "text/html"}, cut_after=80),
        SourceUnreachable,
    ),
    "a page that ends early": (
        Reply(200, index_of("/pub/", "a.csv").body[:-20], {"Content-Type": "text/html"}, announced=-1),
        SourceDamaged,
    ),
    "a way to a login page": (Reply(302, headers={"Location": "/login"}), SourceDamaged),
    "a way to another host": (Reply(302, headers={"Location": "http://127.0.0.2/"}), SourceDamaged),
    "a circle": (Reply(302, headers={"Location": "/pub/"}), SourceDamaged),
    "no folder": (NOT_FOUND, SourceDamaged),
    "no right": (page("no", 403), SourceRefused),
    "no login": (page("no", 401), SourceRefused),
    "a failure": (page("no", 500), SourceUnreachable),
    "a crowd": (Reply(429, headers={"Retry-After": "0"}), SourceUnreachable),
    "silence": (Reply(wait_seconds=1), SourceUnreachable),
}


@pytest.mark.parametrize(("answer", "expected"), NO_INDEX.values(), ids=NO_INDEX)
def test_a_start_that_is_no_index_is_an_error(answer: Reply, expected: type[Exception]) -> None:
    with web(site(**{"pub/": answer, "login": LOGIN})) as server:
        crawler = http_crawler(listings=[f"{server.url}/pub/"], timeout_seconds=0.5)
        for question in (crawler.listing, crawler.check):
            with pytest.raises(expected, match="/pub/"):
                question()


@pytest.mark.parametrize("name", [name for name in NO_INDEX if name != "an empty list of JSON"])
def test_a_folder_that_is_no_index_is_a_failed_scope_and_the_others_are_listed(name: str) -> None:
    answer, _ = NO_INDEX[name]
    with web(site(**{"pub/sub/": answer, "login": LOGIN})) as server:
        listing = http_crawler(listings=[f"{server.url}/pub/"], timeout_seconds=0.5).listing()
        assert list(listing.failed_scopes) == [f"{server.url}/pub/sub/"]
        assert [each.key for each in listing.items] == [f"{server.url}/pub/a.csv", f"{server.url}/pub/b.csv"]


def test_one_of_several_starts_that_fails_is_a_failed_scope_and_all_together_an_error() -> None:
    with web(site()) as server:
        starts = {"listings": [f"{server.url}/pub/", f"{NOBODY_LISTENS}/"], "urls": [f"{NOBODY_LISTENS}/a.csv"]}
        crawler = http_crawler(**starts)
        listing = crawler.listing()
        assert len(listing.items) == 4
        assert sorted(listing.failed_scopes) == [f"{NOBODY_LISTENS}/", f"{NOBODY_LISTENS}/a.csv"]
        assert crawler.check() == "1 of 3 addresses answer"
        server.answer = lambda request: NOT_FOUND
        with pytest.raises(SourceUnreachable):
            crawler.listing()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NOT_FOUND, "404"),
        (page("no", 403), "403"),
        (page("no", 500), "500"),
        (LOGIN, "web page"),
        (Reply(302, headers={"Location": "/login"}), "web page"),
        (Reply(302, headers={"Location": "http://127.0.0.2/a.csv"}), "127.0.0.2"),
        (Reply(200, bytes(2_000_000), BINARY), "max_file_mb"),
    ],
)
def test_a_file_that_is_listed_and_does_not_answer_is_kept_and_reported(answer: Reply, reason: str) -> None:
    with web(site(**{"pub/a.csv": answer, "login": LOGIN})) as server:
        listing = http_crawler(listings=[f"{server.url}/pub/"], max_file_mb=1).listing()
        assert listing.complete
        assert len(listing.items) == 3
        assert reason in listing.skipped[f"{server.url}/pub/a.csv"]


def test_a_link_that_turns_in_a_circle_is_entered_once() -> None:
    def answer(request: Request) -> Reply:
        if request.path.endswith("/"):
            return index_of(request.path, "loop/", "a.csv")
        return Reply(200, b"x", {"ETag": '"1"'})

    with web(answer) as server:
        listing = http_crawler(listings=[f"{server.url}/pub/"]).listing()
        assert [each.key for each in listing.items] == [f"{server.url}/pub/a.csv"]
        assert list(listing.skipped) == [f"{server.url}/pub/loop/"]


def test_folders_without_end_make_the_listing_partial() -> None:
    def answer(request: Request) -> Reply:
        return index_of(request.path, f"{request.path.count('/')}/")

    with web(answer) as server:
        assert not http_crawler(listings=[f"{server.url}/pub/"]).listing().complete
        assert len(server.requests) < 100


def test_a_server_that_goes_away_while_files_are_asked_for_is_an_error() -> None:
    # An address with nobody behind it stands for a server that was there a moment ago.
    with web(site(**{"pub/": index_of("/pub/", f"{NOBODY_LISTENS}/gone.csv")})) as server:
        crawler = http_crawler(listings=[f"{server.url}/pub/"], allowed_hosts=["127.0.0.1:1"])
        with pytest.raises(SourceUnreachable):
            crawler.listing()


def test_a_page_that_fails_retracts_nothing(
    make_project: Callable[..., Project], crawl: Callable[..., StageReport]
) -> None:
    with web(site()) as server:
        project = make_project({"web": {"kind": "http", "listings": [f"{server.url}/pub/"]}})
        assert crawl(project).counts["added"] == 4
        for failing in (LOGIN, NOT_FOUND, page("no", 503), index_of("/pub/", "sub/", cut := "a.csv")):
            server.answer = site(**{"pub/": failing}) if cut not in str(failing.body) else site(**{"pub/sub/": LOGIN})
            assert crawl(project).failures
            assert len(project.catalog.items("web")) == 4
        server.answer = site(**{"pub/": index_of("/pub/", "sub/", "a.csv")})
        assert crawl(project).counts["gone"] == 1


# ---- single files


@pytest.mark.parametrize("status", [404, 410])
def test_a_single_file_that_is_not_there_is_gone_if_it_was_known_and_reported_if_not(status: int) -> None:
    with web(files({"/a.csv": b"a"})) as server:
        crawler = http_crawler(urls=[f"{server.url}/a.csv", f"{server.url}/b.csv"])
        known = {f"{server.url}/b.csv": item(f"{server.url}/b.csv")}
        server.answer = lambda request: page("", status) if "b.csv" in request.path else Reply(200, b"a", BINARY)
        listing = crawler.listing(known)
        assert listing.complete
        assert [each.key for each in listing.items] == [f"{server.url}/a.csv"]
        assert listing.skipped == {}
        assert list(crawler.listing().skipped) == [f"{server.url}/b.csv"]


@pytest.mark.parametrize("answer", [page("no", 500), page("no", 403), page("no", 401), LOGIN, Reply(wait_seconds=1)])
def test_a_single_file_that_fails_is_a_failed_scope(answer: Reply) -> None:
    with web(files({"/a.csv": b"a"})) as server:
        well = server.answer
        server.answer = lambda request: answer if "b.csv" in request.path else well(request)
        listing = http_crawler(urls=[f"{server.url}/a.csv", f"{server.url}/b.csv"], timeout_seconds=0.5).listing()
        assert list(listing.failed_scopes) == [f"{server.url}/b.csv"]
        with pytest.raises((SourceUnreachable, SourceRefused, SourceDamaged)):
            http_crawler(urls=[f"{server.url}/b.csv"], timeout_seconds=0.5).listing()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_a_server_that_does_not_know_head_is_asked_with_get(status: int) -> None:
    contents = {"/a.csv": b"a", "/empty.csv": b""}
    with web(files(contents)) as server:
        well = server.answer
        server.answer = lambda request: Reply(status) if request.method == "HEAD" else well(request)
        crawler = http_crawler(urls=[server.url + path for path in contents])
        assert [(each.fingerprint[:4], each.size_bytes) for each in crawler.listing().items] == [
            ("etag", 1),
            ("etag", 0),
        ]


@pytest.mark.parametrize(
    "headers", [{}, {"ETag": 'W/"weak"'}, {"Last-Modified": "Wed, 01 Jul 2026 10:00:00 GMT"}, {"ETag": ""}]
)
def test_what_does_not_tell_versions_apart_is_not_relied_on(headers: Mapping[str, str]) -> None:
    content = b"first"
    with web(lambda request: Reply(200, content, {**BINARY, **headers}, announced=-1)) as server:
        crawler = http_crawler(urls=[f"{server.url}/a.csv"])
        [before] = crawler.listing().items
        assert crawler.listing().items == (before,)
        content = b"other"
        assert crawler.listing().items[0].fingerprint != before.fingerprint


def test_a_file_that_changed_this_second_is_waited_for() -> None:
    now = "Wed, 01 Jul 2026 10:00:00 GMT"
    for changed, waits in ((now, True), ("Wed, 01 Jul 2026 09:59:58 GMT", False)):
        answer = Reply(200, b"a", {**BINARY, "Last-Modified": changed, "Date": now})
        with web(lambda request, answer=answer: answer) as server:  # type: ignore[misc]  # the default binds
            begin = time.monotonic()
            http_crawler(urls=[f"{server.url}/a.csv"]).listing()
            assert (time.monotonic() - begin > 1) is waits


# ---- contents that do not arrive as they should


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"half a file", BINARY, cut_after=4),
        Reply(200, b"half a file", BINARY, announced=100),
        Reply(200, b"half a file", BINARY, announced=-1),
        Reply(200, gzip.compress(bytes(1000))[:-5], {**BINARY, "Content-Encoding": "gzip"}),
        page("no", 500),
        Reply(503, headers={"Retry-After": "0"}),
        Reply(wait_seconds=1),
    ],
    ids=["cut", "short", "shorter than listed", "cut gzip", "failure", "no time", "silence"],
)
def test_a_file_that_does_not_arrive_whole_is_an_error_and_may_be_read_again(answer: Reply) -> None:
    with web(lambda request: answer) as server:
        crawler = http_crawler(urls=[f"{server.url}/a.csv"], timeout_seconds=0.5)
        with pytest.raises(ItemUnreadable) as caught:
            read(crawler, f"{server.url}/a.csv", 100)
        assert caught.value.retryable


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NOT_FOUND, "404"),
        (page("no", 403), "403"),
        (LOGIN, "web page"),
        (Reply(200, b"x", {"Content-Encoding": "br"}), "'br'"),
        (Reply(200, b"x", {"Content-Encoding": "gzip, gzip"}), "gzip, gzip"),
        (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), "decompressed"),
        (Reply(200, bytes(1_000_001), BINARY), "max_file_mb"),
        (Reply(200, bytes(1_000_001), BINARY, announced=-1), "max_file_mb"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(answer: Reply, reason: str) -> None:
    with web(lambda request: answer) as server:
        with pytest.raises(ItemUnreadable, match=reason) as caught:
            read(http_crawler(urls=[f"{server.url}/a.csv"], max_file_mb=1), f"{server.url}/a.csv")
        assert not caught.value.retryable


def _deflated(content: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda content: gzip.compress(content[:100]) + gzip.compress(content[100:]) + bytes(64)),
        ("deflate", lambda content: _deflated(content, zlib.MAX_WBITS)),
        ("deflate", lambda content: _deflated(content, -zlib.MAX_WBITS)),
        ("identity", bytes),
    ],
)
def test_what_a_server_compressed_for_the_way_is_taken_apart(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    content = b"content of the file " * 5000
    with web(lambda request: Reply(200, pack(content), {**BINARY, "Content-Encoding": encoding})) as server:
        crawler = http_crawler(urls=[f"{server.url}/a.csv"])
        assert read(crawler, f"{server.url}/a.csv") == content
        assert server.requests[-1].headers["accept-encoding"] == "identity"


def _read_piece_by_piece(crawler: HttpCrawler, key: str) -> None:
    with crawler.fetch(item(key)).stream as stream:
        while stream.read(1 << 16):
            pass


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_decompression_bomb_is_stopped_in_bounded_memory(encoding: str) -> None:
    window = 16 + zlib.MAX_WBITS if encoding == "gzip" else zlib.MAX_WBITS
    bomb = _deflated(bytes(300_000_000), window)
    assert len(bomb) < 400_000
    with web(lambda request: Reply(200, bomb, {**BINARY, "Content-Encoding": encoding})) as server:
        crawler = http_crawler(urls=[f"{server.url}/a.csv"], max_file_mb=20)
        tracemalloc.start()
        with pytest.raises(ItemUnreadable, match="max_file_mb"):
            _read_piece_by_piece(crawler, f"{server.url}/a.csv")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 5_000_000
        with pytest.raises(SourceDamaged, match="max_file_mb"):
            crawler.listing()


def test_a_preview_reads_the_beginning_only() -> None:
    with web(lambda request: Reply(200, bytes(50_000_000), BINARY)) as server:
        assert http_crawler(urls=[f"{server.url}/a"]).preview(item(f"{server.url}/a")) == bytes(4096)


def test_a_server_that_cannot_be_reached_while_files_are_fetched_is_an_error_of_the_source() -> None:
    with pytest.raises(SourceUnreachable):
        read(http_crawler(urls=[f"{NOBODY_LISTENS}/a.csv"]), f"{NOBODY_LISTENS}/a.csv")


# ---- where requests and credentials may go


def test_redirects_are_followed_on_the_same_host_and_only_so_many() -> None:
    def answer(request: Request) -> Reply:
        hops = int(request.path.lstrip("/"))
        return Reply(307, headers={"Location": f"/{hops - 1}"}) if hops else Reply(200, b"there", BINARY)

    with web(answer) as server:
        crawler = http_crawler(urls=[f"{server.url}/2", f"{server.url}/3"], max_redirects=2)
        assert read(crawler, f"{server.url}/2") == b"there"
        with pytest.raises(ItemUnreadable, match="redirects"):
            read(crawler, f"{server.url}/3")


def test_other_hosts_are_asked_only_if_they_are_allowed_and_never_get_the_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIFROST_TEST_TOKEN", CANARY)
    with web(files({"/far.csv": b"far"})) as other, web(files({})) as server:
        far = f"{other.url}/far.csv"
        server.answer = site(
            **{"pub/": index_of("/pub/", far, "near.csv"), "pub/near.csv": Reply(302, headers={"Location": far})}
        )
        settings: dict[str, Any] = {
            "listings": [f"{server.url}/pub/"],
            "token": "${env:BIFROST_TEST_TOKEN}",
            "headers": {"X-Api-Key": "${env:BIFROST_TEST_TOKEN}"},
        }
        strict = http_crawler(**settings)
        listing = strict.listing()
        assert listing.items == ()
        assert "allowed_hosts" in listing.skipped[f"{server.url}/pub/near.csv"]
        for key in (far, f"{server.url}/pub/near.csv"):
            with pytest.raises(ItemUnreadable):
                read(strict, key)
        assert other.requests == []
        open_minded = http_crawler(**settings, allowed_hosts=[f"127.0.0.1:{other.port}"])
        listing = open_minded.listing()
        assert [each.key for each in listing.items] == sorted([far, f"{server.url}/pub/near.csv"])
        assert [read(open_minded, each.key) for each in listing.items] == [b"far", b"far"]
        assert all(each.headers["authorization"] == f"Bearer {CANARY}" for each in server.requests)
        assert all(each.headers["x-api-key"] == CANARY for each in server.requests)
        assert other.requests
        assert CANARY not in str([each.headers for each in other.requests])


def test_names_and_passwords_in_links_and_redirects_are_not_used() -> None:
    with web(files({})) as server:
        named = f"http://user:pass@127.0.0.1:{server.port}/far.csv"
        server.answer = site(
            **{"pub/": index_of("/pub/", named, "a.csv"), "pub/a.csv": Reply(302, headers={"Location": named})}
        )
        listing = http_crawler(listings=[f"{server.url}/pub/"]).listing()
        assert listing.items == ()
        assert not [each for each in server.requests if "authorization" in each.headers]


def test_basic_authentication_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFROST_TEST_PASSWORD", CANARY)
    with web(files({"/a.csv": b"a"})) as server:
        well = server.answer
        server.answer = lambda request: well(request) if "authorization" in request.headers else Reply(401)
        settings: dict[str, Any] = {"urls": [f"{server.url}/a.csv"]}
        with pytest.raises(SourceRefused):
            http_crawler(**settings).listing()
        crawler = http_crawler(**settings, user="someone", password="${env:BIFROST_TEST_PASSWORD}")
        assert len(crawler.listing().items) == 1


def test_a_page_cannot_make_the_crawler_send_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFROST_TEST_TOKEN", CANARY)
    with web(files({})) as server:
        server.answer = site(**{"pub/": index_of("/pub/", "${env:BIFROST_TEST_TOKEN}", "a.csv")})
        crawler = http_crawler(listings=[f"{server.url}/pub/"])
        crawler.listing()
        with pytest.raises(ItemUnreadable):
            read(crawler, f"{server.url}/pub/${{env:BIFROST_TEST_TOKEN}}")
        assert not [path for path in server.asked() if CANARY in path]


def test_a_secret_in_an_address_stays_out_of_keys_and_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFROST_TEST_TOKEN", CANARY)
    with web(files({f"/a.csv?sig={CANARY}": b"a"})) as server:
        key = f"{server.url}/a.csv?sig=${{env:BIFROST_TEST_TOKEN}}"
        other = f"{server.url}/{CANARY}/b.csv?sig=${{env:BIFROST_TEST_TOKEN}}"
        crawler = http_crawler(urls=[key, other])
        listing = crawler.listing()
        assert [each.key for each in listing.items] == [key]
        assert read(crawler, key) == b"a"
        moved = Reply(302, headers={"Location": f"http://127.0.0.2/{CANARY}"})
        server.answer = lambda request: moved
        with pytest.raises(SourceDamaged) as caught:
            crawler.listing()
        assert CANARY not in str(caught.value)


def test_a_secret_that_no_header_can_hold_is_refused_without_repeating_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\nX-More: header")
    config = HttpConfig.model_validate({"urls": ["http://127.0.0.1:1/"], "token": "${file:token}"})
    with pytest.raises(SourceRefused, match="Authorization") as caught:
        HttpCrawler("contract", config, Secrets(tmp_path)).listing()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "at least one address"),
        ({"urls": ["ftp://example.org/a"]}, "http"),
        ({"urls": ["/etc/passwd"]}, "http"),
        ({"urls": ["http://user@example.org/a"]}, "user and password"),
        ({"listings": ["http://example.org/?folder=a"]}, "plain addresses"),
        ({"urls": ["http://example.org/a"], "index_paths": {"http://example.org/": "/"}}, "not in listings"),
        ({"urls": ["http://example.org/a"], "token": CANARY}, "reference"),
        ({"urls": ["http://example.org/a"], "headers": {"Authorization": f"Bearer {CANARY}"}}, "reference"),
        ({"urls": ["http://example.org/a"], "token": "${env:A}", "user": "someone"}, "not both"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigInvalid, match=reason) as caught:
        read_source("s", {"kind": "http", **settings}, where="here")
    assert CANARY not in str(caught.value)


def test_requests_are_spaced_out() -> None:
    with web(site()) as server:
        begin = time.monotonic()
        http_crawler(listings=[f"{server.url}/pub/"], requests_per_second=10).listing()
        assert len(server.requests) == 6
        assert time.monotonic() - begin >= 0.5


# ---- encrypted connections


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_certificates_are_checked_and_own_ones_can_be_trusted(tmp_path: Path) -> None:
    ca_file, tls = _certificate(tmp_path)
    with web(files({"/a.csv": b"a"}), tls) as server:
        urls = [f"{server.url}/a.csv"]
        with pytest.raises(SourceUnreachable, match="certificate"):
            http_crawler(urls=urls).listing()
        assert len(http_crawler(urls=urls, ca_file=str(ca_file)).listing().items) == 1
        with pytest.raises(SourceDamaged, match="certificates"):
            http_crawler(urls=urls, ca_file="missing.pem").listing()
        server.answer = lambda request: Reply(302, headers={"Location": f"http://127.0.0.1:{server.port}/a.csv"})
        with pytest.raises(SourceDamaged, match="https to http"):
            http_crawler(urls=urls, ca_file=str(ca_file)).listing()
