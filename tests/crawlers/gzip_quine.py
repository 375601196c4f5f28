"""A gzip file that unpacks to itself, made after Russ Cox, "Zip Files All The Way Down" (2010).

Each instruction takes five bytes: `literal(n)` prints the n bytes after it, `repeat(n)` the last n bytes printed.
"""

import struct
import zlib

_HEADER = bytes.fromhex("1f8b08000000000000ff")
_LAST_BLOCK = bytes.fromhex("010000ffff")
_LENGTH_CODES = {9: 263, 10: 264}


def quine() -> bytes:
    """Give the bytes of the file."""
    blank = _file(0)
    columns = [zlib.crc32(_file(1 << bit)) ^ zlib.crc32(blank) ^ (1 << bit) for bit in range(32)]
    return _file(_solved(columns, zlib.crc32(blank)))


def _file(checksum: int) -> bytes:
    size = len(_written(b"\0" * 8))
    return _written(struct.pack("<II", checksum, size))


def _written(trailer: bytes) -> bytes:
    head, again, nothing = _HEADER, _repeat(20), _literal(0)
    end = _repeat(18) + _LAST_BLOCK + trailer
    return b"".join((
        head,
        _literal(10), head,
        _literal(20), _literal(10), head, _literal(20),
        again,
        _literal(5), again,
        _literal(5), _literal(5),
        _literal(20), again, _literal(5), _literal(5), _literal(20),
        again,
        _literal(20), again, _literal(20), again, _literal(20),
        again,
        _literal(20), again, nothing, nothing, _literal(18),
        again, nothing, nothing,
        _literal(18), end,
        end,
    ))  # fmt: skip


def _literal(count: int) -> bytes:
    return struct.pack("<BHH", 0, count, count ^ 0xFFFF)


def _repeat(count: int) -> bytes:
    """Two matches of half the length at this distance (17 to 24): with the block's frame exactly 40 bits."""
    match = _reversed(_LENGTH_CODES[count // 2] - 256, 7) | _reversed(8, 5) << 7 | (count - 17) << 12
    bits = 0b010 | match << 3 | match << 18  # and seven zeros end the block
    return bits.to_bytes(5, "little")


def _reversed(code: int, length: int) -> int:
    return int(f"{code:0{length}b}"[::-1], 2)


def _solved(columns: list[int], target: int) -> int:
    """Solve the linear equations over bits; a column says what one bit of the unknown changes."""
    basis: dict[int, tuple[int, int]] = {}
    for bit, column in enumerate(columns):
        value, chosen = _reduced(column, 1 << bit, basis)
        if value:
            basis[value.bit_length()] = (value, chosen)
    rest, solution = _reduced(target, 0, basis)
    assert rest == 0
    return solution


def _reduced(value: int, chosen: int, basis: dict[int, tuple[int, int]]) -> tuple[int, int]:
    for top in sorted(basis, reverse=True):
        if value.bit_length() == top:
            value, chosen = value ^ basis[top][0], chosen ^ basis[top][1]
    return value, chosen
