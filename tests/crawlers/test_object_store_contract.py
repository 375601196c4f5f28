from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.files.object_stores.config import AzureConfig, GcsConfig, S3Config
from crawlers.files.object_stores.crawler import AzureCrawler, GcsCrawler, S3Crawler
from tests.servers.object_stores import Objects, azure, gcs
from tests.servers.s3 import ACCESS_KEY_ID, SECRET_ACCESS_KEY, S3Server
from tests.servers.web import WebServer, web

BUCKET = "contract"
KEYS = ("a.txt", "b/c.txt", "b/d é.txt", "e//f")
NOBODY_LISTENS = "http://127.0.0.1:1"
ACCOUNT = "someone"


def content_of(key: str) -> bytes:
    return f"content of {key}\n".encode() * 500


@pytest.fixture
def s3_settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Put credentials where references find them, and give the references."""
    monkeypatch.setenv("BIFROST_TEST_S3_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("BIFROST_TEST_S3_SECRET", SECRET_ACCESS_KEY)
    return {
        "bucket": BUCKET,
        "region": "us-east-1",
        "access_key_id": "${env:BIFROST_TEST_S3_ID}",
        "secret_access_key": "${env:BIFROST_TEST_S3_SECRET}",
    }


def s3_crawler(settings: dict[str, str], url: str, **more: object) -> S3Crawler:
    config = S3Config.model_validate({**settings, "endpoint_url": url, **more})
    return S3Crawler("contract", config, Secrets(Path()))


@pytest.mark.live
class TestS3Crawler(CrawlerContract):
    kind = "s3"
    expected_keys = KEYS

    @pytest.fixture(autouse=True)
    def bucket(self, s3_server: S3Server) -> None:
        s3_server.fill(BUCKET, {f"in/{key}": content_of(key) for key in KEYS} | {"in/b/": b"", "out.txt": b"outside"})

    @pytest.fixture
    def crawler(self, s3_server: S3Server, s3_settings: dict[str, str]) -> S3Crawler:
        return s3_crawler(s3_settings, s3_server.url, prefix="in")

    @pytest.fixture
    def unreachable(self, s3_settings: dict[str, str]) -> S3Crawler:
        return s3_crawler(s3_settings, NOBODY_LISTENS)

    @pytest.fixture
    def change(self, s3_server: S3Server) -> Callable[[], str]:
        def replace_by_one_of_the_same_size() -> str:
            content = content_of("a.txt").replace(b"content", b"CONTENT")
            s3_server.client().put_object(Bucket=BUCKET, Key="in/a.txt", Body=content)
            return "a.txt"

        return replace_by_one_of_the_same_size

    @pytest.fixture
    def source_state(self, s3_server: S3Server) -> Callable[[], object]:
        def objects() -> object:
            listed = s3_server.client().list_objects_v2(Bucket=BUCKET)["Contents"]
            return [(each["Key"], each["ETag"], each["LastModified"]) for each in listed]

        return objects


class _FakeStoreContract(CrawlerContract):
    """The contract on a store that exists in a cloud only: a fake speaks the part of its protocol that reads."""

    @pytest.fixture
    def objects(self) -> Objects:
        objects = Objects(BUCKET)
        for key in KEYS:
            objects.put(f"in/{key}", content_of(key))
        objects.put("in/b/", b"")
        objects.put("in/b-folder", b"")
        objects.put("out.txt", b"outside")
        return objects

    @pytest.fixture
    def change(self, objects: Objects) -> Callable[[], str]:
        def replace_by_one_of_the_same_size() -> str:
            objects.put("in/a.txt", content_of("a.txt").replace(b"content", b"CONTENT"))
            return "a.txt"

        return replace_by_one_of_the_same_size

    @pytest.fixture
    def source_state(self, objects: Objects, server: WebServer) -> Callable[[], object]:
        def writes() -> object:
            return dict(objects.generations), {each.method for each in server.requests} - {"GET", "HEAD"}

        return writes


def gcs_crawler(url: str, **more: object) -> GcsCrawler:
    pytest.importorskip("gcsfs", reason="bifrost-kg[gcs] is not installed")
    config = GcsConfig.model_validate({"bucket": BUCKET, "endpoint_url": url, "anonymous": True, **more})
    return GcsCrawler("contract", config, Secrets(Path()))


class TestGcsCrawler(_FakeStoreContract, CrawlerContract):
    kind = "gcs"
    expected_keys = KEYS

    @pytest.fixture
    def server(self, objects: Objects) -> Iterator[WebServer]:
        del objects.contents["in/b-folder"]
        with web(gcs(objects)) as server:
            yield server

    @pytest.fixture
    def crawler(self, server: WebServer) -> GcsCrawler:
        return gcs_crawler(server.url, prefix="in")

    @pytest.fixture
    def unreachable(self) -> GcsCrawler:
        return gcs_crawler(NOBODY_LISTENS)


def azure_crawler(url: str, **more: object) -> AzureCrawler:
    pytest.importorskip("adlfs", reason="bifrost-kg[azure] is not installed")
    settings = {"account": ACCOUNT, "container": BUCKET, "endpoint_url": f"{url}/{ACCOUNT}", "anonymous": True, **more}
    return AzureCrawler("contract", AzureConfig.model_validate(settings), Secrets(Path()))


class TestAzureCrawler(_FakeStoreContract, CrawlerContract):
    kind = "azure"
    expected_keys = KEYS

    @pytest.fixture
    def server(self, objects: Objects) -> Iterator[WebServer]:
        with web(azure(objects, ACCOUNT)) as server:
            yield server

    @pytest.fixture
    def crawler(self, server: WebServer) -> AzureCrawler:
        return azure_crawler(server.url, prefix="in")

    @pytest.fixture
    def unreachable(self) -> AzureCrawler:
        return azure_crawler(NOBODY_LISTENS)
