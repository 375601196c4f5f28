"""What the extract stage hands to the link stage: one manifest of logical tables, documents, profiles and matches."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bifrost.model import ItemKind, Table
from bifrost.staging import Staging


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one source as staged batches; each list holds digests."""

    documents: tuple[str, ...]
    """Batches of `bifrost.schemas.DOCUMENTS`."""
    blocks: tuple[str, ...]
    mentions: tuple[str, ...]
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that is known about the content of all sources."""

    tables: tuple[Table, ...] = ()
    documents: Mapping[str, Documents] | None = None
    profiles: str = ""
    """Digest of one batch of `bifrost.schemas.PROFILES`."""
    matches: str = ""
    """Digest of one batch of `bifrost.schemas.MATCHES`."""
    value_matches: str = ""
    """Digest of one batch of `bifrost.schemas.VALUE_MATCHES`."""
    digest: str = ""

    @classmethod
    def load(cls, staging: Staging, digest: str) -> "Extraction":
        """Read a manifest."""
        value = staging.json(digest)
        return cls(
            tables=tuple(_table(entry) for entry in value["tables"]),
            documents={
                source: Documents(**{part: tuple(digests) for part, digests in entry.items()})
                for source, entry in value["documents"].items()
            },
            profiles=value["profiles"],
            matches=value["matches"],
            value_matches=value.get("value_matches", ""),
            digest=digest,
        )

    def store(self, staging: Staging) -> str:
        """Write the manifest and return its digest."""
        return staging.put_json(
            {
                "tables": [asdict(table) for table in sorted(self.tables, key=lambda table: table.id)],
                "documents": {source: asdict(entry) for source, entry in (self.documents or {}).items()},
                "profiles": self.profiles,
                "matches": self.matches,
                "value_matches": self.value_matches,
            }
        )


def _table(value: Mapping[str, Any]) -> Table:
    return Table(
        source=value["source"],
        name=value["name"],
        fields=tuple(value["fields"]),
        key=tuple(value["key"]),
        rows=value["rows"],
        batches=tuple(value["batches"]),
        origin=ItemKind(value["origin"]),
    )
