"""What the fakes of object stores have in common: objects, and the parts of their protocols that reading needs."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.servers.web import Reply, Request

MODIFIED = "Wed, 01 Jul 2026 10:00:00 GMT"
PAGE_OBJECTS = 2
"""Small, so that every listing has several pages."""


@dataclass
class Objects:
    """The objects of one bucket, and how often each was written."""

    name: str
    contents: dict[str, bytes] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        self.contents[key] = content
        self.generations[key] = self.generations.get(key, 1_000) + 1

    def page(self, prefix: str, after: str, size: int = PAGE_OBJECTS) -> tuple[list[str], str]:
        """Give the keys of a page, and the last of them if more follow."""
        keys = sorted(key for key in self.contents if key.startswith(prefix) and key > after)
        return keys[:size], keys[size - 1] if len(keys) > size else ""

    def tag(self, key: str) -> str:
        """Name the content."""
        return hashlib.md5(self.contents[key]).hexdigest()

    def ranged(self, key: str, asked: str, headers: dict[str, str]) -> Reply:
        """Give the bytes that a Range header asks for."""
        content = self.contents[key]
        start, _, end = asked.removeprefix("bytes=").partition("-")
        if int(start) >= len(content):
            return Reply(416)
        part = content[int(start) : int(end) + 1]
        where = {"Content-Range": f"bytes {start}-{int(start) + len(part) - 1}/{len(content)}"}
        return Reply(206, part, {**where, "Last-Modified": MODIFIED, **headers})


def gcs(objects: Objects) -> Callable[[Request], Reply]:
    """Speak the JSON API of Google Cloud Storage, as far as reading needs it."""

    def answer(request: Request) -> Reply:
        path = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(path.query).items()}
        start = f"/storage/v1/b/{objects.name}/o"
        if path.path == start:
            return _json(_gcs_page(objects, asked))
        key = unquote(path.path.removeprefix(start + "/"))
        if not path.path.startswith(start) or key not in objects.contents:
            return _json({"error": {"code": 404, "message": "No such object"}}, 404)
        generation = str(objects.generations[key])
        if asked.get("ifGenerationMatch", generation) != generation:
            return _json({"error": {"code": 412, "message": "Precondition Failed"}}, 412)
        return objects.ranged(key, request.headers["range"], {"x-goog-generation": generation})

    return answer


def _gcs_page(objects: Objects, asked: dict[str, str]) -> dict[str, object]:
    keys, following = objects.page(asked.get("prefix", ""), asked.get("pageToken", ""))
    items = [
        {"name": key, "size": str(len(objects.contents[key])), "generation": str(objects.generations[key])}
        for key in keys
    ]
    page: dict[str, object] = {"kind": "storage#objects"}
    return page | ({"items": items} if items else {}) | ({"nextPageToken": following} if following else {})


def azure(objects: Objects, account: str) -> Callable[[Request], Reply]:
    """Speak the protocol of Azure Blob Storage, as far as reading needs it."""

    def answer(request: Request) -> Reply:
        path = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(path.query).items()}
        start = f"/{account}/{objects.name}"
        if path.path == start and asked.get("comp") == "list":
            return _xml(_azure_page(objects, asked))
        key = unquote(path.path.removeprefix(start + "/"))
        if not path.path.startswith(start):
            return _azure_error(404, "ContainerNotFound")
        if key not in objects.contents:
            return _azure_error(404, "BlobNotFound")
        tag = f'"{objects.generations[key]}"'
        if request.headers.get("if-match", tag) != tag:
            return _azure_error(412, "ConditionNotMet")
        asked_range = request.headers.get("x-ms-range", "bytes=0-99999999")
        return objects.ranged(key, asked_range, {"ETag": tag, "x-ms-blob-type": "BlockBlob"})

    return answer


def _azure_page(objects: Objects, asked: dict[str, str]) -> str:
    keys, following = objects.page(asked.get("prefix", ""), asked.get("marker", ""))
    blobs = "".join(
        f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{MODIFIED}</Last-Modified>"
        f"<Etag>{objects.generations[key]}</Etag><Content-Length>{len(objects.contents[key])}</Content-Length>"
        f"<BlobType>BlockBlob</BlobType></Properties>{_azure_metadata(key)}</Blob>"
        for key in keys
    )
    head = f'<EnumerationResults ServiceEndpoint="http://127.0.0.1/" ContainerName="{objects.name}">'
    return f"{head}<Blobs>{blobs}</Blobs><NextMarker>{escape(following)}</NextMarker></EnumerationResults>"


def _azure_metadata(key: str) -> str:
    # As accounts with a hierarchical namespace show their folders.
    return "<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>" if key.endswith("-folder") else ""


def _azure_error(status: int, code: str) -> Reply:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Reply(status, body.encode(), {"Content-Type": "application/xml", "x-ms-error-code": code})


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _xml(text: str) -> Reply:
    return Reply(200, f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode(), {"Content-Type": "application/xml"})
