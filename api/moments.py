"""Points in time as answers carry them."""

from datetime import UTC, datetime


def in_utc(moment: datetime | None) -> datetime | None:
    """Say of the catalog's moment that it is in UTC, so that readers elsewhere do not take it for their own time."""
    return moment and moment.replace(tzinfo=UTC)
