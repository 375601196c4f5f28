"""What object stores can hold, and how they can fail."""

import http.client
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from bifrost.config import read_source
from bifrost.errors import ConfigInvalid, ItemUnreadable, PluginBroken, SourceRefused, SourceUnreachable
from bifrost.model import Item, ItemKind, StageReport
from bifrost.ports import Crawler
from bifrost.project import Project
from bifrost.secrets import Secrets
from crawlers.files.object_stores import access as object_access
from crawlers.files.object_stores.config import AzureConfig, GcsConfig
from crawlers.files.object_stores.crawler import AzureCrawler, GcsCrawler
from tests.crawlers.test_object_store_contract import (
    ACCOUNT,
    BUCKET,
    azure_crawler,
    gcs_crawler,
    s3_crawler,
    s3_settings,  # noqa: F401 - a fixture
)
from tests.servers.object_stores import MODIFIED, Objects, azure, gcs
from tests.servers.s3 import CANARY, S3Server
from tests.servers.web import Reply, Request, WebServer, page, web

pytestmark = pytest.mark.slow

ODD = ("a b.txt", "é ü 😀.txt", "x//y", "/slash", " lead", "100%25.txt", "a+b&c=d?e#f", "f/", "\x01ctl", "a:b*c")
DOTTED = ("..", "../up.txt", "./dot.txt", "tail/..")
LARGE = bytes(range(256)) * (20 << 12)
"""20 MB: three spans."""


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_access, "_PAUSES_SECONDS", (0.0, 0.0))


def read(crawler: Crawler, item: Item) -> bytes:
    content = crawler.fetch(item)
    with content.stream as stream:  # type: ignore[union-attr]  # files only
        return stream.read()


def item(key: str, size_bytes: int = 1) -> Item:
    return Item("contract", key, ItemKind.FILE, "", size_bytes)


# ---- a listing that fails is never taken for an empty one


def _s3_page(number: int, *, last: bool) -> Reply:
    following = "" if last else f"<NextContinuationToken>{number + 1}</NextContinuationToken>"
    contents = "".join(
        f"<Contents><Key>{number}-{each}.txt</Key><LastModified>2026-07-01T10:00:00.000Z</LastModified>"
        f"<ETag>&quot;{number}{each}&quot;</ETag><Size>5</Size></Contents>"
        for each in range(1000)
    )
    text = (
        f"<ListBucketResult><Name>{BUCKET}</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>"
        f"<IsTruncated>{str(not last).lower()}</IsTruncated>{following}{contents}</ListBucketResult>"
    )
    return Reply(200, text.encode(), {"Content-Type": "application/xml"})


def s3_pages(request: Request, pages: int = 2) -> Reply:
    """Give a listing of some pages, as S3 does."""
    number = int(parse_qs(urlsplit(request.path).query).get("continuation-token", ["0"])[0])
    return _s3_page(number, last=number == pages - 1)


def _s3_error(status: int, code: str) -> Reply:
    return Reply(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())


def _objects(count: int = 5) -> Objects:
    objects = Objects(BUCKET)
    for number in range(count):
        objects.put(f"{number}.txt", b"hello")
    return objects


KINDS: dict[str, tuple[Callable[..., Any], Callable[[], Callable[[Request], Reply]], str]] = {
    "s3": (partial(s3_crawler, {"bucket": BUCKET, "anonymous": True}), lambda: s3_pages, "continuation-token"),
    "gcs": (gcs_crawler, lambda: gcs(_objects()), "pageToken"),
    "azure": (azure_crawler, lambda: azure(_objects(), ACCOUNT), "marker"),
}
MAINTENANCE = page("<html><head><title>Maintenance</title></head><body><p>Back soon</p></body></html>")
FAULTS = {
    "a web page": MAINTENANCE,
    "a web page that is no XML": page("<html><body><p>Back soon<br></body>"),
    "nothing": Reply(200, b""),
    "an empty object of JSON": Reply(200, b"{}", {"Content-Type": "application/json"}),
    "another XML": Reply(200, b"<Other/>", {"Content-Type": "application/xml"}),
    "a failure": Reply(500),
    "no time": Reply(503),
    "no right": Reply(403),
    "no login": Reply(401),
    "no bucket": Reply(404),
    "a way elsewhere": Reply(302, headers={"Location": "http://127.0.0.1:1/"}),
    "too little": Reply(200, b'{"kind": "storage#objects"', announced=500),
    "a half page": Reply(200, _s3_page(0, last=True).body[:2000], {"Content-Type": "application/xml"}),
}


@pytest.fixture(params=KINDS)
def paged(request: pytest.FixtureRequest) -> Iterator[tuple[Crawler, WebServer, str]]:
    """A crawler, its server with a listing of several pages, and what is in the path of every page but the first."""
    make, answers, later = KINDS[request.param]
    with web(answers()) as server:
        yield make(server.url), server, later


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_listing_that_fails_at_its_start_is_an_error(paged: tuple[Crawler, WebServer, str], fault: Reply) -> None:
    crawler, server, _ = paged
    server.answer = lambda request: fault
    with pytest.raises((SourceUnreachable, SourceRefused)):
        crawler.listing()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_listing_that_fails_in_its_middle_is_an_error(paged: tuple[Crawler, WebServer, str], fault: Reply) -> None:
    crawler, server, later = paged
    well = server.answer
    assert len(crawler.listing().items) > 2
    server.answer = lambda request: fault if f"{later}=" in request.path else well(request)
    with pytest.raises((SourceUnreachable, SourceRefused)):
        crawler.listing()


def test_a_page_that_fails_once_is_asked_for_again(paged: tuple[Crawler, WebServer, str]) -> None:
    crawler, server, _ = paged
    well, fails = server.answer, iter([Reply(503)])
    expected = crawler.listing()
    server.answer = lambda request: next(fails, None) or well(request)
    assert crawler.listing() == expected


def _first_then(later: Reply, request: Request) -> Reply:
    return later if "continuation-token" in request.path else s3_pages(request)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_s3_error(400, "ExpiredToken"), SourceRefused),
        (_s3_error(403, "InvalidAccessKeyId"), SourceRefused),
        (_s3_error(403, "AccessDenied"), SourceRefused),
        (_s3_error(404, "NoSuchBucket"), SourceRefused),
        (_s3_error(503, "SlowDown"), SourceUnreachable),
        (_s3_error(500, "InternalError"), SourceUnreachable),
        (Reply(200, _s3_page(0, last=True).body.replace(b"<KeyCount>1000", b"<KeyCount>1001")), SourceUnreachable),
        (_s3_page(0, last=False), SourceUnreachable),  # leads to itself
    ],
)
def test_what_s3_says_in_the_middle_of_a_listing_is_an_error(fault: Reply, expected: type[Exception]) -> None:
    later = replace(fault, body=fault.body.replace(b"Token>1</Next", b"Token>again</Next"))
    answer = partial(_first_then, later)
    with web(answer) as server, pytest.raises(expected):
        KINDS["s3"][0](server.url).listing()


def test_a_large_bucket_is_listed_page_by_page_and_nothing_is_read() -> None:
    with web(partial(s3_pages, pages=10)) as server:
        listing = KINDS["s3"][0](server.url).listing()
        assert len(listing.items) == 10_000
        assert len(server.requests) == 10


# ---- names


@pytest.mark.live
def test_every_name_of_an_object_in_s3_is_kept_and_read(
    s3_server: S3Server,
    s3_settings: dict[str, str],  # noqa: F811 - a fixture
) -> None:
    s3_server.fill(BUCKET, {"in/dir/": b"", "in/hadoop_$folder$": b"", "in": b"not below it", "inside.txt": b"x"})
    for key in (*ODD, *DOTTED):
        # Clients resolve `..` in paths before they write; S3 itself does not.
        connection = http.client.HTTPConnection("127.0.0.1", s3_server.port)
        connection.request("PUT", f"/{BUCKET}/in/{quote(key)}", f"content of {key}".encode())
        assert connection.getresponse().status == 200
    crawler = s3_crawler(s3_settings, s3_server.url, prefix="in", hidden=True)
    listing = crawler.listing()
    assert sorted(each.key for each in listing.items) == sorted((*ODD, *DOTTED))
    assert [read(crawler, each).decode() for each in listing.items] == [f"content of {e.key}" for e in listing.items]


@pytest.mark.parametrize("kind", ["gcs", "azure"])
def test_every_name_of_an_object_in_other_stores_is_kept_and_never_leads_to_another(kind: str) -> None:
    objects = Objects(BUCKET)
    names = [name for name in (*ODD, *DOTTED) if kind == "gcs" or name != "\x01ctl"]  # no XML can hold it
    for name in names:
        objects.put(f"in/{name}", f"content of {name}".encode())
    objects.put("in/dir/", b"")
    objects.put("up.txt", b"another")
    make = gcs_crawler if kind == "gcs" else azure_crawler
    with web(gcs(objects) if kind == "gcs" else azure(objects, ACCOUNT)) as server:
        crawler = make(server.url, prefix="in", hidden=True)
        items = crawler.listing().items
        assert sorted(each.key for each in items) == sorted(names)
        for each in items:
            if kind == "azure" and each.key in DOTTED:
                with pytest.raises(ItemUnreadable, match="segment"):
                    read(crawler, each)
            else:
                assert read(crawler, each).decode() == f"content of {each.key}"


def test_patterns_choose_by_the_name_below_the_prefix_and_leave_out_whole_folders() -> None:
    objects = Objects(BUCKET)
    for key in ("in/a.csv", "in/sub/b.csv", "in/sub/c.pdf", "in/old/deep/d.csv", "in/.git/e.csv", "in/~$f.csv"):
        objects.put(key, b"x")
    with web(gcs(objects)) as server:
        crawler = gcs_crawler(server.url, prefix="in", include=["**/*.csv"], exclude=["old"])
        assert [each.key for each in crawler.listing().items] == ["a.csv", "sub/b.csv"]


# ---- an object that is not read whole is an error


@pytest.mark.live
def test_an_object_that_changes_while_it_is_read_is_an_error_also_for_a_reader_that_goes_on(
    s3_server: S3Server,
    s3_settings: dict[str, str],  # noqa: F811 - a fixture
) -> None:
    s3_server.fill(BUCKET, {"large": LARGE})
    crawler = s3_crawler(s3_settings, s3_server.url)
    [large] = crawler.listing().items
    assert read(crawler, large) == LARGE
    with crawler.fetch(large).stream as stream:
        stream.read(10)
        s3_server.client().put_object(Bucket=BUCKET, Key="large", Body=LARGE[::-1])
        for _ in range(2):
            with pytest.raises(ItemUnreadable, match="replaced") as caught:
                stream.read()
            assert caught.value.retryable
    with crawler.fetch(large).stream as stream:
        stream.read(10)
        s3_server.client().delete_object(Bucket=BUCKET, Key="large")
        with pytest.raises(ItemUnreadable, match="gone"):
            stream.read()


@pytest.mark.parametrize("kind", ["gcs", "azure"])
def test_an_object_of_another_store_that_changes_while_it_is_read_is_an_error(kind: str) -> None:
    objects = Objects(BUCKET)
    objects.put("large", LARGE)
    make = gcs_crawler if kind == "gcs" else azure_crawler
    with web(gcs(objects) if kind == "gcs" else azure(objects, ACCOUNT)) as server:
        crawler = make(server.url)
        [large] = crawler.listing().items
        assert read(crawler, large) == LARGE
        with crawler.fetch(large).stream as stream:
            stream.read(10)
            objects.put("large", LARGE[::-1])
            with pytest.raises(ItemUnreadable, match="replaced"):
                stream.read()


def _ranged(request: Request, **how: Any) -> Reply:
    objects = Objects(BUCKET, {"a": LARGE}, {"a": 1})
    return replace(objects.ranged("a", request.headers["range"], {"ETag": '"1"'}), **how)


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: _ranged(request, cut_after=1000),
        lambda request: MAINTENANCE,
        lambda request: Reply(200, b"short", {"ETag": '"1"', "Content-Range": "bytes 0-4/9"}),
        lambda request: Reply(200, LARGE, {"ETag": '"1"', "Last-Modified": MODIFIED}),  # takes no notice of the range
        lambda request: Reply(416),
        lambda request: (
            _ranged(request) if "bytes=0-" in request.headers["range"] else Reply(206, b"", {"ETag": '"1"'})
        ),
        lambda request: _ranged(request) if "bytes=0-" in request.headers["range"] else Reply(416),
    ],
    ids=["cut", "page", "short", "whole", "empty", "no more", "past its end"],
)
def test_an_object_that_does_not_arrive_whole_is_an_error_and_may_be_read_again(
    answer: Callable[[Request], Reply],
) -> None:
    with web(answer) as server:
        with pytest.raises(ItemUnreadable) as caught:
            read(KINDS["s3"][0](server.url), item("a", len(LARGE)))
        assert caught.value.retryable


def test_a_span_that_is_cut_once_is_read_again() -> None:
    fails = iter([1000])
    with web(lambda request: _ranged(request, cut_after=next(fails, None))) as server:
        assert read(KINDS["s3"][0](server.url), item("a", len(LARGE))) == LARGE


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_s3_error(404, "NoSuchKey"), ItemUnreadable),
        (_s3_error(403, "AccessDenied"), ItemUnreadable),
        (_s3_error(403, "InvalidObjectState"), ItemUnreadable),
        (_s3_error(403, "ExpiredToken"), SourceRefused),
        (_s3_error(503, "SlowDown"), SourceUnreachable),
    ],
)
def test_a_fault_of_one_object_is_told_from_a_fault_of_the_store(fault: Reply, expected: type[Exception]) -> None:
    with web(lambda request: fault) as server, pytest.raises(expected):
        read(KINDS["s3"][0](server.url), item("a"))


def test_memory_stays_at_a_span_however_large_an_object_is() -> None:
    objects = Objects(BUCKET)
    objects.put("large", LARGE * 4)
    with web(gcs(objects)) as server:
        crawler = gcs_crawler(server.url)
        [large] = crawler.listing().items
        tracemalloc.start()
        size = 0
        with crawler.fetch(large).stream as stream:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size == len(LARGE) * 4
    assert peak < 50e6


# ---- settings and secrets


def test_a_missing_package_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, module, crawler in (
        ("gcs", "gcsfs.core", GcsCrawler("contract", GcsConfig(bucket="b"), Secrets(Path()))),
        ("azure", "adlfs", AzureCrawler("contract", AzureConfig(account="a", container="c"), Secrets(Path()))),
    ):
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delitem(sys.modules, f"crawlers.files.object_stores.{kind}", raising=False)
        with pytest.raises(PluginBroken, match=rf"bifrost-kg\[{kind}\]"):
            crawler.listing()


def test_secrets_in_clear_are_refused() -> None:
    for setting in ("secret_access_key", "session_token"):
        with pytest.raises(ConfigInvalid, match=setting) as caught:
            read_source("s", {"kind": "s3", "bucket": "b", setting: CANARY}, where="here")
        assert CANARY not in str(caught.value)
    with pytest.raises(ConfigInvalid, match="sas_token"):
        read_source("s", {"kind": "azure", "account": "a", "container": "c", "sas_token": CANARY}, where="here")


def test_a_store_that_repeats_a_secret_does_not_bring_it_into_the_error(s3_settings: dict[str, str]) -> None:  # noqa: F811 - a fixture
    def answer(request: Request) -> Reply:
        return Reply(403, f"<Error><Code>Odd</Code><Message>key {CANARY}/+= is wrong</Message></Error>".encode())

    with web(answer) as server:
        crawler = s3_crawler(s3_settings, server.url)
        with pytest.raises(SourceRefused) as caught:
            crawler.listing()
        with pytest.raises(ItemUnreadable) as caught_too:
            read(crawler, item("a"))
        assert CANARY not in f"{caught.value}{caught_too.value}{vars(crawler)}"
        assert CANARY not in str([each.path for each in server.requests])


def test_credentials_that_cannot_be_read_are_refused_without_repeating_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFROST_TEST_KEY", CANARY)
    with pytest.raises(SourceRefused) as caught:
        gcs_crawler("http://127.0.0.1:1", anonymous=False, credentials="${env:BIFROST_TEST_KEY}").listing()
    assert CANARY not in str(caught.value)
    with pytest.raises(SourceRefused) as caught:
        azure_crawler("http://127.0.0.1:1", anonymous=False, access_key="${env:BIFROST_TEST_KEY}x").listing()
    assert CANARY not in str(caught.value)


# ---- the whole crawl


@pytest.mark.live
def test_a_bucket_is_kept_in_sync_and_survives_a_store_that_is_gone(
    s3_server: S3Server,
    s3_settings: dict[str, str],  # noqa: F811 - a fixture
    make_project: Callable[..., Project],
    crawl: Callable[..., StageReport],
) -> None:
    s3_server.fill("synced", {f"{number}.txt": b"hello" for number in range(6)})
    there = {"kind": "s3", **s3_settings, "bucket": "synced", "endpoint_url": s3_server.url}
    project = make_project({"files": there})
    assert crawl(project).counts["added"] == 6
    assert crawl(project).counts["unchanged"] == 6
    s3_server.client().delete_object(Bucket="synced", Key="0.txt")
    s3_server.client().put_object(Bucket="synced", Key="1.txt", Body=b"HELLO")
    report = crawl(project)
    assert (report.counts["gone"], report.counts["changed"], report.failures) == (1, 1, ())
    with web(lambda request: MAINTENANCE) as server:
        gone = make_project({"files": {**there, "endpoint_url": server.url}})
        assert crawl(gone).failures
    assert len(project.catalog.items("files")) == 5
