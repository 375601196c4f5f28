"""What the end of a script says: its exit status, the error it reported, its last words."""

import json
import signal

from bifrost.scripts.faults import Blame, ScriptFault

SOURCE_AWAY, SOURCE_REFUSED = 75, 77
"""EX_TEMPFAIL and EX_NOPERM of sysexits.h."""


def ending_fault(code: int, tail: bytes, last_words: str, cpu_seconds: int) -> ScriptFault:
    """Say why a script that ended with this status, or by the signal `-code`, has failed.

    Args:
        code: what the operating system says of its end; not 0.
        tail: the end of its answer, whose last line may be an error.
        last_words: the last line of its standard error.
        cpu_seconds: its limit on processor time.
    """
    reported, retryable = _reported(tail)
    reason = reported or last_words
    if code == SOURCE_AWAY:
        return ScriptFault(reason or f"the script ended with status {code}", Blame.AWAY, retryable=True)
    if code == SOURCE_REFUSED:
        return ScriptFault(reason or f"the script ended with status {code}", Blame.REFUSED)
    if reported:
        return ScriptFault(reported, Blame.REPORTED, retryable=retryable)
    if code == -signal.SIGXCPU:
        return ScriptFault(f"it used more than {cpu_seconds} s of processor time (cpu_seconds)")
    how = f"status {code}" if code > 0 else f"signal {-code} ({signal.strsignal(-code)})"
    return ScriptFault(f"the script ended with {how}" + (f": {reason}" if reason else ""))


def _reported(tail: bytes) -> tuple[str, bool]:
    last = tail.strip().rpartition(b"\n")[2]
    try:
        value = json.loads(last.decode())
    except (ValueError, RecursionError):
        return "", False
    if not isinstance(value, dict) or not isinstance(value.get("error"), str):
        return "", False
    return value["error"], value.get("retryable") is True
