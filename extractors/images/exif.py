"""What a camera wrote into a picture (EXIF 2.32): when and where it was taken, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_CAMERA_FOLDER, _PLACE_FOLDER = 0x8769, 0x8825
_MAKER, _MODEL, _CHANGED_AT = 0x010F, 0x0110, 0x0132
_TAKEN_AT, _TAKEN_OFFSET = 0x9003, 0x9011
_LATITUDE, _LONGITUDE = (1, 2, "S", 90), (3, 4, "W", 180)
"""The fields of the hemisphere and of the degrees, the hemisphere that counts as negative, and the most degrees."""
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Exif:
    """Times are in UTC where the camera says how far its clock is from it; else they are what its clock showed."""

    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str | None = None

    def lines(self) -> tuple[str, ...]:
        """Say it in words, for people and for search."""
        place = f"{self.latitude}, {self.longitude}" if self.latitude is not None else None
        said = {"Camera": self.camera, "Taken at": self.taken_at and self.taken_at.isoformat(" "), "Place": place}
        return tuple(f"{label}: {value}" for label, value in said.items() if value)


def read_exif(image: Any) -> Exif:
    """Read what an opened picture (Pillow) says; what is missing, damaged or impossible is left out."""
    try:
        main = image.getexif()
        camera, place = main.get_ifd(_CAMERA_FOLDER), main.get_ifd(_PLACE_FOLDER)
    except (ValueError, SyntaxError, TypeError, KeyError, OSError, AttributeError):  # of a damaged directory
        return Exif()
    latitude, longitude = _degrees(place, *_LATITUDE), _degrees(place, *_LONGITUDE)
    known = latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)
    return Exif(
        taken_at=_moment(camera.get(_TAKEN_AT), camera.get(_TAKEN_OFFSET)) or _moment(main.get(_CHANGED_AT), None),
        latitude=latitude if known else None,
        longitude=longitude if known else None,
        camera=_camera(main.get(_MAKER), main.get(_MODEL)),
    )


def _moment(written: Any, offset: Any) -> datetime | None:
    """Read `2026:03:01 12:30:00`; cameras without a clock write zeros or blanks."""
    try:
        if isinstance(offset, str) and offset.strip():
            moment = datetime.strptime(f"{written} {offset.strip()}", "%Y:%m:%d %H:%M:%S %z")
            return moment.astimezone(UTC).replace(tzinfo=None)
        return datetime.strptime(str(written).strip(" \x00"), "%Y:%m:%d %H:%M:%S")
    except (ValueError, OverflowError):
        return None


def _degrees(place: Mapping[int, Any], hemisphere: int, field: int, negative: str, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in place[field])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:  # also where it is no number
        return None
    return round(-value if str(place.get(hemisphere, "")).strip(" \x00").upper() == negative else value, 6)


def _camera(maker: Any, model: Any) -> str | None:
    """Join maker and model; most models name their maker again."""
    first, second = (" ".join(str(each or "").replace("\x00", " ").split())[:_LONGEST_NAME] for each in (maker, model))
    if second.casefold().startswith(first.casefold()):
        first = ""
    return f"{first} {second}".strip() or None
