"""What tells that a file may have changed, without reading it."""

import os
import time

_CLOCK_TICK_NS = 20_000_000
"""Kernels stamp files with a clock that ticks every 1-10 ms."""


def fingerprint(state: os.stat_result) -> str:
    """Sum up a file's state; a replaced file differs by its inode, and by its change time even with an old date."""
    return f"{state.st_size}-{state.st_mtime_ns}-{state.st_ctime_ns}-{state.st_ino}"


def changed_ns(state: os.stat_result) -> int:
    """Give the time of a file's last change."""
    return max(state.st_mtime_ns, state.st_ctime_ns)


def settle(latest_ns: int) -> None:
    """Wait until a later change gets a later time stamp than `latest_ns`.

    Without it, a change right after the listing could carry the listed time stamp, and would never be seen.
    """
    if time.time_ns() - latest_ns < _CLOCK_TICK_NS:
        time.sleep(_CLOCK_TICK_NS / 1e9)
