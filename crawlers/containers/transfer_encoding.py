"""How MIME writes bytes as lines of text (RFC 2045, section 6), undone line by line."""

import binascii
import string
from collections.abc import Callable, Iterator

_NOT_BASE64 = bytes(set(range(256)) - set((string.ascii_letters + string.digits + "+/=").encode()))


def decoder(encoding: str) -> Callable[[Iterator[bytes]], Iterator[bytes]] | None:
    """Give what undoes an encoding, or None for one that is not supported."""
    return _DECODERS.get(encoding.strip().lower())


def _plain(lines: Iterator[bytes]) -> Iterator[bytes]:
    yield from lines


def _base64(lines: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""
    for line in lines:
        data, padding, _after = (carry + line.translate(None, _NOT_BASE64)).partition(b"=")
        if padding:
            carry = data
            break  # what follows the padding is no content, such as the footer of a mailing list
        whole = len(data) // 4 * 4
        yield binascii.a2b_base64(data[:whole])
        carry = data[whole:]
    if len(carry) % 4 == 1:
        raise ValueError("its last letters are missing")
    yield binascii.a2b_base64(carry + b"=" * (-len(carry) % 4))
    for _line in lines:
        pass


def _quoted_printable(lines: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""
    for line in lines:
        data = carry + line
        # A piece of a very long line may end within an escape of three characters.
        cut = -1 if data.endswith(b"\n") else data.rfind(b"=", max(0, len(data) - 2))
        cut = len(data) if cut < 0 else cut
        yield binascii.a2b_qp(data[:cut])
        carry = data[cut:]
    yield binascii.a2b_qp(carry)


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    **dict.fromkeys(("", "7bit", "8bit", "binary"), _plain),
    "base64": _base64,
    "quoted-printable": _quoted_printable,
}
