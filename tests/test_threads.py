"""`clean()` may be called from as many threads as one likes, from the first call on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

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
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 0, found.stderr[-3000:]
    assert "of them asked" in found.stdout
