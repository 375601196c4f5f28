"""How many threads numerical libraries take."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Grow and ask trees on one thread: several wait for each other in a loop, and without end where a core is taken.

    Measured on two cores of which one was busy: 40 seconds became more than ten minutes.
    """
    import sklearn.ensemble  # noqa: F401 -- only what is loaded can be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
