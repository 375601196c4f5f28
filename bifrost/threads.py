"""How many threads numerical libraries take."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

TREES = "sklearn.ensemble"


@contextmanager
def one_thread(library: str) -> Iterator[None]:
    """Let a library work on one thread; it is loaded first, as only what is loaded can be limited.

    Several threads wait for each other in a loop between small pieces of work, without end where a core is taken: on
    two cores of which one was busy, growing trees took more than ten minutes instead of 40 seconds.
    """
    from threadpoolctl import threadpool_limits

    import_module(library)
    with threadpool_limits(1):
        yield
