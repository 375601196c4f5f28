"""Choose the form of an answer from an Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence


def negotiated(accept: str, offers: Sequence[str]) -> str | None:
    """Give the offered media type that the caller likes best, None when it likes none; the first offer wins ties."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    liked = [(_quality(offer, ranges), -position, offer) for position, offer in enumerate(offers)]
    quality, _, offer = max(liked)
    return offer if quality > 0 else None


def _range(text: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media_type, _number(value)
    return media_type, 1.0


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Give the quality of the most specific range that holds the offer."""
    kind = offer.split("/", maxsplit=1)[0]
    for wanted in (offer, f"{kind}/*", "*/*"):
        for media_type, quality in ranges:
            if media_type == wanted:
                return quality
    return 0.0
