"""What is made once and stays for the life of the process: rules, automata, profiles of languages."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def lasting(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """`functools.cache` for what holds objects by the ten thousand, which the garbage collector is told to pass over.

    Going through the rules again and again costs a tenth of a page, and a tenth of loading them. Garbage that is there
    before is collected first, so that none is kept with them. All that lives then is passed over with them, for
    `gc.freeze` makes no difference: a cycle of the caller's own that is dropped later stays until `gc.unfreeze`.
    """

    @cache
    @wraps(make)
    def made(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        enabled = gc.isenabled()
        gc.collect()
        gc.disable()
        try:
            return make(*args, **kwargs)
        finally:
            gc.freeze()
            if enabled:
                gc.enable()

    return made  # type: ignore[return-value]  # hashable arguments are asked for by `cache` itself
