"""What the operating system holds a worker process to, and what it and its children use."""

import contextlib
import os
import resource
import sys
from pathlib import Path

_MEGABYTE = 1 << 20
_FILE_TIMES_MEMORY = 4
"""What a file may make its worker write grows with what it may make it hold."""
_DUCKDB_LACKS_MEMORY, _LIBXML_LACKS_MEMORY = "OutOfMemoryException", 2
_PARENT = 1
"""The field of `/proc/PID/stat` after the process's name and state."""


def hold_to(pid: int, memory_mb: int) -> None:
    """Limit what a running process may allocate and write; an allocation beyond fails at once, before it is used.

    What the process had reserved and never touched when it began is no use of memory, and is added.
    """
    if sys.platform != "linux":
        return
    reserved = max(0, _pages(pid, 5) - _pages(pid, 1)) * _page_bytes()
    for kind, most in (
        (resource.RLIMIT_DATA, memory_mb * _MEGABYTE + reserved),
        (resource.RLIMIT_FSIZE, memory_mb * _MEGABYTE * _FILE_TIMES_MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            hard = resource.prlimit(pid, kind)[1]
            within = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, kind, (within, within))


def lacked_memory(error: BaseException | None) -> bool:
    """Tell whether a library failed for want of memory, whatever it calls that and whoever wrapped it."""
    while error is not None:
        if isinstance(error, MemoryError) or type(error).__name__ == _DUCKDB_LACKS_MEMORY:
            return True
        if isinstance(error, SyntaxError) and getattr(error, "code", None) == _LIBXML_LACKS_MEMORY:
            return True
        error = error.__cause__
    return False


def resident_mb(pid: int) -> float:
    """Give the memory that a process has in use; 0 when it has ended, or on a system without /proc."""
    return _pages(pid, 1) * _page_bytes() / _MEGABYTE


def descendants(pid: int) -> list[int]:
    """Give the processes that a process has started, and those that these have, whatever sessions they made."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[_PARENT])
        except (OSError, IndexError):  # ended meanwhile
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = list(children.get(pid, ()))
    for each in found:
        found += children.get(each, ())
    return found


def _pages(pid: int, field: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[field])
    except (OSError, IndexError):
        return 0


def _page_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE")
