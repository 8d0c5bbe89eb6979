"""What is declared to be HTML and is not, or was escaped, or holds its article in the state of its scripts."""

from __future__ import annotations

import json

import pytest

from cleaners import clean
from cleaners.hydration import find_body

STORY = [
    "The bridge over the Vels is closed until spring, the mayor of Velsund said on Friday after a night of storm.",
    "Divers found cracks in two of its five piers, and the ferry that was sold in May cannot be had back.",
    "People who work on the other side will travel by way of Oster, which takes them an hour and a half a day.",
    "The county promised money for a bus, but nobody knows who is to drive it before the schools close.",
    "A second report on the piers is expected at the end of the month, the mayor told the town council.",
]
LINES = "\n\n".join(STORY)


def test_plain_text_that_is_declared_html_keeps_its_paragraphs() -> None:
    document = clean(f"Accept all cookies\n\n{LINES}\n", media_type="text/html")
    assert (document.text, document.media_type) == (LINES, "text/plain")


def test_a_page_whose_tags_were_escaped_is_a_page() -> None:
    page = "<html><body><nav>Home</nav><article>" + "".join(f"<p>{part}</p>" for part in STORY) + "</article></body>"
    escaped = page.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    document = clean(escaped, media_type="text/html")
    assert (document.text, document.media_type) == (LINES, "text/html")


ENDLESS = f"&#{'9' * 5000};"
STORED = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "%s"}</script><p>%s</p>'
PAGES_WITH_A_NUMBER_WITHOUT_END = [
    ("in an attribute", f'<meta property="og:title" content="Bridge &amp;{ENDLESS[1:]}"><p>{LINES}</p>'),
    ("in a headline", f"<h1>Bridge &amp;{ENDLESS[1:]}</h1><p>{LINES}</p>"),
    ("in data", STORED % (f"Bridge {ENDLESS}", LINES)),
    ("escaped", f"&lt;h1&gt;Bridge {ENDLESS}&lt;/h1&gt;&lt;p&gt;{LINES}&lt;/p&gt;"),
]


@pytest.mark.parametrize(
    "page",
    [case[1] for case in PAGES_WITH_A_NUMBER_WITHOUT_END],
    ids=[case[0] for case in PAGES_WITH_A_NUMBER_WITHOUT_END],
)
def test_an_entity_of_thousands_of_digits_is_one_character(page: str) -> None:
    assert clean(page, media_type="text/html").title == "Bridge \ufffd"


@pytest.mark.parametrize("page", ["", " ", "<p>It rained.\nAll day.", "Fish &amp; chips\nin Velsund"])
def test_any_other_page_stays_one(page: str) -> None:
    assert clean(page, media_type="text/html").media_type == "text/html"


APPLICATION = {"type": "application/json"}
STATES = [
    ("a list of paragraphs", APPLICATION, {"post": {"blocks": [{"type": "p", "text": part} for part in STORY]}}),
    ("spans in blocks", APPLICATION, {"body": [{"children": [{"text": p[:9]}, {"text": p[9:]}]} for p in STORY]}),
    (
        "a document of nodes",
        APPLICATION,
        {"content": [{"nodeType": "p", "content": [{"nodeType": "text", "value": part}]} for part in STORY]},
    ),
    ("attributes", APPLICATION, {"blocks": [{"name": "p", "attributes": {"content": part}} for part in STORY]}),
    ("strings", APPLICATION, {"paragraphs": STORY}),
    (
        "pictures between",
        APPLICATION,
        {"content_elements": [{"type": "image", "caption": "x"}, *({"content": part} for part in STORY)]},
    ),
    ("a list without names", {**APPLICATION, "id": "__NUXT_DATA__"}, [{"body": 1}, f"<p>{'</p><p>'.join(STORY)}</p>"]),
]


@pytest.mark.parametrize(("attributes", "state"), [case[1:] for case in STATES], ids=[case[0] for case in STATES])
def test_states_that_hold_the_body(attributes: dict[str, str], state: object) -> None:
    assert find_body({}, [(attributes, json.dumps(state))], page_is_empty=True) == (LINES, "hydration")
    assert find_body({}, [(attributes, json.dumps(state))], page_is_empty=False) == ("", "")


STATE = json.dumps({"body": f"<p>{'</p><p>'.join(STORY)}</p>"})
SCRIPTS = [
    ("behind others", f"window.App=window.App||{{}};App.site='x';App.content={STATE};App.x={{}}"),
    ("parsed from a string", f"window.__STATE__ = JSON.parse({json.dumps(STATE)});"),
    ("a string", f"\n  window.__DATA__={json.dumps(STATE)};"),
    ("behind an object that is no JSON", f"var a = {{b: 1}};\nconst c = {STATE}"),
]


@pytest.mark.parametrize("script", [case[1] for case in SCRIPTS], ids=[case[0] for case in SCRIPTS])
def test_assignments(script: str) -> None:
    assert find_body({}, [({}, script)], page_is_empty=True) == (LINES, "hydration")


@pytest.mark.parametrize(
    "state",
    [{"nodes": [{"title": "One"}] * 9}, {"blocks": [{"text": "Read on"}] * 200}, {"other": [{"label": LINES}]}, [], 1],
)
def test_states_that_hold_none(state: object) -> None:
    assert find_body({}, [(APPLICATION, json.dumps(state))], page_is_empty=True) == ("", "")


def test_what_an_article_s_data_hold_is_no_list_or_forum() -> None:
    data = json.dumps({"@type": "NewsArticle", "headline": "Bridge closed", "articleBody": LINES})
    document = clean(
        f'<h1>Bridge closed</h1><script type="application/ld+json">{data}</script>', media_type="text/html"
    )
    assert (document.text, document.flags) == (LINES, ())


HEADINGS = [
    ("a kicker set apart by a style", "<b>Storm</b><b>Bridge closed until spring</b>", "duplicate_title"),
    ("the title", "Bridge closed until spring", "title"),
    ("the paper's name", "The Velsund Post", "boilerplate"),
]


@pytest.mark.parametrize(("heading", "kind"), [case[1:] for case in HEADINGS], ids=[case[0] for case in HEADINGS])
def test_a_headline_that_is_cut_is_called_the_title(heading: str, kind: str) -> None:
    head = "<title>Bridge closed until spring</title><meta property=og:title content='Bridge closed until spring'>"
    story = "".join(f"<p>{part}</p>" for part in STORY)
    document = clean(f"{head}<header><h1>{heading}</h1></header><article>{story}</article>", media_type="text/html")
    assert (document.title, document.verdicts[0].kind) == ("Bridge closed until spring", kind)
