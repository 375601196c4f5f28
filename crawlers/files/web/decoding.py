"""Taking apart what a server compressed for the way, in bounded memory."""

import zlib
from collections.abc import Generator, Iterable

_PIECE_BYTES = 1 << 16


class NotDecoded(ValueError):
    """The content is not what its header says."""

    def __init__(self, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.cut = reason, cut


def decoded(chunks: Iterable[bytes], encoding: str) -> Generator[bytes, None, None]:
    """Undo a Content-Encoding piece by piece: no piece is larger than 64 kB, however well it was compressed.

    Raises:
        NotDecoded: the encoding is not understood, or the content breaks off or is damaged.
    """
    if encoding in ("", "identity"):
        yield from chunks
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _inflated(chunks, encoding)
        except zlib.error as error:
            raise NotDecoded(f"it cannot be decompressed: {error}") from error
    else:
        raise NotDecoded(f"the server compressed it with {encoding!r}, though it was asked not to")


def _inflated(chunks: Iterable[bytes], encoding: str) -> Generator[bytes, None, None]:
    inflater: zlib._Decompress | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            # Several members may follow one another; zeros after the last are padding.
            if inflater is None or inflater.eof:
                if inflater is not None and not rest.strip(b"\0"):
                    break
                inflater = zlib.decompressobj(_window(encoding, rest))
            if piece := inflater.decompress(rest, _PIECE_BYTES):
                yield piece
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    # An empty file may be sent without any content at all.
    if inflater is not None and not inflater.eof:
        raise NotDecoded("its compressed content ends early", cut=True)


def _window(encoding: str, head: bytes) -> int:
    """Tell zlib what to expect; servers send `deflate` with and without the header that the standard demands."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    has_header = len(head) > 1 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
