"""HTML pages as blocks: what a reader sees, once, in order, and where it stands."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.document import Block, Container, Page
from cleaners.html import walk
from cleaners.soup import tell
from cleaners.walker import Walker

LAYOUT = [
    ("inline text joins without a space", "<p>It <b>rain</b>ed<span>!</span></p>", ["It rained!"]),
    ("white space is squeezed", "<p>\n  All \t day&nbsp;\n long </p>", ["All day long"]),
    (
        "blocks divide",
        "<div>One<p>Two</p>Three<ul><li>Four<li>Five</ul></div>",
        ["One", "Two", "Three", "Four", "Five"],
    ),
    ("cells and terms", "<table><tr><td>a<td>b</table><dl><dt>c<dd>d</dl>", ["a", "b", "c", "d"]),
    ("one line break stays inside", "<p>Roses are red<br>violets are blue</p>", ["Roses are red\nviolets are blue"]),
    ("two line breaks divide", "<p>One.<br> <br/>Two.<br><br><br>Three.</p>", ["One.", "Two.", "Three."]),
    ("a rule divides", "One<hr>Two", ["One", "Two"]),
    ("a word may be divided, not cut", "<p>Donau&shy;dampf<wbr>schiff", ["Donaudampfschiff"]),
    ("preformatted lines stay", "<pre>  if rain:\n    stay()\n\n  go()</pre>", ["if rain:\n  stay()", "go()"]),
    ("entities", "<p>Fish &amp; chips &lt;3 &#8364;5", ["Fish & chips <3 €5"]),
    ("bare text", "Only this", ["Only this"]),
    ("no text", "<html><body> <div></div></body></html>", []),
    ("nothing", "", []),
    ("NULs are nothing", "<p>a\x00b</p>", ["ab"]),
    (
        "labels of controls",
        "<label>Mail</label><button>Go</button><input type=submit value='Send'>",
        ["Mail", "Go", "Send"],
    ),
    ("values that nobody reads are left", "<input type=text value=secret><input type=hidden value=x>", []),
    ("options", "<select><option>Mo<option>Tu</select>", ["Mo", "Tu"]),
    ("typed text", "<textarea>Dear all,\nhello</textarea>", ["Dear all,\nhello"]),
    ("unknown elements are inline", "<p>See <x-link>here</x-link>.</p>", ["See here."]),
    (
        "code and drawings are no text",
        "<p>a<script>1</script>b<svg><title>t</title><text>u</text></svg>c<style>d</style>",
        ["abc"],
    ),
    ("frames' fallback is no text", "<p>a<iframe>b</iframe></p>", ["a"]),
    ("a formula's source is no text", "<p><math><mi>x</mi><annotation>\\frac</annotation></math></p>", ["x"]),
    ("late title in the body is no text", "<p>a</p><title>b</title><p>c</p>", ["a", "c"]),
    (
        "spans shown as blocks",
        "<b style='display: Block'>One.</b><i style='color:red;display:flex'>Two.</i>",
        ["One.", "Two."],
    ),
    ("not shown as one", "<b style='display:inline-block'>O</b><i style='display:table-column'>ne</i>", ["One"]),
    ("nothing but what is unseen", "<p>a<p>&#8203;<p>&zwnj; &zwnj;<p>\ufeff<p>&lrm;<pre>\u2060</pre><p>b", ["a", "b"]),
    ("what is unseen at the ends", "<p>\u200b a&#8203;b &#8203;<br>&#8203;<br>c\ufeffd</p>", ["a\u200bb", "cd"]),
    ("joiners stay", "<p>می\u200cخواهم ۵۰۰ ه\u200d</p>", ["می\u200cخواهم ۵۰۰ ه\u200d"]),
    ("control characters are nothing", "<p>a\x03b\x08\x7f c</p>", ["ab c"]),
    ("a drawing that nothing ends", "<b>a<svg><g><path d=1><p>b</p></b><div>c</div>", ["a", "b", "c"]),
    ("HTML inside a drawing", "<p>a</p><svg><foreignObject><div>x</div></foreignObject></svg><p>b</p>", ["a", "b"]),
    ("what the page left open", "<div><p>One<p><b>Two<div>Three", ["One", "Two", "Three"]),
]


@pytest.mark.parametrize(("markup", "shown"), [case[1:] for case in LAYOUT], ids=[case[0] for case in LAYOUT])
def test_layout(markup: str, shown: list[str]) -> None:
    assert [block.text for block in walk(markup).blocks] == shown


HIDDEN = [
    ("attribute", "<p>Text that is shown</p><div hidden>x<p>y</p></div>", ["x", "y"]),
    ("style", "<p>Text that is shown</p><div style='color:red; DISPLAY : none'>x</div>", ["x"]),
    ("visibility", "<p>Text that is shown</p><div style='visibility:hidden'>x</div>", ["x"]),
    ("only for eyes", "<p>Text that is shown <i aria-hidden='true'>arrow_back</i></p>", ["arrow_back"]),
    ("scripts off", "<p>Text that is shown</p><noscript><p>x</p></noscript>", ["x"]),
    ("template", "<p>Text that is shown</p><template><p>x</p></template>", ["x"]),
    ("players that fail", "<p>Text that is shown</p><video>x</video>", ["x"]),
    ("readings", "<p>Text that is shown 漢<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby></p>", ["じ"]),
    ("inside a hidden one", "<p>Text that is shown</p><div hidden><p>x</p><div><p>y</p></div></div>", ["x", "y"]),
    ("a dialogue", "<p>Text that is shown</p><dialog><p>x</p></dialog>", ["x"]),
    ("what pops up", "<p>Text that is shown</p><div popover=auto>x</div>", ["x"]),
    ("not an open dialogue", "<dialog open>Text that is shown</dialog>", []),
    ("not a component's tree", "<x-y><template shadowrootmode=open>Text that is shown</template>y</x-y>", []),
    ("not what is folded up", "<p>On</p><div hidden=until-found>Text that is shown</div>", []),
    ("not by display:inline", "<p style='display:inline'>Text that is shown</p>", []),
    ("not by a word in a style", "<p style='background:url(display-none.png)'>Text that is shown</p>", []),
    ("not what React sends late", "<p>Text that is shown</p><div hidden id='S:1f'>x</div>", []),
    ("not a page that waits for its script", "<body style='display:none'><p>Text that is shown</p></body>", []),
    ("not a page that is all noscript", "<p>On</p><noscript><p>Text that is shown</p></noscript>", []),
]


@pytest.mark.parametrize(("markup", "hidden"), [case[1:] for case in HIDDEN], ids=[case[0] for case in HIDDEN])
def test_hidden_text_is_kept_and_marked(markup: str, hidden: list[str]) -> None:
    page = walk(markup)
    assert [block.text for block in page.blocks if block.hidden] == hidden
    assert all(page.containers[block.container].hidden == block.hidden for block in page.blocks)
    assert any("Text that is shown" in block.text for block in page.blocks if not block.hidden)


def test_hidden_text_does_not_divide_a_paragraph() -> None:
    page = walk("<p>The mayor <span style='display:none'>(pop-up)</span>re<ruby>sign<rt>x</rt></ruby>ed.</p>")
    assert [block.text for block in page.blocks if not block.hidden] == ["The mayor resigned."]


LINKS = [
    ("whole", "<li><a href=x>Home</a></li>", 4),
    ("part", "<p>See <a href=x>the  map</a> and <a>more</a>.</p>", 11),
    ("a card around blocks", "<a href=x><div>Home</div></a>", 4),
    ("text beside a card", "<div>Now <a href=x>open<p>Home</p></a></div>", 4),
    ("across a line break", "<p>a <a href=x>one<br>two</a></p>", 6),
    ("none", "<p>Text</p>", 0),
]


@pytest.mark.parametrize(("markup", "count"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_characters_in_links(markup: str, count: int) -> None:
    assert walk(markup).blocks[0].link_chars == count


def test_a_link_around_blocks_counts_in_each() -> None:
    blocks = walk("<a href=x>One<div>Three</div><p>Seven</p></a><p>None").blocks
    assert [block.link_chars for block in blocks] == [3, 5, 5, 0]


def test_links_that_are_not_shown_count_in_their_own_block_alone() -> None:
    blocks = walk("<p>The <span hidden>see <a href=x>all</a></span>river <a href=y>rose</a>.</p>").blocks
    assert [(block.text, block.link_chars) for block in blocks] == [("see all", 3), ("The river rose.", 4)]


def chain(page: Page, block: Block) -> list[Container]:
    found = []
    index = block.container
    while index >= 0:
        found.append(page.containers[index])
        index = page.containers[index].parent
    return found


def test_a_block_knows_its_containers() -> None:
    page = walk(
        "<body class=Page><main role=main><div class='Story Body' id=A1><p itemprop=description>Rain.</p></div></main>"
        "<div><span class=Credit data-testid=photo-credit> Photo: Ana </span></div></body>"
    )
    rain, photo = page.blocks
    assert [each.tag for each in chain(page, rain)] == ["p", "div", "main", "body", "html"]
    assert [each.attributes for each in chain(page, rain)] == ["description", "story body a1", "main", "page", ""]
    assert (photo.tag, chain(page, photo)[0].attributes) == ("div", "credit photo-credit")
    assert [each.depth for each in chain(page, rain)] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("markup", ["<div>By <b class=name>Ana</b></div>", "<div><b class=name>Ana</b> wrote</div>"])
def test_an_inline_element_is_a_container_only_of_a_whole_block(markup: str) -> None:
    page = walk(markup)
    assert chain(page, page.blocks[0])[0].tag == "div"


def test_elements_without_text_are_no_containers() -> None:
    assert len(walk("<div><div class=empty><img src=x></div><p>Rain.</p></div>").containers) == 4


def test_a_heading_tells_its_level() -> None:
    assert [block.tag for block in walk("<h1>A</h1><h2><a href=x>B</a></h2><figcaption>C</figcaption>").blocks] == [
        "h1",
        "h2",
        "figcaption",
    ]


WORDS = st.text("abcdefghäß漢 ", min_size=1, max_size=8)
TAGS = st.sampled_from(
    ["p", "div", "span", "b", "a", "li", "td", "article", "x-y", "h2", "noscript", "pre", "ruby", "rt"]
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.tuples(
        TAGS, st.sampled_from(["", " hidden", " class=x", " itemprop=author"]), st.lists(inner, max_size=4)
    ),
    max_leaves=30,
)


def rendered(tree: object) -> str:
    if isinstance(tree, str):
        return tree
    assert isinstance(tree, tuple)
    tag, attributes, inner = tree
    return f"<{tag}{attributes}>{''.join(map(rendered, inner))}</{tag}>"


def letters(tree: object) -> str:
    return tree.replace(" ", "") if isinstance(tree, str) else "".join(map(letters, tree[2]))  # type: ignore[index]


@settings(deadline=None)
@given(TREES)
def test_every_text_is_there_once_and_offsets_find_it(tree: object) -> None:
    page = walk(f"<body>{rendered(tree)}</body>")
    assert sorted("".join(page.text.split())) == sorted(letters(tree))
    assert page.text == "\n".join(block.text for block in page.blocks)
    for index, block in enumerate(page.blocks):
        assert block.index == index
        assert page.text[block.start : block.end] == block.text == block.text.strip() != ""
        assert 0 <= block.link_chars <= len(block.text)
    assert all(each.parent < index for index, each in enumerate(page.containers))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["p", "div", "b", "i", "li", "section"]), WORDS), max_size=12))
def test_shown_text_is_in_reading_order(parts: list[tuple[str, str]]) -> None:
    page = walk("".join(f"<{tag}>{text}</{tag}>" for tag, text in parts))
    assert "".join(page.text.split()) == "".join(text.replace(" ", "") for _, text in parts)


@settings(deadline=None)
@given(st.text("<>/ab=\"' !-&;#x\x00\ud800?[]", max_size=60))
def test_any_markup_gives_a_page(markup: str) -> None:
    page = walk(markup)
    assert all(page.text[block.start : block.end] == block.text for block in page.blocks)


HOSTILE: list[tuple[str, Callable[[int], str]]] = [
    ("deep blocks", lambda size: "<div class=x>" * size + "rain" + "</div>" * size),
    ("deep inline", lambda size: "<b>" * size + "rain"),
    ("deep blank inline", lambda size: "<i> " * size + "rain"),
    ("never closed", lambda size: "<p>rain" * size),
    ("deep hidden", lambda size: "<span hidden>rain" * size),
    ("links in links", lambda size: "<a href=x><div>rain" * size),
    ("line breaks", lambda size: "<p>" + "rain<br>" * size),
    ("lines in links", lambda size: "<pre>" + "<a href=x>rain\n</a>" * size),
    ("one script", lambda size: "<script>" + "if (a < b) go('<p>');" * size * 10 + "</script><p>rain"),
    ("many attributes", lambda size: "<p " + " ".join(f"a{number}=1" for number in range(size)) + ">rain"),
    ("microdata", lambda size: "<div itemprop=author>rain" * size),
    ("frames", lambda size: "<frameset><frame src=x>" * size + "<noframes>rain</noframes>"),
]


@pytest.mark.untraced
@pytest.mark.parametrize("build", [case[1] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
@pytest.mark.slow
def test_hostile_pages_cost_linear_time(build: Callable[[int], str]) -> None:
    short, long = (min(_seconds(build(size)) for _ in range(5)) for size in (2_500, 10_000))
    assert long < 0.3 + 10 * short  # linear is 4, quadratic 16; the best of five, so that a busy machine does not count


@pytest.mark.slow
@pytest.mark.untraced
def test_hidden_text_in_one_endless_paragraph_costs_linear_time() -> None:
    def build(size: int) -> str:
        return "<p>" + "漢<rt>かん</rt>" * size

    short, long = (min(_seconds(build(size)) for _ in range(2)) for size in (15_000, 60_000))
    assert long < 0.3 + 10 * short


def _seconds(markup: str) -> float:
    start = time.process_time()
    walk(markup)
    return time.process_time() - start


@pytest.mark.slow
@pytest.mark.untraced
def test_a_hundred_thousand_elements_and_twenty_megabytes_of_script() -> None:
    start = time.process_time()
    page = walk("<script>" + "x" * 20_000_000 + "</script>" + "<div><p>rain</p></div>" * 50_000)
    assert len(page.blocks) == 50_000
    assert time.process_time() - start < 10


@settings(deadline=None)
@given(TREES)
def test_beautiful_soup_tells_the_same(tree: object) -> None:
    markup = f"<section>{rendered(tree)}</section><script>1</script><!-- x -->"
    walker = Walker()
    tell(markup, walker)
    said = "".join(block.text for block in walker.gathered()[0])
    assert sorted("".join(said.split())) == sorted("".join(walk(markup).text.split()))
