"""How MIME writes bytes as lines of text (RFC 2045, section 6), undone block by block."""

import binascii
import string
from collections.abc import Callable, Iterator

_NOT_BASE64 = bytes(set(range(256)) - set((string.ascii_letters + string.digits + "+/=").encode()))


def decoder(encoding: str) -> Callable[[Iterator[bytes]], Iterator[bytes]] | None:
    """Give what undoes an encoding, or None for one that is not supported."""
    return _DECODERS.get(encoding.strip().lower())


def _plain(blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield from blocks


def _base64(blocks: Iterator[bytes]) -> Iterator[bytes]:
    carry, padded = b"", False
    for block in blocks:
        if padded:
            continue  # what follows the padding is no content, such as the footer of a mailing list
        data, padding, _after = (carry + block.translate(None, _NOT_BASE64)).partition(b"=")
        whole = len(data) // 4 * 4
        yield binascii.a2b_base64(data[:whole])
        carry, padded = data[whole:], bool(padding)
    if len(carry) == 1:
        raise ValueError("its last letters are missing")
    yield binascii.a2b_base64(carry + b"=" * (-len(carry) % 4))


def _quoted_printable(blocks: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""
    for block in blocks:
        data = carry + block
        # A block may end within an escape of three characters, or within the line end that it escapes.
        cut = data.rfind(b"=", max(0, len(data) - 3))
        cut = len(data) if cut < 0 else cut
        yield binascii.a2b_qp(data[:cut])
        carry = data[cut:]
    yield binascii.a2b_qp(carry)


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    **dict.fromkeys(("", "7bit", "8bit", "binary"), _plain),
    "base64": _base64,
    "quoted-printable": _quoted_printable,
}
