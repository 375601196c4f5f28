"""What people choose about object stores."""

from pydantic import Field, field_validator

from bifrost.config import Strict


class ObjectStoreConfig(Strict):
    """What every kind of object store lets people choose."""

    prefix: str = Field(default="", description="the folder to read, such as reports/2024; empty for all")
    endpoint_url: str | None = Field(default=None, description="where the store answers, if not at its usual place")
    include: list[str] = Field(default=["**/*"], description="patterns of wanted objects, such as reports/**/*.pdf")
    exclude: list[str] = Field(default=[], description="patterns of unwanted objects and folders; they win")
    hidden: bool = Field(default=False, description="also read hidden and temporary files (.*, ~$*, *.tmp)")
    anonymous: bool = Field(default=False, description="read without credentials what is public")
    connect_timeout_seconds: float = Field(default=10, gt=0, description="how long to wait for a connection")
    read_timeout_seconds: float = Field(default=60, gt=0, description="how long to wait for the next bytes")

    @field_validator("prefix")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        return value if not value or value.endswith("/") else value + "/"


class S3Config(ObjectStoreConfig):
    """Where the bucket is, who reads it, and which of its objects are wanted."""

    bucket: str = Field(min_length=1, description="the bucket's name, or the ARN of an access point")
    region: str | None = Field(default=None, description="the bucket's region, such as eu-central-1")
    access_key_id: str | None = Field(
        default=None, description="name of the key; none for the credentials of the environment"
    )
    secret_access_key: str | None = Field(default=None, description="a reference such as ${env:NAME}")
    session_token: str | None = Field(default=None, description="a reference, for temporary credentials")
    ca_file: str | None = Field(default=None, description="certificates to trust, relative to the project's home")


class GcsConfig(ObjectStoreConfig):
    """Where the bucket is, who reads it, and which of its objects are wanted."""

    bucket: str = Field(min_length=1, description="the bucket's name")
    credentials: str | None = Field(
        default=None,
        description="a reference to a service account's key, such as ${file:key.json}; none for the environment's",
    )


class AzureConfig(ObjectStoreConfig):
    """Where the container is, who reads it, and which of its blobs are wanted."""

    account: str = Field(min_length=1, description="the storage account's name")
    container: str = Field(min_length=1, description="the container's name")
    access_key: str | None = Field(default=None, description="a reference such as ${env:NAME}; the account's key")
    sas_token: str | None = Field(default=None, description="a reference; a shared access signature instead")
    tenant_id: str | None = Field(default=None, description="the directory of a service principal")
    client_id: str | None = Field(default=None, description="the name of a service principal")
    client_secret: str | None = Field(default=None, description="a reference; the secret of a service principal")
