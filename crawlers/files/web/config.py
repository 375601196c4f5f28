"""What people choose about files on web servers."""

import httpx
from pydantic import Field, field_validator, model_validator

from bifrost.config import Strict
from bifrost.secrets import REFERENCE


class HttpConfig(Strict):
    """Which files are read, and how their servers are asked."""

    urls: list[str] = Field(default=[], description="addresses of single files")
    listings: list[str] = Field(default=[], description="addresses of folders whose index pages are read")
    include: list[str] = Field(default=["**/*"], description="patterns of wanted files, by path below their listing")
    exclude: list[str] = Field(default=[], description="patterns of unwanted files and folders; they win")
    hidden: bool = Field(default=False, description="also read hidden and temporary files (.*, ~$*, *.tmp)")
    max_depth: int | None = Field(
        default=None, ge=0, description="how many folders deep a listing goes; 0 for no sub-folders, none for all"
    )
    index_paths: dict[str, str] = Field(
        default={}, description="listing -> path that its page names, where a proxy shows another than the address"
    )
    allowed_hosts: list[str] = Field(
        default=[], description="other hosts (host or host:port) that links and redirects may lead to"
    )
    user: str | None = Field(default=None, description="name for basic authentication")
    password: str | None = Field(default=None, description="a reference such as ${env:NAME}, for basic authentication")
    token: str | None = Field(default=None, description="a reference, for authentication with a bearer token")
    headers: dict[str, str] = Field(default={}, description="headers to send; secret ones by reference")
    ca_file: str | None = Field(default=None, description="certificates to trust, relative to the project's home")
    timeout_seconds: float = Field(default=30, gt=0, description="how long to wait for the next bytes")
    max_file_mb: float = Field(default=1024, gt=0, description="largest file, after decompression")
    max_redirects: int = Field(default=5, ge=0, description="how many redirects are followed")
    requests_per_second: float | None = Field(default=None, gt=0, description="most requests; none for no limit")

    @field_validator("urls", "listings")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        for each in value:
            try:
                address = httpx.URL(REFERENCE.sub("x", each))
            except httpx.InvalidURL:
                raise ValueError("must be addresses") from None
            if address.scheme not in ("http", "https") or not address.host:
                raise ValueError("must begin with http:// or https://")
            if address.userinfo:
                raise ValueError("must not hold a name or password: give user and password")
        return value

    @field_validator("listings")
    @classmethod
    def _are_folders(cls, value: list[str]) -> list[str]:
        if any(REFERENCE.search(each) or "?" in each for each in value):
            raise ValueError("must be plain addresses, without references and questions")
        return [_folder_url(each) for each in value]

    @field_validator("index_paths")
    @classmethod
    def _are_of_folders(cls, value: dict[str, str]) -> dict[str, str]:
        return {_folder_url(address): path for address, path in value.items()}

    @model_validator(mode="after")
    def _is_possible(self) -> "HttpConfig":
        if not self.urls and not self.listings:
            raise ValueError("give at least one address in urls or listings")
        if self.index_paths.keys() - set(self.listings):
            raise ValueError("index_paths names an address that is not in listings")
        if self.token and self.user:
            raise ValueError("give a token, or user and password, not both")
        return self


def _folder_url(address: str) -> str:
    try:
        return str(httpx.URL(address if address.endswith("/") else address + "/"))
    except httpx.InvalidURL:
        raise ValueError("must be addresses") from None
