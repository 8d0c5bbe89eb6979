"""What a page says about itself, from whichever place says it best."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import clean
from cleaners.authors import clean_names, split_list
from cleaners.document import Metadata
from cleaners.headline import pick_title
from cleaners.html import walk
from cleaners.hydration import as_paragraphs
from cleaners.isodate import date_in_text, date_in_url, to_iso
from cleaners.jsonld import nodes, parse

LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "The Harbour Post"},
        {"@type": "Person", "@id": "#ana", "name": "Ana Ruiz"},
        {"@type": "WebPage", "datePublished": "2020-01-01"},
        {
            "@type": ["NewsArticle", "Article"],
            "headline": "Bridge closes for repairs",
            "author": [{"@id": "#ana"}, {"@type": "Person", "name": "Jo Li"}],
            "datePublished": "2024-05-03T15:47:42+0200",
            "dateModified": "2024-05-04T08:00Z",
            "publisher": {"@type": "Organization", "name": "The Harbour Post"},
            "articleSection": ["Local", "Traffic"],
            "keywords": ["bridge", "river"],
            "image": {"url": "/bridge.jpg"},
            "description": "Cars must go &quot;around&quot;.",
            "inLanguage": "en-GB",
            "articleBody": "The bridge is closed.\n\nUntil spring.",
        },
    ],
}
PAGE = f"""<html lang=en><head><title>Bridge closes for repairs | The Harbour Post</title>
<link rel=canonical href="/local/bridge"><script type="application/ld+json">{json.dumps(LD)}</script>
<body><h1>Bridge closes for repairs</h1><p>The bridge is closed.</p></body>"""


def test_everything_from_json_ld() -> None:
    assert walk(PAGE, url="https://post.example/amp/bridge?x=1").metadata == Metadata(
        title="Bridge closes for repairs",
        authors=("Ana Ruiz", "Jo Li"),
        published="2024-05-03T15:47:42+02:00",
        modified="2024-05-04T08:00:00+00:00",
        site_name="The Harbour Post",
        canonical_url="https://post.example/local/bridge",
        description='Cars must go "around".',
        section="Local",
        tags=("bridge", "river"),
        image="https://post.example/bridge.jpg",
        language="en",
        page_type="NewsArticle",
        article_body="The bridge is closed.\n\nUntil spring.",
        body_source="json-ld",
    )


def test_everything_from_meta() -> None:
    metas = {
        "og:title": "Bridge closes",
        "author": "By Ana Ruiz, Jo Li and Tom Ek",
        "article:published_time": "2024-05-03",
        "article:modified_time": "2024-05-04",
        "og:site_name": "The Harbour Post",
        "og:url": "https://post.example/bridge",
        "og:description": "Cars must go around.",
        "article:section": "Local",
        "news_keywords": "bridge, river",
        "og:image": "https://post.example/bridge.jpg",
        "og:locale": "en_GB",
        "og:type": "article",
    }
    page = walk("".join(f'<meta property="{name}" content="{content}">' for name, content in metas.items()))
    assert page.metadata == Metadata(
        title="Bridge closes",
        authors=("Ana Ruiz", "Jo Li", "Tom Ek"),
        published="2024-05-03",
        modified="2024-05-04",
        site_name="The Harbour Post",
        canonical_url="https://post.example/bridge",
        description="Cars must go around.",
        section="Local",
        tags=("bridge", "river"),
        image="https://post.example/bridge.jpg",
        language="en_GB",
        page_type="article",
    )


def test_a_page_that_says_nothing() -> None:
    assert walk("<p>Rain.</p>").metadata == Metadata()


SIGNED = "<meta property=og:site_name content=Post><meta name=author content=Post>"
SIGNATURE = "<p itemprop=author><b itemprop=name>{}</b></p>"
AUTHORS = [
    ("microdata", "<span itemprop=author><b itemprop=name>Ana Ruiz</b>, reporter</span>", ("Ana Ruiz",)),
    ("microdata without a name", "<p itemprop=author>by Ana Ruiz</p>", ("Ana Ruiz",)),
    ("a link", "<a rel=author href=/ana>Ana Ruiz</a>", ("Ana Ruiz",)),
    ("a class near the headline", "<h1>Rain</h1><div class='post-author'>By Ana Ruiz</div>", ("Ana Ruiz",)),
    ("a person before the site", SIGNED + "<a rel=author>Ana Ruiz</a>", ("Ana Ruiz",)),
    ("the site where nobody signs", SIGNED, ("Post",)),
    ("no address", "<meta property=article:author content='https://social.example/ana'>", ()),
    ("no account", "<meta name=author content=admin>", ()),
    ("a property without a name", "<p itemprop=''>Ana Ruiz</p>", ()),
    ("a word before a name is none", "<h1>Rain</h1><i class=author>By</i><p class=author>Ana Ruiz</p>", ("Ana Ruiz",)),
    ("two in a byline", "<h1>Rain</h1><div class=byline>Ana Ruiz and Jo Li</div>", ("Ana Ruiz", "Jo Li")),
    ("no date behind", "<h1>Rain</h1><p class=byline>Ana Ruiz - Updated May 3, 2024</p>", ("Ana Ruiz",)),
    ("no reading time", "<h1>Rain</h1><p class=byline>Ana Ruiz • 3 min</p>", ("Ana Ruiz",)),
    (
        "by, after a date",
        "<h1>Rain</h1><p class=entry-meta>Posted on May 3, 2024 by <i class=author>Jo Li</i> • 3 min</p>",
        ("Jo Li",),
    ),
    ("by, before a section", "<h1>Rain</h1><p class=entry-meta>May 3, 2024 by Jo Li in News</p>", ("Jo Li",)),
    ("by, before a link", "<h1>Rain</h1><p class=entry-meta>by Jo Li Leave a comment</p>", ("Jo Li",)),
    ("not what else is by", "<h1>Rain</h1><p class=entry-meta>Stand by for the storm, May 3, 2024</p>", ()),
    ("no date alone", "<h1>Rain</h1><p class=author>Feb 11, 2019 · 3 min read</p>", ()),
    ("two names of one <meta>", "<meta name=author property=article:author content='Ana Ruiz'>", ("Ana Ruiz",)),
    ("commas of Chinese", "<meta name=author content='王小明、李华'>", ("王小明", "李华")),
    ("words of a language", "<meta name=author content='Ана Руис и Джо Ли'>", ("Ана Руис", "Джо Ли")),
    ("an address behind it", "<meta name=author content='Ana Ruiz (ana@post.example)'>", ("Ana Ruiz",)),
    ("an address before it", "<meta name=author content='ana@post.example (Ana Ruiz)'>", ("Ana Ruiz",)),
    ("her signature", "<meta name=author content='Ana Ruiz (aru)'>", ("Ana Ruiz",)),
    ("her trade", "<meta name=author content='Ana Ruiz, Political Editor'>", ("Ana Ruiz",)),
    ("a trade of one word", "<meta name=author content='Ana Ruiz, periodista'>", ("Ana Ruiz",)),
    ("a trade without a space", "<meta name=author content='山田太郎記者'>", ("山田太郎",)),
    ("a trade in Korean", "<h1>비</h1><p class=byline>김철수 기자 kim@post.example</p>", ("김철수",)),
    ("a label in Chinese", "<h1>雨</h1><p class=author>作者：王小明</p>", ("王小明",)),
    ("a name and its address", "<a rel=author>Ana Ruiz</a><meta name=byl content='ana-ruiz; Ana Ruiz'>", ("ana-ruiz",)),
    (
        "what stands for previews",
        "<meta name='twitter:label1' content='Verfasst von'><meta name='twitter:data1' content='Ana Ruiz'>",
        ("Ana Ruiz",),
    ),
    (
        "not how long it takes to read",
        "<meta name='twitter:label1' content='Reading time'><meta name='twitter:data1' content='Nine minutes'>",
        (),
    ),
    ("the first of a forum", (SIGNATURE * 4).format("jo", "ek", "jo", "li"), ("jo",)),
    ("submitted", "<h1>Rain</h1><p class=submitted>Submitted by <a>Ana Ruiz</a> on Fri, 05/03/2024</p>", ("Ana Ruiz",)),
    ("in French", "<h1>Pluie</h1><p class=auteur>Par Ana Ruiz</p>", ("Ana Ruiz",)),
    ("no class far from the headline", "<h1>Rain</h1>" + "<p>Text.</p>" * 40 + "<div class=author>Reader</div>", ()),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "authors"), [case[1:] for case in AUTHORS], ids=[case[0] for case in AUTHORS])
def test_authors(markup: str, authors: tuple[str, ...]) -> None:
    assert walk(markup).metadata.authors == authors


PEOPLE = [
    ("two in a name", {"@type": "Person", "name": "By Ana Ruiz and Jo Li"}, ("Ana Ruiz", "Jo Li")),
    ("an organisation", {"@type": "Organization", "name": "Ministry of Health and Social Care"}, None),
    ("a name of a person", "José Ortega y Gasset", ("José Ortega y Gasset",)),
    ("lists in lists", [[{"name": "Ana Ruiz"}], {"name": ["Jo Li", "Tom Ek"]}], ("Ana Ruiz", "Jo Li", "Tom Ek")),
    ("names in parts", {"@type": "Person", "givenName": "Ana", "familyName": "Ruiz"}, ("Ana Ruiz",)),
    ("an address", "https://post.example/authors/ana-ruiz", ()),
    ("another role", "Ana Ruiz, Chief Correspondent, The Post - 10 years", None),
]


@pytest.mark.parametrize(("author", "names"), [case[1:] for case in PEOPLE], ids=[case[0] for case in PEOPLE])
def test_people(author: str | dict[str, str] | list[object], names: tuple[str, ...] | None) -> None:
    """Without names: one author, as written."""
    node = json.dumps({"@type": "NewsArticle", "author": author})
    found = walk(f'<script type="application/ld+json">{node}</script>').metadata.authors
    assert found == (names if names is not None else (author["name"] if isinstance(author, dict) else author,))


OTHERS = [
    ("canonical_url", "<link rel='Canonical nofollow' href=/c>", "https://post.example/c"),
    ("canonical_url", "<link rel=canonical href=''><meta property=og:url content=/o>", "https://post.example/o"),
    (
        "canonical_url",
        "<link rel=canonical href=http://localhost:3000/c><meta property=og:url content=/o>",
        "https://post.example/o",
    ),
    ("canonical_url", "<link rel=canonical href=http://backend:80/c>", ""),
    (
        "image",
        "<meta property=og:image content='data:,x'><meta name=twitter:image content=/i>",
        "https://post.example/i",
    ),
    ("tags", "<meta name=keywords content='bridge; river &amp;amp; rain'>", ("bridge", "river & rain")),
    ("tags", "<meta name=keywords content='桥，河、春天'>", ("桥", "河", "春天")),
    ("tags", "<a rel=tag href=/a>bridge</a>, <a rel='nofollow tag' href=/b><b>river</b></a>", ("bridge", "river")),
    ("tags", "<meta name=keywords content=bridge><a rel=tag>river</a>", ("bridge",)),
    ("tags", "<p>x</p>" + "<a rel=tag>cloud</a><a rel=tag>of tags</a>" * 20, ()),
    ("section", "<a rel='category tag' href=/l>Local</a>, <a rel='category tag' href=/m>More</a>", "Local"),
    ("section", "<meta itemprop=articleSection content=Local>", "Local"),
    ("section", "<span itemprop=articleSection>Local</span>", "Local"),
    ("description", "<meta name=description property=x:y content=Rain>", "Rain"),
    ("language", "<html xml:lang=fr><p>x", "fr"),
    ("title", "<title></title><title>Rain</title>", "Rain"),
    ("title", "<meta property=og:title content=Post><title>Rain - Post</title>", "Rain"),
    ("title", "<title>Use of &lt;b&gt; told</title><h1>Use of &lt;b&gt; told</h1>", "Use of <b> told"),
]


@pytest.mark.parametrize(("field", "markup", "value"), OTHERS)
def test_other_fields(field: str, markup: str, value: object) -> None:
    assert getattr(walk(markup, url="https://post.example/a/b").metadata, field) == value


def test_a_machine_is_a_page_s_host_where_it_was_fetched_from_it() -> None:
    page = walk("<link rel=canonical href=/c>", url="http://intranet/a")
    assert page.metadata.canonical_url == "http://intranet/c"


def test_nodes_that_refer_to_others() -> None:
    graph = [
        {
            "@type": "NewsArticle",
            "publisher": {"@id": "#us"},
            "image": {"@id": "#picture"},
            "datePublished": 1714723200,
        },
        {"@type": "Organization", "@id": "#us", "name": "The Harbour Post"},
        {"@type": "ImageObject", "@id": "#picture", "url": "/bridge.jpg"},
    ]
    page = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    found = walk(page, url="https://post.example/a").metadata
    assert (found.site_name, found.image) == ("The Harbour Post", "https://post.example/bridge.jpg")
    assert found.published == "2024-05-03T08:00:00+00:00"
    alone = f'<script type="application/ld+json">{json.dumps(graph[0])}</script>'
    assert walk(alone).metadata.site_name == ""


NEAR = "<h1>Bridge closes</h1><div class=meta>{}</div><p>Text of the story.</p>"


@pytest.mark.untraced
@pytest.mark.slow
def test_many_references_take_linear_time() -> None:
    people = [{"@type": "Person", "@id": f"#x{at}", "name": f"Jo Li{at}"} for at in range(1_900)]
    article = {"@type": "NewsArticle", "author": [{"@id": f"#{at}"} for at in range(100_000)] + [{"@id": "#x7"}]}
    started = time.process_time()
    page = f'<script type="application/ld+json">{json.dumps([article, *people])}</script>'
    assert walk(page).metadata.authors == ("Jo Li7",)
    assert time.process_time() - started < 10  # each looked for among all nodes took half a minute


PUBLISHED = [
    ("microdata", "<meta itemprop=datePublished content=2024-05-03T10:00:00Z>", "", "2024-05-03T10:00:00+00:00"),
    ("time", "<time datetime='2024-05-03 10:00'>yesterday</time>", "", "2024-05-03T10:00:00"),
    (
        "several properties of one element",
        "<b itemprop='datePublished dateCreated' datetime=2024-05-03>",
        "",
        "2024-05-03",
    ),
    (
        "not today's date above the headline",
        "<time datetime=2024-11-22></time><h1>Rain</h1><time datetime=2024-05-03></time>",
        "",
        "2024-05-03",
    ),
    ("the address", "<p>x", "https://post.example/2024/05/03/bridge", "2024-05-03"),
    ("English", NEAR.format("By Ana Ruiz • May 3rd, 2024"), "", "2024-05-03"),
    ("German", NEAR.format("Stand: 3. März 2024, 10 Uhr"), "", "2024-03-03"),
    ("Spanish", NEAR.format("3 de mayo de 2024"), "", "2024-05-03"),
    ("Russian", NEAR.format("3 мая 2024, 10:00"), "", "2024-05-03"),
    ("Chinese", NEAR.format("2024年5月3日"), "", "2024-05-03"),
    ("above the headline", "<div>May 3, 2024</div><h1>Bridge</h1>", "", "2024-05-03"),
    ("numbers", NEAR.format("03.05.2024"), "", "2024-05-03"),
    ("not of a post that is quoted", "<h1>Rain</h1><blockquote><p>Wet.</p>— Jo May 3, 2024</blockquote>", "", ""),
    ("not the day that may be a month", NEAR.format("03/05/2024"), "", ""),
    ("not a year in a story", "<h1>Bridge</h1><p>It opened on the river in 1998 and closed in 2024.", "", ""),
    (
        "metadata before what is shown",
        "<meta name=date content=2024-05-01>" + NEAR.format("May 3, 2024"),
        "",
        "2024-05-01",
    ),
]


@pytest.mark.parametrize(
    ("markup", "url", "published"), [case[1:] for case in PUBLISHED], ids=[case[0] for case in PUBLISHED]
)
def test_published(markup: str, url: str, published: str) -> None:
    assert walk(markup, url=url).metadata.published == published


DATES = [
    ("2024-05-03T15:47:42.389Z", "2024-05-03T15:47:42.389000+00:00"),
    ("2024-05-03T15:47-05", "2024-05-03T15:47:00-05:00"),
    ("20240503T154742", "2024-05-03T15:47:42"),
    ("2024/5/3", "2024-05-03"),
    ("Fri, 03 May 2024 10:00:00 +0200", "2024-05-03T10:00:00+02:00"),
    ("1714723200", "2024-05-03T08:00:00+00:00"),
    ("1714723200000", "2024-05-03T08:00:00+00:00"),
    ("25/12/2024", "2024-12-25"),
    ("12/25/2024", "2024-12-25"),
    ("2024-05-03 10:00:00 CEST", "2024-05-03T10:00:00+02:00"),
    ("Fri May 03 2024 10:00:00 GMT+0200 (CEST)", "2024-05-03T10:00:00+02:00"),
    ("Fri May 03 10:00:00 PDT 2024", "2024-05-03T10:00:00-07:00"),
    ("May 3, 2024 10:05 PM EDT", "2024-05-03T22:05:00-04:00"),
    ("2024-05-03 12:05 a.m.", "2024-05-03T00:05:00"),
    ("2024. 5. 3. 오후 3:20", "2024-05-03T15:20:00"),
    ("2024年5月3日 午前 12:20", "2024-05-03T00:20:00"),
    ("2024.05.03 PM 3:20", "2024-05-03T15:20:00"),
    ("3 مايو 2024 3:20 م", "2024-05-03T15:20:00"),
    ("3 May 2024, 3:20 μ.μ.", "2024-05-03T15:20:00"),
    ("3 May 2024 | Updated 4 May 2024 10:30", "2024-05-03"),  # when it was changed is no time of that day
    ("Wed, 01 May 24 14:00:00 GMT", "2024-05-01T14:00:00+00:00"),
    ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
    ("2024-05-03T10:00:00+०२:००", "2024-05-03T10:00:00"),  # no later reader takes such digits
    ("2024/05/03 10:00", "2024-05-03T10:00:00"),
    ("3. Mai 2024, 10:00 Uhr", "2024-05-03T10:00:00"),
    ("20240503100000", "2024-05-03T10:00:00"),
    ("May 3, 2024 - 120 comments", "2024-05-03"),
    ("2024年5月3日 10:00", "2024-05-03T10:00:00"),
    ("2024. 5. 3.", "2024-05-03"),
    ("2567-05-03", "2024-05-03"),  # as Thai pages count
    ("3 พฤษภาคม 2567", "2024-05-03"),
    ("12 जनवरी 2024", "2024-01-12"),
    ("3 במאי 2024", "2024-05-03"),
    ("3 พ.ค. 2567", "2024-05-03"),
    ("15 كانون الثاني 2024", "2024-01-15"),
    ("15 تشرين الأول 2024 10:30", "2024-10-15T10:30:00"),
    ("3 أيار/مايو 2024", "2024-05-03"),
    ("令和元年5月3日 10:30", "2019-05-03T10:30:00"),
    ("民國113年5月3日", "2024-05-03"),
    ("\u200e2024-05-03", "2024-05-03"),
    ("1712050312", "2024-04-02T09:31:52+00:00"),  # not the 3rd of May 1712
    ("2024-124", ""),
    ("2024-05-03T10:99", "2024-05-03"),
    ("2024-13-45", ""),
    ("0001-01-01T00:00:00", ""),
    ("2024", ""),
    ("soon", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_dates(text: str, iso: str) -> None:
    assert to_iso(text) == iso


@settings(deadline=None)
@given(st.text("0123456789-/.: TZ+May年月日", max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    for found in (to_iso(text), date_in_text(text), date_in_url("/" + text)):
        assert found == "" or to_iso(found) != ""


TITLES = [
    ("the site's name goes", ["Rain - The Post"], [], ("The Post",), "Rain"),
    ("at the beginning too", ["The Post: Rain in spring"], [], ("The Post",), "Rain in spring"),
    ("other endings stay", ["Rain – and then?"], [], ("The Post",), "Rain – and then?"),
    ("the host names the site", ["Rain | thepost"], [], ("", "thepost"), "Rain"),
    (
        "the visible headline that agrees",
        ["Rain stops play in cup final"],
        ["Live", "Rain Stops Play in Final"],
        (),
        "Rain Stops Play in Final",
    ),
    (
        "cut short by metadata",
        ["Rain stops play in…"],
        ["Rain stops play in cup final"],
        (),
        "Rain stops play in cup final",
    ),
    ("without the kicker", ["Rain stops play"], ["Cricket Rain stops play"], (), "Rain stops play"),
    ("not a headline that says something else", ["Rain stops play"], ["Sport"], (), "Rain stops play"),
    ("the headline alone", [], ["Rain"], (), "Rain"),
    ("the first that says anything", ["", "Rain"], [], (), "Rain"),
    ("no sign that stood between", ["Rain in May"], ["Live: - Rain in May"], (), "Rain in May"),
    ("the site's name is none", ["The Post", "Rain - The Post"], [], ("The Post",), "Rain"),
    ("but where nothing else is said", ["The Post"], ["Rain"], ("The Post",), "The Post"),
    ("nothing", [], [], (), ""),
]


@pytest.mark.parametrize(
    ("declared", "headings", "sites", "title"), [case[1:] for case in TITLES], ids=[case[0] for case in TITLES]
)
def test_title(declared: list[str], headings: list[str], sites: tuple[str, ...], title: str) -> None:
    assert pick_title(declared, headings, sites) == title


LONG = "Rain stops play in the cup final"
SHOWN = [
    ("the blog's name before it", f"Mill Notes: {LONG}", f"<h1>Mill Notes</h1><h3>{LONG}</h3>", LONG),
    ("the paper's name behind it", "Rain in May &laquo; Mill Notes", "<h1>Mill Notes</h1><h2>Rain in May</h2>", None),
    ("no heading at all", "Rain in May | Mill Notes", "<td><b>Rain in May</b><br>By Jo Li</td>", None),
    ("behind a kicker", "Rain in May - Mill Notes", "<h2><b>Weather:</b><i>Rain in May</i></h2>", None),
    ("words that styles set apart", "Rain in May - Mill Notes", "<h1><b>Rain in</b><b>May</b></h1>", None),
    ("shown in whole", f"Cricket: {LONG}", f"<h2>Cricket: {LONG}</h2><p>{LONG}</p>", f"Cricket: {LONG}"),
    ("not the name of a site", "Kayaks | The Mill River Co-op", "<b>The Mill River Co-op</b><h2>Kayak</h2>", ""),
    ("not hidden", "Rain in May | Mill Notes", "<p hidden>Rain in May</p><p>It rained all day.</p>", ""),
    ("not shown", "Rain in May | Mill Notes", "<p>It rained.</p>", ""),
]


@pytest.mark.parametrize(("window", "body", "title"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_a_title_without_the_name_of_a_site_that_nothing_tells(window: str, body: str, title: str | None) -> None:
    """None: the same short headline in all; empty: the window's title as it is."""
    expected = "Rain in May" if title is None else title or window
    assert walk(f"<title>{window}</title><body>{body}").metadata.title == expected


JSON_LD = [
    ("a trailing comma", '{"headline": "Rain",}'),
    ("raw line ends", '{"headline": "Rain", "x": "a\nb"}'),
    ("comments around", '<!-- {"headline": "Rain"} -->'),
    ("CDATA", '//<![CDATA[\n{"headline": "Rain"}\n//]]>'),
    ("a semicolon", '{"headline": "Rain"};'),
    ("another value behind", '{"headline": "Rain"}{"headline": "Sun"}'),
    ("no JSON at all", '{"x": undefined, "headline": "Rain", oops'),
]


@pytest.mark.parametrize("script", [case[1] for case in JSON_LD], ids=[case[0] for case in JSON_LD])
def test_json_ld_that_is_none(script: str) -> None:
    assert next(nodes([parse(script)]))["headline"] == "Rain"


MENDED = [
    ("comments inside", '{// one\n"a": 1, /* "b": 2 */ "c": "http://x//y"}', {"a": 1, "c": "http://x//y"}),
    ("marks in a string", '{"a": "He said "no" to all", "b": 1}', {"a": 'He said "no" to all', "b": 1}),
    ("an apostrophe escaped", r'{"a": "It\'s \"so\" \u00e9", "b": 1}', {"a": 'It\'s "so" é', "b": 1}),
    ("a value left out", '{"a": , "b": "c", "d":}', {"a": None, "b": "c", "d": None}),
    ("commas too many", '[, {"a": 1,, "b": [1,],},]', [{"a": 1, "b": [1]}]),
    ("a comma in a string stays", '{"a": "b, ]",}', {"a": "b, ]"}),
    ("undefined", '{"a": undefined, "b": "undefined"}', {"a": None, "b": "undefined"}),
    ("entities", "{&quot;a&quot;: &quot;b&quot;}", {"a": "b"}),
    ("values in a row", '{"a": 1}\n{"b": 2}, {"c": "d",}', [{"a": 1}, {"b": 2}, {"c": "d"}]),
    ("a mark that ends too early", '{"headline": "He said "no", then left", "name": "Ek"}', {"name": "Ek"}),
]


@pytest.mark.parametrize(("script", "value"), [case[1:] for case in MENDED], ids=[case[0] for case in MENDED])
def test_json_ld_is_mended(script: str, value: object) -> None:
    assert parse(script) == value


@settings(deadline=None)
@given(st.text('{}[]",:\\headline"@type', max_size=80))
def test_any_json_ld_is_read_or_left(script: str) -> None:
    list(nodes([parse(script)]))
    walk(f'<script type="application/ld+json">{script}</script>')


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        '{"@graph":' * 100_000,
        '{"a":"' + "\\" * 100_000,
        "[{}," * 100_000,
        '{"' + ' "' * 100_000,
        "/*" * 99_999,
    ],
)
def test_hostile_json_ld(script: str) -> None:
    list(nodes([parse(script)]))


def test_the_article_of_this_page_is_meant() -> None:
    articles = [
        {"@type": "Article", "headline": name, "url": f"https://post.example/{name}"} for name in ("sun", "rain")
    ]
    page = f'<script type="application/ld+json">{json.dumps(articles)}</script>'
    assert walk(page, url="https://post.example/rain").metadata.title == "rain"
    assert walk(page, url="http://www.post.example/rain/?from=feed").metadata.title == "rain"
    assert walk(page).metadata.title == "sun"


def test_a_body_from_the_state_where_the_page_is_empty() -> None:
    body = "".join(
        f"<p>Paragraph {number} of a story about a bridge &amp; a river, long enough to be no label of a menu.</p>"
        for number in range(12)
    )
    state = {"props": {"article": {"title": "Bridge", "bodyHtml": body}, "other": ["x"]}}
    scripts = (
        f"<script id=__NEXT_DATA__ type=application/json>{json.dumps(state)}</script>",
        f"<script>window.__INITIAL_STATE__ = {json.dumps(state)}; boot();</script>",
    )
    for script in scripts:
        found = walk("<body>" + script.replace("</p>", "<\\/p>")).metadata.article_body
        assert (
            found.split("\n\n")[1]
            == "Paragraph 1 of a story about a bridge & a river, long enough to be no label of a menu."
        )
        assert walk(body * 2 + script.replace("</p>", "<\\/p>")).metadata.article_body == ""


def test_who_answered_is_said_where_the_page_shows_less_than_its_data() -> None:
    story = "The bridge over the river is closed until spring, the mayor of the town said on Friday. " * 8
    data = json.dumps({"@type": "NewsArticle", "articleBody": story})
    state = json.dumps({"props": {"body": f"<p>{story}</p>"}})
    for script, method in (
        (f'<script type="application/ld+json">{data}</script>', "json-ld"),
        (f"<script id=__NEXT_DATA__ type=application/json>{state}</script>", "hydration"),
    ):
        document = clean(f"<html><body><h1>Bridge</h1><p>Subscribe to read on.</p>{script}", media_type="text/html")
        assert (document.method, document.text) == (method, story.strip())
        assert {verdict.rule for verdict in document.verdicts if verdict.keep} == {method}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Ana-Maria Ruiz; Ana Maria Ruiz", ("Ana-Maria Ruiz",)),
        ("रवि शर्मा; रवी शर्मा; राम; रमा", ("रवि शर्मा", "रवी शर्मा", "राम", "रमा")),  # vowel signs tell them apart
    ],
)
def test_a_name_is_told_once(said: str, names: tuple[str, ...]) -> None:
    assert clean_names([said]) == names


def test_names_and_paragraphs() -> None:
    assert clean_names(["Von Ana Ruiz", "ana ruiz", "a@post.example", "@ana", "Jo Li | Post"]) == (
        "Ana Ruiz",
        "Jo Li",
        "Post",
    )
    assert split_list("Ana Ruiz & Jo Li") == ["Ana Ruiz", "Jo Li"]
    assert as_paragraphs("&lt;p&gt;One&lt;/p&gt;Two") == "One\n\nTwo"
    assert as_paragraphs("<script>x</script>One<br>Two\nThree") == "One\n\nTwo\n\nThree"
