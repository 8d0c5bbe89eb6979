"""Hostile inputs through every source and through `clean()`: `python -m benchmarks.fuzz [--inputs N | --minutes M]`.

Most inputs are files of seeds/ with bytes changed, every sixteenth is invented by Hypothesis. Each is read and its
records are counted; of a share of them (`--clean`) one record is cleaned too, and of half as many the bytes are given
to `clean()` as they are. All of that in a worker process with the limits of a run. What is raised uncaught, hangs, eats
memory, crashes or leaves a record without account is a finding: it is printed, its bytes go to --findings, and the exit
code is 1. `--replay FILE` tries such a file again. Documents that are cleaned are what costs: with `--clean 1 --largest
3000` a minute of one core is worth some 5,000 of them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from benchmarks.mutations import LARGEST, Input, mutated, strategies
from benchmarks.obligations import Inquiry
from cleaners.errors import WinnowError
from flows.child import Beat
from flows.workers import Broken, Limits, WorkerPool

BATCH = 500
INVENTED_EVERY = 16
LIMITS = Limits(cpu_seconds=10.0, recycle_after=20_000)
# What the parts under test may raise by mistake. MemoryError and RecursionError are among their children.
UNCAUGHT = (
    *(ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, ImportError, LookupError, MemoryError),
    *(NameError, OSError, RuntimeError, StopIteration, SyntaxError, TypeError, ValueError, WinnowError),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong with input `number`, in words; `kind` groups what has the same cause."""

    number: int
    kind: str
    text: str


@dataclass(slots=True)
class Batch:
    """What a worker found: how much was cleaned, and the CPU seconds of the slowest input with its number."""

    findings: list[Finding] = field(default_factory=list)
    cleaned: int = 0
    slowest: tuple[float, int] = (0.0, 0)


@dataclass(slots=True)
class Result:
    """What a run came to."""

    inputs: int = 0
    cleaned: int = 0
    findings: list[Finding] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)

    def take(self, inputs: int, batch: Batch) -> None:
        """Count a batch in."""
        self.inputs += inputs
        self.cleaned += batch.cleaned
        self.findings += batch.findings
        self.slowest = max(self.slowest, batch.slowest)


def judge(given: Input, seed: int, number: int, share: float, batch: Batch) -> None:
    """Put one input to the question; what is wrong goes into `batch`."""
    inquiry = Inquiry(given, random.Random(f"{seed}:{number}:checks"), share)
    try:
        for sentence in inquiry.wrong():
            batch.findings.append(Finding(number, sentence.split(":")[0][:80], f"{given.name}: {sentence}"))
    except UNCAUGHT as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
        batch.findings.append(Finding(number, kind, f"{given.name}: {traceback.format_exc(limit=-6)}"))
    batch.cleaned += inquiry.cleaned


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the inputs of a run and what is done with them: the same plan, the same run.

    `share` of the inputs are cleaned; they are made of seeds of at most `largest` bytes.
    """

    seed: int
    share: float = 0.5
    largest: int = LARGEST


def try_batch(plan: Plan, first: int, count: int, beat: Beat) -> Batch:
    """Try `count` inputs from number `first`."""
    batch = Batch()
    for number, given in _inputs(plan, first, count):
        beat.clean(number)
        started = time.process_time()
        judge(given, plan.seed, number, plan.share, batch)
        batch.slowest = max(batch.slowest, (time.process_time() - started, number))
    beat.rest()
    return batch


def _inputs(plan: Plan, first: int, count: int) -> Iterator[tuple[int, Input]]:
    invented = (first // BATCH) % INVENTED_EVERY == INVENTED_EVERY - 1
    numbers = range(first, first + count)
    if not invented:
        yield from ((number, mutated(plan.seed, number, plan.largest)) for number in numbers)
        return
    start = first // BATCH * BATCH
    yield from list(enumerate(_invented(plan, start, first + count - start), start))[first - start :]


def _invented(plan: Plan, first: int, count: int) -> list[Input]:
    """So many inputs from Hypothesis; the same for the same numbers."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    made: list[Input] = []

    def collect(value: Input) -> None:
        made.append(value)

    limits: Any = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    test: Any = seeded(plan.seed * 1_000_003 + first)(limits(cast(Any, given(strategies()))(collect)))
    test()
    return (made + [mutated(plan.seed, first + at, plan.largest) for at in range(len(made), count)])[:count]


def make(plan: Plan, number: int) -> Input:
    """Input `number` of a run, made again."""
    return next(given for at, given in _inputs(plan, number, 1) if at == number)


class Fuzzer:
    """Runs batch after batch in one worker."""

    def __init__(self, plan: Plan, limits: Limits = LIMITS) -> None:
        self.plan, self.limits = plan, limits
        self.result = Result()

    def run(self, goes_on: Callable[[Result], bool], told: Callable[[Result], None] = lambda result: None) -> Result:
        """Go on as long as `goes_on`; `told` hears of each batch."""
        following = 0
        with WorkerPool(1, self.limits) as pool:
            while goes_on(self.result):
                following = self._batch(pool, following)
                told(self.result)
        return self.result

    def _batch(self, pool: WorkerPool, first: int) -> int:
        """One call of a worker; the number of the input that comes next: behind one that breaks the worker."""
        count = BATCH - first % BATCH
        try:
            self.result.take(count, pool.call(try_batch, self.plan, first, count))
        except Broken as broken:
            number = first if broken.ordinal is None else broken.ordinal
            name = make(self.plan, number).name
            self.result.take(1, Batch([Finding(number, broken.reason, f"{name}: {broken.detail}")]))
            if number > first:  # what the batch had found was lost with its worker
                self.result.take(number - first, pool.call(try_batch, self.plan, first, number - first))
            return number + 1
        return first + count


def replay(path: Path) -> int:
    """Try one file again, under its own name."""
    batch = Batch()
    for number in range(20):  # what is done with an input is left to chance too
        judge(Input(path.name, path.read_bytes()), 0, number, 1.0, batch)
    for finding in batch.findings[:3]:
        print(finding.text)
    return 1 if batch.findings else 0


def report(result: Result, plan: Plan, folder: Path) -> None:
    """Say what was found, the commonest first, and put the bytes of the first of each kind aside."""
    first = {finding.kind: finding for finding in reversed(result.findings)}
    for kind, times in Counter(finding.kind for finding in result.findings).most_common():
        given = make(plan, first[kind].number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{first[kind].number}-{given.name}").write_bytes(given.data)
        print(f"\n{times} times: {kind}, first at input {first[kind].number}\n{first[kind].text}")
    slow, number = result.slowest
    print(
        f"{result.inputs:,} inputs read, {result.cleaned:,} documents cleaned, seed {plan.seed}: "
        f"{len(result.findings)} findings; the slowest took {slow:.2f} CPU seconds (input {number})"
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=2_000, help="inputs to try (default 2000)")
    parser.add_argument("--minutes", type=float, help="go on for so long instead")
    parser.add_argument("--clean", type=float, default=0.5, help="share that is cleaned: ten times as dear (0.5)")
    parser.add_argument("--largest", type=int, default=LARGEST, help=f"bytes of the samples that are used ({LARGEST})")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="repeat a run")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="where inputs are put aside")
    parser.add_argument("--replay", type=Path, help="try one file again")
    options = parser.parse_args()
    if options.replay:
        return replay(options.replay)
    print(f"seed {options.seed}", flush=True)
    most = sys.maxsize if options.minutes else int(options.inputs)
    until = time.monotonic() + 60 * float(options.minutes or 1e9)

    def goes_on(result: Result) -> bool:
        return result.inputs < most and time.monotonic() < until

    shown: list[Finding] = []

    def told(result: Result) -> None:
        for finding in result.findings[len(shown) :]:
            print(f"input {finding.number}: {finding.kind}", flush=True)
        shown[:] = result.findings
        if sys.stderr.isatty() or result.inputs % 10_000 < BATCH:
            print(f"{result.inputs:,} inputs, {len(result.findings)} findings", file=sys.stderr, flush=True)

    plan = Plan(options.seed, options.clean, options.largest)
    result = Fuzzer(plan).run(goes_on, told)
    report(result, plan, options.findings)
    return 1 if result.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
