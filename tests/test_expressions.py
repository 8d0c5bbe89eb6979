"""No expression over input backtracks without bound: each is fed the worst that can be made for it, up to 1 MB."""

from __future__ import annotations

import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cleaners.detect import detect
from tests.environment import unmeasured
from tests.expressions import ROOT, Attack, Expression, attacks

TRIED = 40  # attacks on an expression
SIZE = 1 << 14
SUSPICIOUS = 0.02  # CPU seconds for SIZE; what is linear takes a hundredth of it, what is not is measured closer
GROWTH = 8.0  # from a size to its fourfold: linear is 4, quadratic 16
LARGEST = 1 << 20
AT_LARGEST = 14.0  # growth there: what a match remembers no longer fits the processor's caches
PATIENCE = 2.0  # CPU seconds for 64 kB, more for more


class Endless(Exception):
    """A match took longer than it may."""


@contextmanager
def patience(allowed: float) -> Iterator[None]:
    """End what takes more CPU seconds than allowed: `re` looks for signals while it works."""

    def end(*_: object) -> None:
        raise Endless

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, allowed)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def seconds(expression: Expression, attack: Attack, size: int) -> float:
    """CPU seconds, the better of two tries; infinite where it does not end."""
    text = attack.text(size, binary=isinstance(expression.pattern, bytes))
    compiled: Any = expression.compiled
    run: Callable[[Any], object] = getattr(compiled, expression.way)
    if expression.way == "search":
        run = lambda text: [None for _ in compiled.finditer(text)]  # noqa: E731 - all the way through, as `sub` goes
    best = float("inf")
    try:
        with patience(PATIENCE * max(1, size // (4 * SIZE))):
            for _ in range(2):
                start = time.process_time()
                run(text)
                best = min(best, time.process_time() - start)
                if best < SUSPICIOUS:
                    break
    except Endless:
        return best
    return best


def grows(expression: Expression, attack: Attack, size: int, least: float, most: float = GROWTH) -> bool:
    """Whether the fourfold text takes much more than four times as long; under `least` seconds nothing can be said.

    Three times in a row: other programs take the machine's caches now and then.
    """
    return all(
        not seconds(expression, attack, 4 * size) < most * max(seconds(expression, attack, size), least)
        for _ in range(3)
    )


def worst(expression: Expression) -> tuple[Attack, bool]:
    """The attack that takes longest, and whether time grows faster than the text under it."""
    cost: dict[Attack, float] = {}
    for attack in attacks(expression, TRIED):
        cost[attack] = seconds(expression, attack, SIZE)
        if cost[attack] > SUSPICIOUS and grows(expression, attack, SIZE // 16, 1e-5):
            return attack, True
    return max(cost, key=lambda attack: cost[attack]), False


@pytest.fixture(scope="module")
def expressions(tmp_path_factory: pytest.TempPathFactory) -> list[Expression]:
    """All of the project, found in a process of their own: here they are compiled already."""
    path = tmp_path_factory.mktemp("expressions") / "found"
    subprocess.run([sys.executable, "-m", "tests.expressions", str(path)], env=unmeasured(), check=True, cwd=ROOT)
    return [Expression(*found) for found in pickle.loads(path.read_bytes())]


@pytest.mark.full  # as the next: neighbours on the machine show in the times
def test_an_expression_that_backtracks_is_found() -> None:
    harmful = [r"\s+$", r"(a+)+b", r"<!--.*?-->"]
    assert [pattern for pattern in harmful if not worst(Expression("m", pattern, re.S, "search"))[1]] == []
    harmless = [r"(?<!\s)\s++$", r"<[^<>]*>", r"\w+", r"(?:foo|bar)\b"]
    assert [pattern for pattern in harmless if worst(Expression("m", pattern, 0, "search"))[1]] == []


# Kept from what it cannot take by the function around it, which is tested below.
GUARDED = {("cleaners.detect", rb"<(?:script|style)\b.*?</(?:script|style)|<[^<>]*>")}
PARTS = ("shapes", "dates", "titles", "credits", "normal", "isodate", "bylines", "sniff", "mojibake")


@pytest.mark.full
def test_every_expression_takes_time_in_proportion(expressions: list[Expression]) -> None:
    modules = {expression.module for expression in expressions}
    assert modules >= {"flows.sources.jsonl", "flows.logs", *(f"cleaners.{name}" for name in PARTS)}
    assert len(expressions) > 200
    found: list[str] = []
    for expression in expressions:
        if (expression.module, expression.pattern) in GUARDED:
            continue
        attack, grown = worst(expression)
        if grown or grows(expression, attack, LARGEST // 4, 0.05, AT_LARGEST):
            found.append(f"{expression.module}: {expression.pattern!r} ({expression.way}) at {attack}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("again", [b"<style", b"<script ", b"<script></script", b"</style<style", b"<", b"a" * 7])
def test_the_encoding_of_hostile_markup_is_found_in_proportion(again: bytes) -> None:
    def cost(size: int) -> float:
        start = time.process_time()
        for _ in detect(again * (size // len(again)) + b"caf\xe9", html=True):
            pass
        return time.process_time() - start

    cost(1000)  # imports
    short, long = (min(cost(size) for _ in range(3)) for size in (50_000, 200_000))
    assert long < GROWTH * max(short, 0.02)
