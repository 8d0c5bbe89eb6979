"""What is made once and stays for the life of the process: rules, automata, profiles of languages."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def lasting(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """`functools.cache` for what holds objects by the ten thousand: the garbage collector rests while they are made.

    It would go through them again and again, and find that all of them stay: a tenth of a cold start. Once they are
    there they cost it a tenth of a page; a process of one's own may spare it that by `gc.freeze()`, as workers do.
    """

    @cache
    @wraps(make)
    def made(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        enabled = gc.isenabled()
        gc.disable()
        try:
            return make(*args, **kwargs)
        finally:
            if enabled:
                gc.enable()

    return made  # type: ignore[return-value]  # hashable arguments are asked for by `cache` itself
