"""Which places of a text are taken: of spans that overlap, the one that came first stands."""


class Taken:
    """The places of one text, characters or words, that a span holds already."""

    def __init__(self, length: int) -> None:
        self._places = bytearray(length)

    def is_free(self, start: int, end: int) -> bool:
        """Tell whether nothing holds any of these places."""
        return self._places.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        """Hold these places."""
        self._places[start:end] = b"\1" * (end - start)
