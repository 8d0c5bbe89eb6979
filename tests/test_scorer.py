"""The scorer as specification: what it counts, what it keeps, what it must never depend on."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import fallback
from cleaners.document import Block, Container, Page
from cleaners.html import walk
from cleaners.matching import match, prepare
from cleaners.rulebook import kinds
from cleaners.scorer import attributes, characters, lines, network, score, tree, vocabulary
from cleaners.scorer.network import Runs
from cleaners.text import split
from training import align

STORIES = {
    "en": [
        "A storm that had been building over the estuary since Monday tore the roofs off forty houses in the harbour.",
        "“I heard the slates go one after another, like plates,” said Maud Tarrant, who runs the chandlery.",
        "Crews from three counties worked through the night, and by morning the coast road was open again in one lane.",
        "The council expects repairs to take until the spring, it said, and asked for photographs.",
    ],
    "de": [
        "Ein Sturm, der sich seit Montag über der Mündung zusammengebraut hatte, deckte am Hafen vierzig Dächer ab.",
        "„Ich hörte die Schindeln fallen, eine nach der anderen“, sagte Maud Tarrant, die dort einen Laden führt.",
        "Helfer aus drei Kreisen arbeiteten die Nacht hindurch, am Morgen war die Küstenstraße wieder einspurig frei.",
        "Die Gemeinde rechnet damit, dass die Arbeiten bis ins Frühjahr dauern, und bittet um Fotos der Schäden.",
    ],
    "ja": [
        "月曜日から河口の上空で発達していた嵐が港を襲い、四十軒の家の屋根を吹き飛ばした。けが人はいなかった。",
        "「瓦が一枚ずつ皿のように落ちる音が聞こえました」と、長年船具店を営むタラントさんは話した。",
        "三つの郡から集まった作業員が夜通し働き、朝には海岸道路の片側一車線が再び通れるようになった。",
        "町は修理が春まで続くと見ており、片付けの前に被害の写真を撮るよう家の持ち主に呼びかけている。",
    ],
    "ar": [
        "اقتلعت عاصفة كانت تتشكل فوق مصب النهر منذ يوم الاثنين أسقف أربعين منزلا في الميناء، ولم يصب أحد بأذى.",
        "وقالت مود تارانت التي تدير متجرا لأدوات السفن منذ سنوات: «سمعت القرميد يسقط قطعة بعد أخرى مثل الصحون».",
        "وعمل رجال الإنقاذ القادمون من ثلاث مقاطعات طوال الليل، وفي الصباح فتح الطريق الساحلي من جديد في اتجاه واحد.",
        "وتتوقع البلدية أن تستمر أعمال الإصلاح حتى الربيع، وطلبت من أصحاب المنازل تصوير الأضرار قبل رفع الأنقاض.",
    ],
}
"""Invented reports, one paragraph an entry."""


def page_of(paragraphs: list[str]) -> str:
    """An invented page: a menu, a headline, the report, further stories, comments, the small print."""
    menu = "".join(
        f'<li><a href="/{at}">{name}</a></li>' for at, name in enumerate(["A-Z", "Sport", "Video", "Kultur"])
    )
    cards = "".join(f'<div class="card"><a href="/s{at}">{text[:40]}</a></div>' for at, text in enumerate(paragraphs))
    body = "".join(f"<p>{text}</p>" for text in paragraphs * 2)
    return (
        f'<html><body><nav class="main-menu"><ul>{menu}</ul></nav><article><h1>{paragraphs[0][:30]}</h1>'
        f'<div class="article-body">{body}</div></article><aside class="related-stories">{cards}</aside>'
        '<footer class="site-footer"><p>© 2031 Harbour Gazette. All rights reserved.</p></footer></body></html>'
    )


def probabilities(page: Page) -> np.ndarray:
    """Scores with the phrase rules' evidence, as the recipe asks for them."""
    return np.array(score(page, match(prepare(page.blocks))).probabilities)


@pytest.mark.parametrize("language", STORIES)
def test_the_report_is_kept_and_the_rest_is_not(language: str) -> None:
    page = walk(page_of(STORIES[language]))
    chances = probabilities(page)
    story = np.array([block.tag == "p" and block.text in STORIES[language] for block in page.blocks])
    assert chances[story].min() > 0.5
    assert chances[~story].max() < 0.5


@pytest.mark.parametrize("language", STORIES)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_clean_article_stays_whole(language: str, gap: str) -> None:
    page = split(gap.join(STORIES[language]))
    assert probabilities(page).min() > 0.5


def test_an_article_is_sure_and_a_menu_is_not() -> None:
    article = score(walk(page_of(STORIES["en"] * 2)))
    menu = score(walk("<ul>" + "".join(f"<li><a href=/{at}>Item {at}</a></li>" for at in range(40)) + "</ul>"))
    assert article.confidence > menu.confidence
    assert article.page_kind == "article"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n",
        "a",
        "0",
        "☂" * 50,
        "\ud800 lone",
        "one\n" * 3000,
        "x" * 200_000,
        "\x00\x01",
        "ก" * 500,
        "\u200b",
    ],
)
def test_odd_texts_have_scores(text: str) -> None:
    page = split(text)
    scores = score(page)
    assert len(scores.probabilities) == len(page.blocks)
    assert all(0 <= chance <= 1 for chance in scores.probabilities)
    assert 0 <= scores.confidence <= 1


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.booleans())
def test_any_page_has_scores_and_the_same_again(text: str, html: bool) -> None:
    page = walk(f"<div class='a b'><p>{text}</p><ul><li>{text[:20]}</li></ul></div>") if html else split(text)
    first = score(page)
    assert len(first.probabilities) == len(page.blocks)
    assert np.isfinite(first.probabilities).all()
    assert first == score(page)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_characters_are_counted_block_by_block(text: str) -> None:
    page = split(text)
    counts = lines.measure(page).counts
    for block, tally in zip(page.blocks, counts.tally, strict=True):
        alone = lines.measure(split(block.text)).counts
        assert (tally == alone.tally.sum(axis=0)).all()


def test_unspaced_scripts_weigh_more_and_divide_words() -> None:
    counts = lines.measure(split("storm over harbour\n港を襲った嵐")).counts
    assert counts.words.tolist() == [3, 3]
    assert counts.size[1] > 12


def test_what_lies_between_blocks_is_not_counted() -> None:
    page = Page("ab|cd", (Block(0, "ab", 0, 2), Block(1, "cd", 3, 5)), "text/plain")
    assert lines.measure(page).counts.tally.sum() == 4


def test_equal_words_have_equal_buckets() -> None:
    words = lines.measure(split("Read more\nAnd so READ MORE, then\n7 read 42")).words
    spoken = words.single.tolist()
    assert spoken[0:2] == spoken[4:6]
    assert spoken[7] != spoken[8]
    assert words.pair[0] == words.pair[4]
    assert (words.single < vocabulary.BUCKETS).all()


def test_a_word_across_the_period_of_the_powers_does_no_harm() -> None:
    text = ("word " * (vocabulary.PERIOD // 5 + 3)).strip()
    words = lines.measure(split(text)).words
    common = np.bincount(words.single).max()
    assert common >= len(words.single) - 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_containers_hold_runs_of_blocks(parents: list[int], chance: st.DrawFn) -> None:
    html = "".join("<div><p>a</p>" if chance.random() < 0.6 else "<p>b</p></div>" for _ in parents)  # type: ignore[attr-defined]
    page = walk(f"<body><p>x</p>{html}</body>")
    around = tree.tree(page)
    for container in range(len(page.containers)):
        inside = [block.index for block in page.blocks if container in _ancestors(page, block)]
        assert inside == list(range(around.first[container], around.last[container]))


def _ancestors(page: Page, block: Block) -> set[int]:
    found, at = set(), block.container
    while at >= 0:
        found.add(at)
        at = page.containers[at].parent
    return found


def test_deep_nesting_does_not_grow_the_path() -> None:
    containers = tuple(Container(at - 1, "div", "", at) for at in range(5000))
    block = Block(0, "A line of text.", 0, 15, "p", 4999)
    page = Page(block.text, (block,), "text/html", containers)
    assert tree.tree(page).path.shape == (1, tree.LEVELS)
    assert len(score(page).probabilities) == 1


def test_a_class_of_the_body_says_nothing() -> None:
    plain = walk(page_of(STORIES["en"]))
    classed = walk(page_of(STORIES["en"]).replace("<body>", '<body class="cookie-banner-open comments related">'))
    kept = [(probabilities(page) >= 0.5).tolist() for page in (plain, classed)]
    assert kept[0] == kept[1]


def test_runs_that_blocks_share_are_pooled_once() -> None:
    runs = Runs(np.array([[0, 0], [1, 0], [2, 0], [0, 3], [2, 3]]), np.array([[2, 3], [2, 3], [5, 3], [5, 5], [5, 5]]))
    pools = network.pools(runs)
    assert pools is not None
    assert pools.levels == (0, 4, 6)
    assert pools.first[pools.which].T.tolist() == runs.first.tolist()
    assert pools.last[pools.which].T.tolist() == runs.last.tolist()
    assert pools.size[pools.which[0]][:, 0].tolist() == [2, 1, 3, 5, 3]


@pytest.mark.parametrize("rows", [1, 3, 16, 63, 64, 200])
def test_a_product_in_slices_is_the_product(rows: int) -> None:
    chance = np.random.default_rng(rows)
    left, right = (chance.standard_normal(shape).astype(np.float32) for shape in ((rows, 192), (192, 64)))
    assert np.allclose(network.product(left, right), left @ right, atol=1e-4)


@pytest.mark.parametrize("medium", ["text", "html"])
def test_weights_are_small_plain_and_accounted_for(medium: str) -> None:
    folder = files("cleaners.scorer") / "weights"
    assert len((folder / f"{medium}.npz").read_bytes()) < 2_000_000
    told = json.loads((folder / "provenance.json").read_text("utf-8"))[f"{medium}.npz"]
    assert any("WCXB" in corpus["name"] and corpus["licence"] == "CC-BY-4.0" for corpus in told["corpora"])
    assert told["scores"]
    assert np.isfinite(network.load("text/html" if medium == "html" else "text/plain").inlet).all()


@pytest.mark.parametrize("number", range(len(attributes.groups())))
def test_groups_name_a_kind_and_spare_their_keep_example(number: int) -> None:
    group = attributes.groups()[number]
    assert group.kind == "" or group.kind in kinds()
    assert all(attributes.said(word)[0] >> number & 1 for word in group.words)
    assert [word for word in group.words if not word.isalpha()] == [], "values are divided there: it would never match"
    assert group.keep == "" or not attributes.said(group.keep)[0] >> number & 1


def test_classes_of_characters_know_every_script() -> None:
    shown = {
        "a": "lower",
        "Ж": "upper",
        "ش": "uncased",
        "漢": "unspaced",
        "๓": "digit",
        "。": "terminator",
        "،": "comma",
    }
    found = characters.classes(characters.codes("".join(shown)))
    assert [characters.CLASSES[kind] for kind in found] == list(shown.values())


DIVIDED = "One line,\nand another that is rather long, in one block"


@pytest.mark.parametrize(
    ("blocks", "answer", "kept"),
    [
        (["Menu", "First one.", "Share", "Second one."], "First one.\nSecond one.", (1, 3)),
        (["Share", "First one.", "Share"], "First one.\nShare", (1, 2)),
        (["A list", "one", "two"], "A list\n- one\n- two", (0, 1, 2)),
        ([DIVIDED], DIVIDED, (0,)),
        (["Menu"], "Something else", ()),
    ],
)  # fmt: skip
def test_an_answer_is_laid_over_the_blocks(blocks: list[str], answer: str, kept: tuple[int, ...]) -> None:
    assert fallback.overlay(blocks, answer) == kept


def test_trafilatura_is_asked_about_the_page() -> None:
    html = page_of(STORIES["en"])
    page = walk(html)
    kept = fallback.ask(html, page)
    assert kept is not None
    assert {page.blocks[index].text for index in kept} >= set(STORIES["en"])
    assert fallback.ask("<p>", walk("<p>")) is None
    assert not re.search(r"\bmenu\b", " ".join(page.blocks[index].text for index in kept))


ALIGNED = [
    (["Menu", "One two three.", "Share this", "Five six seven."], "One two three.\n\nFive six seven.", [0, 1, 0, 1]),
    (["One two.", "One two.", "And so it went on and on."], "One two.\nAnd so it went on and on.", None),
    (["Sport", "The final, in which Sport won, was long."], "The final, in which Sport won, was long.", [0, 1]),
    (["嵐が港を襲った。", "関連記事"], "嵐が港を襲った。", [1, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "gold", "labels"), ALIGNED)
def test_blocks_are_found_where_the_gold_has_them(blocks: list[str], gold: str, labels: list[int] | None) -> None:
    found = [share > 0.5 for share in align.shares(blocks, gold)]
    if labels is None:
        assert found.count(True) == 2
        assert found[-1]
    else:
        assert found == [bool(label) for label in labels]


def test_a_headline_in_front_of_the_gold_is_taken_out() -> None:
    assert align.without_title("Storm hits coast\n\nRoofs flew.", "Storm hits coast") == ("roofs flew", True)
    assert align.without_title("Roofs flew.", "Storm hits coast") == ("Roofs flew.", False)
