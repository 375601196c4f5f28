"""Functions over arrays that are compiled to machine code when they are first called."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers; the machine code is kept beside the module, or in the user's cache."""
    made: Function = numba.njit(function, cache=True, nogil=True)
    return made
