"""A process without network: a filter in the kernel (seccomp) refuses new sockets. Standard library only."""

import ctypes
import platform
import struct
import sys

_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Machine -> (how the kernel names it, the number of the call `socket`)."""

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # errno EACCES
_CALL_AT, _MACHINE_AT = 0, 4
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_sockets() -> bool:
    """Give up sockets for this thread and those that it starts; False where the system cannot do that."""
    if not sys.platform.startswith("linux") or platform.machine() not in _SOCKET_CALLS:
        return False
    machine, call = _SOCKET_CALLS[platform.machine()]
    instructions = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD, 0, 0, _MACHINE_AT),
            (_JUMP_IF_EQUAL, 0, 2, machine),
            (_LOAD, 0, 0, _CALL_AT),
            (_JUMP_IF_EQUAL, 1, 0, call),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        )
    )
    program = _Program(len(instructions) // 8, instructions)
    control = ctypes.CDLL(None, use_errno=True).prctl
    zero = ctypes.c_ulong(0)
    if control(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero):
        return False
    return int(control(_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), zero, zero)) == 0
