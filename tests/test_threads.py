"""`clean()` may be called from as many threads as one likes, from the first call on.

The first test shows that threads give what one gives; it seldom sees a lock that is missing, since what that breaks
needs luck. The others hold the first thread inside of what must be entered by one at a time until the second has come
in as well, or to the lock before it: one of the two happens, however slow the machine is.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trafilatura

from cleaners import clean, fallback
from cleaners.language import detectors
from tests.environment import ROOT, unmeasured

PAGE = ROOT / "seeds/html/en-wordpress.html"
PATIENCE = 600  # seconds that nothing here takes, on the busiest machine
PROSE = "The storm came in from the west and tore the roofs off forty houses in the harbour."

# In a process of its own: nothing is loaded yet when the threads begin, and a crash of C code is seen as one.
PROGRAM = """
import random, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from cleaners import clean, fallback
from cleaners.errors import RecordError

fallback.ASK_BELOW = 2.0  # every page asks trafilatura
THREADS = 8
paths = [*sorted(Path("seeds/html").glob("*.html")), *sorted(Path("seeds/text").glob("*.txt"))[::3]]
pages = {path.name: path.read_bytes() for path in paths}
barrier = threading.Barrier(THREADS)

def cleaned(name):
    try:
        document = clean(pages[name])
    except RecordError as error:
        return error.reason
    return document.text, document.title, document.language, document.published, document.method, document.flags

def work(number):
    names = sorted(pages)
    random.Random(number).shuffle(names)
    barrier.wait()
    return {name: cleaned(name) for name in names}

sys.setswitchinterval(1e-5)
with ThreadPoolExecutor(THREADS) as pool:
    answers = list(pool.map(work, range(THREADS)))
alone = {name: cleaned(name) for name in pages}
asked = sum(answer[4] == "trafilatura" for answer in alone.values())
assert asked, "trafilatura answered for none"
for answer in answers:
    different = [name for name in pages if answer[name] != alone[name]]
    assert not different, [(name, answer[name], alone[name]) for name in different[:2]]
print(len(pages), "pages,", asked, "of them asked")
"""


@pytest.mark.slow
def test_eight_threads_give_what_one_gives() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], env=unmeasured(), capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 0, found.stderr[-3000:]
    assert "of them asked" in found.stdout


class Watched:
    """A lock that sets an event when a thread finds it held by another."""

    def __init__(self, found_held: threading.Event) -> None:
        self._lock, self._found_held = threading.RLock(), found_held

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._found_held.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Narrow:
    """A function that says whether two threads were inside at once: the first stays until the second has `come`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._counting = function, threading.Lock()
        self.entered, self.inside, self.met = 0, 0, False
        self.come = threading.Event()

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        with self._counting:
            self.entered, self.inside = self.entered + 1, self.inside + 1
            if self.inside > 1:
                self.met = True
                self.come.set()
        try:
            assert self.come.wait(PATIENCE), "the second thread came neither in nor to the lock"
            return self._function(*arguments, **more)
        finally:
            with self._counting:
                self.inside -= 1


def together(function: Callable[[], object]) -> None:
    """Call it from two threads at the same time."""
    begin = threading.Barrier(2)

    def work(_: int) -> object:
        begin.wait()
        return function()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))


def test_what_must_be_narrow_is_seen_to_be_wide() -> None:
    wide = Narrow(lambda: None)
    together(wide)
    assert (wide.entered, wide.met) == (2, True)


@pytest.mark.slow
def test_one_thread_at_a_time_is_in_trafilatura(monkeypatch: pytest.MonkeyPatch) -> None:
    extract = Narrow(trafilatura.extract)
    page = PAGE.read_bytes()
    monkeypatch.setattr(fallback, "ASK_BELOW", 2.0)  # every page asks
    clean(page)  # what is loaded once is no matter of this test
    monkeypatch.setattr(trafilatura, "extract", extract)
    monkeypatch.setattr(fallback, "_LOCK", Watched(extract.come))
    together(lambda: clean(page))
    assert (extract.entered, extract.met) == (2, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loader", "asked"), [("_load_langdetect", detectors.by_langdetect), ("_load_langid", detectors.by_langid)]
)
def test_one_thread_at_a_time_loads_a_detector(
    loader: str, asked: Callable[[str], detectors.Guess], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Narrow(getattr(detectors, loader))
    monkeypatch.setattr(detectors, loader, load)
    monkeypatch.setattr(detectors, "_LOADING", Watched(load.come))
    together(lambda: asked(PROSE))
    assert (load.entered, load.met) == (2, False)
