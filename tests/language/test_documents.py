"""The language of a document: 49 languages, whatever stands around the text."""

from __future__ import annotations

import random
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import clean
from cleaners.document import Block, Metadata, Page
from cleaners.language import Language, identify, identify_page
from cleaners.language.detectors import by_langdetect, by_langid
from cleaners.language.languages import LANGUAGES, iso639_1
from cleaners.language.sample import in_one_script
from cleaners.language.scripts import letters_by_script
from tests.environment import unmeasured

TEXTS: dict[str, str] = tomllib.loads(Path(__file__).with_name("documents.toml").read_text(encoding="utf-8"))["texts"]
SOUTH_SLAVIC = {"hr", "sr", "bs"}
ARABIC_LABELS = ["الرئيسية", "أخبار العالم", "اقتصاد", "رياضة", "فيديو", "اشترك في النشرة"]
FRENCH_LABELS = ["Accueil", "Toute l'actualité", "Économie", "Nos newsletters", "Lire la suite", "Mon compte"]


def same(found: str, wanted: str) -> bool:
    return found == wanted or {found, wanted} <= SOUTH_SLAVIC


def padded(text: str, labels: list[str]) -> str:
    """The text with navigation of 40 % of its length behind it."""
    rows = labels * (1 + int(len(text) * 0.4) // sum(map(len, labels)))
    return text + "\n" + "\n".join(rows)


def test_there_is_a_text_for_every_language() -> None:
    assert set(TEXTS) == set(LANGUAGES)
    assert len(LANGUAGES) == 49


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_text_is_in_its_language_whatever_surrounds_it(language: str) -> None:
    text = TEXTS[language]
    link = "https://www.example.org/2024/05/17/story?id=8812 20.05.2024 18:30 desk@example.org\n"
    variants = [
        text,
        text.upper(),
        link * 6 + text + "\n" + link * 6,
        padded(text, FRENCH_LABELS if language == "ar" else ARABIC_LABELS),
        padded(text, ARABIC_LABELS if language == "fr" else FRENCH_LABELS),
    ]
    assert [identify(variant).code for variant in variants if not same(identify(variant).code, language)] == []


@pytest.mark.parametrize(
    "text",
    ["", "   ", "12:30", "OK", "Home", "https://example.org/a/b/c", "@@@@ #### 0000", "\ud800\udfff", "\x00" * 50],
)
def test_too_little_text_is_undetermined(text: str) -> None:
    assert identify(text) == Language()


def test_a_declared_language_settles_only_what_is_alike() -> None:
    assert identify(TEXTS["bs"], "bs").code == "bs"
    assert identify(TEXTS["hr"], "hr-HR").code == "hr"
    assert identify(TEXTS["hr"] * 2, "bs").code == "bs"
    assert identify(TEXTS["bs"], "hr").code == "hr"
    assert identify(TEXTS["de"], "en-US").code == "de"
    assert identify(TEXTS["sv"], "da").code == "sv"


@pytest.mark.parametrize(
    ("text", "declared", "tag"),
    [
        ("這個國家的經濟發展對於學生來說非常重要，專家們認為應當進行改革。", "", "zh-Hant"),
        ("这个国家的经济发展对于学生来说非常重要，专家们认为应当进行改革。", "zh-TW", "zh-Hans"),
        ("Gradski sud je juče odbio žalbu i naložio da se postupak ponovi pred drugim sudijom.", "sr", "sr-Latn"),
        (TEXTS["sr"], "", "sr-Cyrl"),
        (
            "Você viu o ônibus? A prefeitura informou que o trem não vai circular no domingo, disse o prefeito.",
            "",
            "pt-BR",
        ),
        ("O autocarro parou junto à câmara e o comboio não passou, disse o autarca aos jornalistas.", "", "pt-PT"),
        ("O rio subiu durante a noite e as ruas ficaram cheias de água e de lama.", "pt_BR", "pt-BR"),
        ("O rio subiu durante a noite e as ruas ficaram cheias de água e de lama.", "", "pt"),
        (TEXTS["de"], "de-AT", "de"),
    ],
)
def test_the_tag_says_more_where_the_text_tells(text: str, declared: str, tag: str) -> None:
    assert identify(text, declared).tag == tag


def test_a_bilingual_article_has_shares() -> None:
    mixed = "\n\n".join([TEXTS["en"], TEXTS["fr"], TEXTS["en"], TEXTS["fr"], TEXTS["en"]])
    shares = dict(identify(mixed).shares)
    assert identify(mixed).code == "en"
    assert shares["en"] == pytest.approx(0.6, abs=0.05)
    assert shares["fr"] == pytest.approx(0.4, abs=0.05)
    assert dict(identify(f"{TEXTS['en']}\n{TEXTS['ar']}\n{TEXTS['en']}").shares).keys() == {"en", "ar"}


def test_one_language_has_one_share() -> None:
    assert {identify(text).shares for text in TEXTS.values()} <= {((code, 1.0),) for code in LANGUAGES}


def test_navigation_is_not_a_second_language() -> None:
    assert identify(padded(TEXTS["en"], ARABIC_LABELS)).shares == (("en", 1.0),)


@pytest.mark.parametrize("code", ["af", "sq", "eu", "ka", "hy", "te"])
def test_labels_of_other_languages_are_iso_codes(code: str) -> None:
    assert iso639_1(code) == code


def test_a_language_beside_the_49_is_named() -> None:
    basque = (
        "Udalak asteartean erabaki zuen zubi zaharra ixtea, ingeniarien arabera ez zuelako beste negu bat jasango. "
        "Bizilagunek diote hamar urte eman dituztela erabakiaren zain."
    )
    assert identify(basque).code == "eu"


def block(index: int, text: str, link_chars: int = 0, hidden: bool = False) -> Block:
    return Block(index, text, 0, len(text), link_chars=link_chars, hidden=hidden)


def test_navigation_does_not_outvote_the_article() -> None:
    labels = FRENCH_LABELS * 60
    teaser = "Le gouvernement annonce un nouveau plan pour les transports de la région parisienne cet hiver"
    blocks = [block(i, label, len(label)) for i, label in enumerate(labels)]
    blocks += [block(900 + i, teaser, len(teaser)) for i in range(40)]
    blocks.insert(100, block(2000, TEXTS["en"]))
    blocks.insert(0, block(2001, TEXTS["fr"] * 5, hidden=True))
    page = Page("\n".join(b.text for b in blocks), tuple(blocks), "text/html", metadata=Metadata(language="fr"))
    assert identify_page(page).code == "en"


def test_a_page_of_short_lines_still_has_a_language() -> None:
    lines = [line for line in TEXTS["it"].replace(",", ".").split(". ") if line]
    blocks = tuple(block(i, line) for i, line in enumerate(lines))
    assert identify_page(Page("\n".join(lines), blocks, "text/plain")).code == "it"
    assert identify_page(Page("", (), "text/html")).code == "und"


def test_only_lines_of_the_dominant_script_are_shown_to_detectors() -> None:
    text = "Один два три четыре пять\nfive six\nшесть (six) семь восемь"
    assert in_one_script(text, letters_by_script(text)) == "Один два три четыре пять\nшесть (six) семь восемь"
    plain = "Один два три\nчетыре пять"
    assert in_one_script(plain, letters_by_script(plain)) is plain


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    found = identify(text)
    assert 0.0 <= found.confidence <= 1.0
    assert found.code == "und" or (len(found.code) == 2 and found.shares)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(categories=("L", "Cc", "Cs", "Cf", "Cn", "Co", "So", "Mn")), max_size=200))
def test_impossible_characters_do_no_harm(noise: str) -> None:
    assert same(identify(TEXTS["sv"] + "\x00\ud800\u200b\ufffe" + "\n" + noise[:40]).code, "sv")
    identify(noise)


@pytest.mark.parametrize("unit", ["a", "漢", "a@", "a.", "//a", "_", "ا", "w.", "-"])
def test_unbroken_text_costs_linear_time(unit: str) -> None:
    # A quadratic pattern takes seconds here; the whole file has a budget of a few.
    identify(unit * 20_000)
    identify("www." + unit * 20_000)
    identify(TEXTS["en"] * 4_000)


def test_the_answer_depends_on_neither_order_nor_threads() -> None:
    hard = [text[:60] for text in TEXTS.values()]
    alone = [identify(text) for text in hard]
    shuffled = list(enumerate(hard))
    random.Random(7).shuffle(shuffled)
    assert all(identify(text) == alone[index] for index, text in shuffled)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(identify, hard)) == alone


_COLD = """
import sys
from concurrent.futures import ThreadPoolExecutor
import cleaners.language
assert not {"py3langid", "langdetect"} & set(sys.modules), "detectors are loaded when first asked"
from cleaners.language.detectors import by_langdetect, by_langid
texts = ["Das ist gut, that is good", "Ne me parle pas, no me hables", "Jeg ved det ikke, jag vet inte"] * 3
with ThreadPoolExecutor(8) as pool:
    print([(g.code, repr(g.share)) for ask in (by_langdetect, by_langid) for g in pool.map(ask, texts)])
"""


@pytest.mark.slow
def test_a_cold_start_from_threads_answers_the_same_under_any_hash_seed() -> None:
    answers = set()
    for seed in ("0", "1"):
        environment = unmeasured(PYTHONHASHSEED=seed)
        run = subprocess.run([sys.executable, "-c", _COLD], env=environment, capture_output=True, text=True, check=True)
        answers.add(run.stdout)
    texts = ["Das ist gut, that is good", "Ne me parle pas, no me hables", "Jeg ved det ikke, jag vet inte"] * 3
    here = [(guess.code, repr(guess.share)) for ask in (by_langdetect, by_langid) for guess in map(ask, texts)]
    assert answers == {f"{here}\n"}


def test_interface_in_english_does_not_outvote_a_short_article() -> None:
    story = (
        "Порт Вельсунна закрыт до четверга после шторма, который опрокинул два крана.",
        "По словам капитана порта, никто не пострадал.",
        "Без света остаются около четырёх тысяч домов.",
    )
    widget = (
        "Harbour Letter is a reader-supported publication that depends on people like you. To receive new posts and "
        "support my work, consider becoming a free or paid subscriber today, or tell your friends about it."
    )
    page = (
        "<html lang=ru><body><article class=post><h1>Шторм закрыл порт</h1><div class='body markup'>"
        f"{''.join(f'<p>{line}</p>' for line in story)}</div></article>"
        f"<div class='subscription-widget newsletter'><p>{widget}</p><button>Subscribe</button></div>"
    )
    document = clean(page, media_type="text/html")
    assert document.language == "ru"
    assert all(line in document.text for line in story)
