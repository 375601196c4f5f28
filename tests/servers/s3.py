"""A real S3 endpoint (moto's server, in a process of its own) on a free loopback port."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.processes import free_port

CANARY = "canary-S3cret"
ACCESS_KEY_ID, SECRET_ACCESS_KEY = "AKIABIFROSTTEST00000", CANARY + "/+="
_START_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """A running server; every test makes buckets of its own."""

    port: int

    @property
    def url(self) -> str:
        """Give the endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> Any:
        """Give a plain client that may write."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
        )

    def fill(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Make a bucket anew, with these objects."""
        client = self.client()
        if bucket in (each["Name"] for each in client.list_buckets()["Buckets"]):
            self.empty(bucket)
        else:
            client.create_bucket(Bucket=bucket)
        for key, content in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=content)

    def empty(self, bucket: str) -> None:
        """Delete all objects of a bucket."""
        client = self.client()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for each in page.get("Contents", ()):
                client.delete_object(Bucket=bucket, Key=each["Key"])


def missing() -> str:
    """Say why no server can be started here, or nothing."""
    absent = [name for name in ("moto", "flask", "boto3") if importlib.util.find_spec(name) is None]
    return f"moto[server] is not installed (no {', '.join(absent)})" if absent else ""


@contextmanager
def s3() -> Iterator[S3Server]:
    """Start a server, and end it at the end."""
    server = S3Server(free_port())
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(server.port)]
    with tempfile.TemporaryDirectory(prefix="bifrost-s3-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(os.environ)
            )
        try:
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(server: S3Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(server.url, trust_env=False).status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"moto's server did not start: {log.read_text(errors='replace')[-2000:]}")
