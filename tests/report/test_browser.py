"""The page of a run in a real browser: charts, keys, export, accessibility, hostile text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from flows.cases import read_cases
from tests.flows.runs import ROOT, run_inline
from tests.report.test_page import HOSTILE
from training.corpora import NAMES, samples

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REAL = "cleaners.recipe:explain_record"
CORPORA = ROOT.parent / "shared" / "corpora"
LOOKS = [(width, scheme) for width in (390, 1440) for scheme in ("light", "dark")]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a screen and without its own network traffic."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield started
        started.close()


@pytest.fixture(scope="module")
def of_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run over seeds/, with a page beside them that attacks."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copytree(ROOT / "seeds", folder / "in")
    row = {
        "text": f"{HOSTILE}\n\n{'Paragraph of words. ' * 30}\n{HOSTILE}",
        "url": "https://<b>.example/\"'",
        "title": HOSTILE,
    }
    (folder / "in" / "attack.jsonl").write_text(json.dumps(row))
    run_inline(folder / "in", folder / "lake", report=True, cleaner=REAL)
    return next((folder / "lake").glob("report/*/index.html"))


@pytest.fixture(scope="module")
def of_corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run over real pages."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "in").mkdir()
    for number, sample in enumerate(islice(samples(NAMES[0]), 60)):
        (folder / "in" / f"{number}.html").write_bytes(sample.payload())
    run_inline(folder / "in", folder / "lake", report=True, cleaner=REAL)
    return next((folder / "lake").glob("report/*/index.html"))


@pytest.fixture(
    params=[
        "of_seeds",
        pytest.param(
            "of_corpora",
            marks=[pytest.mark.corpora, pytest.mark.skipif(not CORPORA.is_dir(), reason="needs ../shared/corpora")],
        ),
    ]
)
def path(request: pytest.FixtureRequest) -> Path:
    """Each of the pages."""
    found: Path = request.getfixturevalue(request.param)
    return found


def opened(browser: Browser, path: Path, width: int = 1440, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page, and what its console said."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, said


def test_it_opens_and_shows_its_charts(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path)
    assert said == []
    drawn = page.locator("figure svg")
    assert drawn.count() >= 8
    boxes = [drawn.nth(at).bounding_box() for at in range(drawn.count())]
    assert all(box is not None and box["height"] > 60 for box in boxes)
    assert page.locator("figure .mark-rect path, figure .mark-area path").count() >= 30


def test_twenty_documents_by_keyboard(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path)
    seen = set()
    for number in range(1, 21):
        assert f"Document {number} of" in page.locator("#place").inner_text()
        seen.add(page.locator("#blocks").inner_text())
        page.keyboard.press("n")
        assert page.locator(".block.chosen.cut").count() == (1 if page.locator(".block.cut").count() else 0)
        page.keyboard.press("j")
    page.keyboard.press("k")
    assert "Document 20 of" in page.locator("#place").inner_text()
    assert len(seen) >= 19
    assert said == []


def test_the_export_is_valid_and_its_cases_run(browser: Browser, path: Path, tmp_path: Path) -> None:
    page, _ = opened(browser, path)
    wrong = missed = 0
    for _ in range(12):
        page.keyboard.press("n")
        if page.locator(".block.chosen.cut").count():
            page.keyboard.press("w")
            wrong += 1
        kept = page.locator(".block:not(.cut)")
        if kept.count():
            kept.first.click()
            page.keyboard.press("m")
            missed += 1
        page.keyboard.press("j")
    with page.expect_download() as download:
        page.keyboard.press("e")
    download.value.save_as(tmp_path / "cases.toml")
    cases = read_cases(tmp_path / "cases.toml")
    assert wrong
    assert missed
    assert 0 < sum(case.use == "keep" for case in cases) <= wrong  # the same line may be marked on two pages
    assert 0 < sum(case.use == "cut" for case in cases) <= missed
    assert all(isinstance(case.holds, bool) for case in cases)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_accessible_and_no_wider_than_the_screen(browser: Browser, path: Path, width: int, scheme: str) -> None:
    page, _ = opened(browser, path, width, scheme)
    page.keyboard.press("n")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    faults = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in faults] == []


def test_hostile_text_is_shown_as_text(browser: Browser, of_seeds: Path) -> None:
    page, said = opened(browser, of_seeds)
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    shown = []
    for _ in range(41):
        shown.append(page.locator("#document").inner_text())
        page.keyboard.press("j")
    text = "\n".join(shown)
    assert "</script><script>alert(1)</script>" in text
    assert "\\u202egnp.exe" in text
    assert "\u202e" not in page.content()
    assert page.locator("#document img, #document script").count() == 0
    assert (alerts, said) == ([], [])


def test_the_index_opens(browser: Browser, of_seeds: Path) -> None:
    page, said = opened(browser, of_seeds.parents[1] / "index.html")
    page.locator("tbody a").first.click()
    assert page.locator("h1").inner_text().startswith("Run 20")
    assert said == []
