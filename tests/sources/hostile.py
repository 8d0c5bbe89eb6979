"""Work for a worker that does harm. In a module of its own: the worker imports it by its name."""

from __future__ import annotations

from benchmarks.fuzz import Batch, Plan
from flows.child import Beat


def hang_at_two(plan: Plan, first: int, count: int, beat: Beat) -> Batch:
    """In place of `try_batch`: input 2 takes for ever."""
    for number in range(first, first + count):
        beat.clean(number)
        while number == 2:
            pass
    beat.rest()
    return Batch()
