"""What servers in tests share: free ports, and users that may run them."""

import os
import socket
import subprocess


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def as_user(name: str) -> list[str]:
    """Give what stands before a command that refuses to run as root."""
    return ["runuser", "-u", name, "--"] if os.geteuid() == 0 else []


def run(*command: object, user: str, timeout_seconds: float) -> None:
    """Run a command of a server to its end, and fail with what it said."""
    result = subprocess.run(
        [*as_user(user), *map(str, command)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout_seconds,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{command[0]} failed: {result.stdout.decode(errors='replace')[-2000:]}")
