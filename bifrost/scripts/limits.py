"""What one answer of a script may use, and how a shell is told so."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass

_SHELL = "/bin/sh"
# A shell sets the limits, because code between fork and exec is not safe in a process with threads.
# The soft limit on the processor ends a script with a signal of its own, the hard one a script that ignores it.
_WITHIN_LIMITS = (
    'ulimit -c 0 && ulimit -n "$1" && ulimit -v "$2" && ulimit -S -t "$3" && ulimit -H -t "$4" && shift 4 && exec "$@"'
)
_GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one answer; those on memory, processor and files count for each process of the script."""

    answer_seconds: float
    silence_seconds: float
    cpu_seconds: int
    memory_mb: int
    output_bytes: int
    open_files: int

    def around(self, command: Sequence[str]) -> list[str]:
        """Give the command that sets the limits and then becomes `command`."""
        limits = (
            _within(resource.RLIMIT_NOFILE, self.open_files),
            _within(resource.RLIMIT_AS, self.memory_mb << 20) >> 10,
            _within(resource.RLIMIT_CPU, self.cpu_seconds),
            _within(resource.RLIMIT_CPU, self.cpu_seconds + _GRACE_SECONDS),
        )
        return [_SHELL, "-c", _WITHIN_LIMITS, _SHELL, *map(str, limits), *command]


def _within(kind: int, wanted: int) -> int:
    """Keep a limit below the one that this process has itself, which it may not raise."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
