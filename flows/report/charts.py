"""Figures → charts: Vega-Lite specifications, drawn to SVG when the page is made, so that it needs no script for them.

Colours are names of roles (`currentColor`, ACCENT, ...), which the page's style sheet paints for light and dark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows.report.gather import BINS, Figures
from flows.runs import RunReport

ACCENT = "#3b6ea8"  # painted anew by the style sheet
WIDTH = 320
MOST_ROWS = 14
MOST_COLUMNS = 8
MOST_POINTS = 40
LONGEST_LABEL = 26
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its title, what it shows in a sentence, the rows behind it (heads and cells) and the drawing."""

    title: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    svg: str


def charts(report: RunReport, figures: Figures) -> list[Chart]:
    """The charts of a page, in the order of the page; those that would be empty are left out."""
    made = [
        _funnel(report),
        _bars("Kinds of boilerplate", "Blocks cut, by kind.", ("kind", "blocks"), report.kinds),
        _grid(
            "Kinds by language",
            "Blocks cut an article, by kind and language.",
            "language",
            figures.kinds_by_language,
            figures.languages,
        ),
        _grid(
            "Kinds by host",
            "Blocks cut an article, by kind and host.",
            "host",
            _by_host(figures),
            Counter({host: seen.articles for host, seen in figures.hosts.items()}),
        ),
        _histogram("Kept share", "Articles by the share of the page's characters that was kept.", figures.kept_shares),
        _histogram("Confidence", "Articles by how likely their text is right.", figures.confidences),
        _bars("Languages", "Articles by language.", ("language", "articles"), dict(figures.languages.most_common())),
        _dates(figures.dates),
        _pace(report.pace),
        _bars(
            "Quarantine", "Records that could not be read or cleaned, by reason.", ("reason", "records"), report.reasons
        ),
    ]
    return [chart for chart in made if chart is not None]


def _funnel(report: RunReport) -> Chart:
    total = report.total
    steps = {
        "records": total.records,
        "read": total.records - total.quarantined,
        "asked for": total.records - total.quarantined - total.filtered,
        "articles": total.articles,
    }
    about = "What became of the records: read, not filtered out, and no duplicate."
    chart = _bars("From records to articles", about, ("step", "records"), steps)
    assert chart is not None  # a funnel has its steps, be they 0
    return chart


def _bars(title: str, about: str, heads: tuple[str, str], counts: Mapping[str, int]) -> Chart | None:
    """Horizontal bars with their numbers, in the order given."""
    if not counts:
        return None
    rows = [{"name": _label(name), "count": count} for name, count in list(counts.items())[:MOST_ROWS]]
    names = [row["name"] for row in rows]
    spot = {"y": {"field": "name", "type": "nominal", "sort": names, "title": None}}
    across = {"x": {"field": "count", "type": "quantitative", "axis": None}}
    layers = [
        {"mark": {"type": "bar", "color": ACCENT}, "encoding": {**spot, **across}},
        {
            "mark": {"type": "text", "align": "left", "dx": 4},
            "encoding": {**spot, **across, "text": {"field": "count", "format": ","}},
        },
    ]
    return _chart(title, about, heads, [(str(n), f"{c:,}") for n, c in counts.items()], rows, {"layer": layers})


def _grid(title: str, about: str, over: str, counts: Counter[tuple[str, str]], articles: Counter[str]) -> Chart | None:
    """A field of cells, kinds down, `over` across: cut blocks an article."""
    if not counts:
        return None
    kinds: Counter[str] = Counter()
    for (kind, _), blocks in counts.items():
        kinds[kind] += blocks
    down = [kind for kind, _ in kinds.most_common(MOST_ROWS)]
    across = [name for name, _ in articles.most_common(MOST_COLUMNS)]
    rows = [
        {"kind": kind, "over": _label(name), "rate": round(counts[kind, name] / articles[name], 1)}
        for kind in down
        for name in across
        if counts[kind, name]
    ]
    where = {
        "y": {"field": "kind", "type": "nominal", "sort": down, "title": None},
        "x": {
            "field": "over",
            "type": "nominal",
            "sort": [_label(name) for name in across],
            "title": None,
            "axis": {"orient": "top", "labelAngle": -40 if over == "host" else 0},
        },
    }
    shade = {"field": "rate", "type": "quantitative", "legend": None, "scale": {"range": [0.06, 0.55]}}
    layers = [
        {"mark": {"type": "rect", "color": ACCENT}, "encoding": {**where, "opacity": shade}},
        {"mark": {"type": "text", "fontSize": 9}, "encoding": {**where, "text": {"field": "rate"}}},
    ]
    cells = [(str(row["kind"]), str(row["over"]), str(row["rate"])) for row in rows]
    return _chart(title, about, ("kind", over, "blocks an article"), cells, rows, {"layer": layers})


def _histogram(title: str, about: str, bins: Sequence[int]) -> Chart | None:
    if not any(bins):
        return None
    rows = [{"from": at / BINS, "to": (at + 1) / BINS, "count": count} for at, count in enumerate(bins)]
    spec = {
        "mark": {"type": "bar", "color": ACCENT, "binSpacing": 1},
        "encoding": {
            "x": {"field": "from", "bin": {"binned": True}, "title": None, "axis": {"format": "%", "tickCount": 5}},
            "x2": {"field": "to"},
            "y": {"field": "count", "type": "quantitative", "title": "articles"},
        },
    }
    cells = [(f"{row['from']:.0%} to {row['to']:.0%}", f"{row['count']:,}") for row in rows if row["count"]]
    return _chart(title, about, ("share", "articles"), cells, rows, spec)


def _dates(days: Counter[str]) -> Chart | None:
    """Articles a day, a month or a year: what shows best."""
    known = {day: count for day, count in days.items() if _is_day(day)}
    if not known:
        return None
    span = (date.fromisoformat(max(known)) - date.fromisoformat(min(known))).days
    digits, unit = next((digits, unit) for digits, unit, longest in _UNITS if span <= longest)
    grouped: Counter[str] = Counter()
    for day, count in known.items():
        grouped[day[:digits]] += count
    rows = [{"at": (name + "-01-01")[:10], "count": count} for name, count in sorted(grouped.items())]
    spec = {
        "mark": {"type": "bar", "color": ACCENT},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "timeUnit": unit, "title": None, "axis": {"tickCount": 5}},
            "y": {"field": "count", "type": "quantitative", "title": "articles"},
        },
    }
    unknown = sum(days.values()) - sum(known.values())
    about = "Articles by their date" + (f"; {unknown:,} have none." if unknown else ".")
    return _chart("Dates", about, ("date", "articles"), [(n, f"{c:,}") for n, c in sorted(grouped.items())], rows, spec)


_UNITS = ((10, "utcyearmonthdate", 60), (7, "utcyearmonth", 5 * 365), (4, "utcyear", 5_000_000))  # days


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _pace(pace: Sequence[tuple[float, int]]) -> Chart | None:
    """Records a second, in up to MOST_POINTS steps of a second or more."""
    if not pace:
        return None
    width = max(1.0, pace[-1][0] / MOST_POINTS)
    steps: Counter[int] = Counter()
    for seconds, records in pace:
        steps[int(seconds / width)] += records
    rows = [{"at": round(at * width, 1), "rate": round(steps[at] / width, 1)} for at in range(max(steps) + 2)]
    spec = {
        "mark": {"type": "area", "interpolate": "step-after", "color": ACCENT},
        "encoding": {
            "x": {"field": "at", "type": "quantitative", "title": "seconds"},
            "y": {"field": "rate", "type": "quantitative", "title": "records a second"},
        },
    }
    cells = [(f"{row['at']:.1f}", f"{row['rate']:,}") for row in rows[:-1]]
    about = "Records that reached the lake, by time since the start; a shard's records arrive together."
    return _chart("Throughput", about, ("seconds", "records a second"), cells, rows, spec)


def _by_host(figures: Figures) -> Counter[tuple[str, str]]:
    return Counter({(kind, host): n for host, seen in figures.hosts.items() for kind, n in seen.kinds.items()})


def _label(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"


def _chart(
    title: str,
    about: str,
    heads: tuple[str, ...],
    cells: Sequence[tuple[str, ...]],
    rows: Rows,
    spec: Mapping[str, Any],
) -> Chart:
    return Chart(title, about, heads, tuple(cells), _svg({**spec, "data": {"values": list(rows)}}))


def _svg(spec: Mapping[str, Any]) -> str:
    import vl_convert  # starts a JavaScript engine: 0.9 s the first time, 0.05 s a chart

    whole = {"width": WIDTH, "background": None, "config": _CONFIG, **spec}
    if "layer" in spec:
        whole["height"] = {"step": 18}
    drawn: str = vl_convert.vegalite_to_svg(whole, vl_version=_VEGA_LITE)
    return drawn


_VEGA_LITE = "6.1"
_CONFIG = {
    "font": "system-ui, sans-serif",
    "padding": {"left": 18, "top": 5, "right": 8, "bottom": 5},
    "view": {"stroke": None},
    "text": {"color": "currentColor", "fontSize": 11},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "domainColor": "currentColor",
        "tickColor": "currentColor",
        "gridColor": "currentColor", "gridOpacity": 0.12, "domainOpacity": 0.4, "tickOpacity": 0.4, "labelFontSize": 11,
        "titleFontSize": 11, "titleFontWeight": "normal", "titlePadding": 10, "labelLimit": 170,
    },
}  # fmt: skip
