"""Figures, charts and documents → one self-contained file a run, and an index of the runs.

Nothing is loaded from anywhere. The Content-Security-Policy admits only the page's own style and script, by digest; all
text of pages is escaped by the template or set by the script as text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cleaners.explain import printable
from cleaners.rulebook import kinds
from flows.lake.files import each, make_folder, write_whole
from flows.lake.ledger import Entry, Tally
from flows.lake.place import Lake
from flows.logs import redact
from flows.report.charts import charts
from flows.report.gather import Figures, gather
from flows.report.history import FILE, changes, hosts_of, read_hosts
from flows.report.review import Review, embedded, review
from flows.runs import RunReport, read_report

FOLDER = "report"
HUE_STEP = 137.5  # degrees; the golden angle keeps neighbours apart


def write_page(lake: Lake, report: RunReport, entries: Mapping[str, Entry]) -> Path:
    """Write the page of a run and the index of runs; the page's path.

    `entries` are those of the shards the run brought in; the page's figures are theirs.
    """
    folder = lake.root / FOLDER / report.run
    make_folder(folder)
    figures = gather(lake, entries.values())
    now = hosts_of(figures)
    before = (read_hosts(lake.root / FOLDER / run) for run in _earlier(lake, report.run))
    page = page_of(report, figures, review(lake, entries, figures), changes(now, before))
    write_whole(folder / FILE, orjson.dumps(now, option=orjson.OPT_SORT_KEYS))
    write_whole(folder / "index.html", page.encode())
    write_index(lake)
    return folder / "index.html"


def write_index(lake: Lake) -> None:
    """Write the page that lists the runs."""
    write_whole(lake.root / FOLDER / "index.html", _index(lake).encode())


def page_of(report: RunReport, figures: Figures, shown: Review, changed: Sequence[object]) -> str:
    """The HTML of a run's page."""
    style = _asset("report.css") + _kind_colours()
    script = _asset("review.js")
    return _environment().get_template("page.html.jinja").render(
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=Markup(embedded({"run": report.run, "documents": list(shown.documents), "kinds": _labels()})),
        report=report,
        total=report.total,
        figures=figures,
        charts=[(chart, Markup(chart.svg)) for chart in charts(report, figures)],
        changed=changed,
        shown=shown,
        slowest=sorted(report.seconds.items(), key=lambda item: -item[1]),
    )  # fmt: skip


def _index(lake: Lake) -> str:
    """The list of runs that have a page, the newest first."""
    pages = sorted((path.parent.name for path in (lake.root / FOLDER).glob("*/index.html")), reverse=True)
    kept = each(lake.root, lambda run: read_report(lake, run), pages)
    reports = [report for report in kept if report is not None]
    style = _asset("report.css")
    template = _environment().get_template("index.html.jinja")
    return template.render(policy=_policy(style), style=Markup(style), reports=reports, none=Tally())


def _earlier(lake: Lake, run: str) -> list[str]:
    """Runs before this one that have a page, the newest first."""
    return sorted(
        (path.parent.name for path in (lake.root / FOLDER).glob(f"*/{FILE}") if path.parent.name < run), reverse=True
    )


def _policy(*own: str) -> str:
    """The Content-Security-Policy that admits the style and, where there is one, the script."""
    digests = [f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in own]
    script = f" script-src {digests[1]};" if len(digests) > 1 else ""
    return f"default-src 'none'; style-src {digests[0]};{script} base-uri 'none'; form-action 'none'"


def _labels() -> dict[str, str]:
    return {name: kind.label for name, kind in kinds().items()}


def _kind_colours() -> str:
    """A hue a kind; the style sheet gives it the lightness for light and dark."""
    rules = [f".k-{name} {{ --hue: {round(at * HUE_STEP) % 360}; }}" for at, name in enumerate(kinds())]
    return "\n".join(rules) + "\n"


@cache
def _environment() -> Environment:
    found = Environment(loader=PackageLoader("flows.report", "."), autoescape=True, undefined=StrictUndefined)
    found.filters["number"] = lambda number: f"{number:,}"
    found.filters["printable"] = lambda text: printable(redact(str(text)))
    return found


@cache
def _asset(name: str) -> str:
    return (files("flows.report") / name).read_text(encoding="utf-8")


__all__ = ["Figures", "page_of", "write_index", "write_page"]
