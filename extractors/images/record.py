"""The record of a picture: one row with what is known of it besides its text."""

from collections.abc import Sequence

import pyarrow as pa

from bifrost.ports import FoundTable
from bifrost.schemas import PERCEPTUAL_HASH, PLACE
from extractors.images.exif import Exif

PICTURE = "picture"
"""The kind of the found table, and the name of the logical table that the pictures of a folder make."""

_SCHEMA = pa.schema(
    [
        pa.field(PLACE, pa.string()),
        pa.field(PERCEPTUAL_HASH, pa.string()),
        pa.field("taken_at", pa.timestamp("us")),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("camera", pa.string()),
        pa.field("codes", pa.string()),
    ]
)


def picture_record(exif: Exif, looks: str | None, codes: Sequence[str]) -> FoundTable:
    """Make the record, with codes as FORMAT TEXT; all pictures have the same fields, so that they make one table."""
    values = ("picture", looks, exif.taken_at, exif.latitude, exif.longitude, exif.camera, "; ".join(codes) or None)
    columns = [pa.array([value], each.type) for value, each in zip(values, _SCHEMA, strict=True)]
    return FoundTable(PICTURE, pa.table(columns, schema=_SCHEMA), PICTURE)
