"""Sentences of articles in which a phrase of the rules happens to stand, and lines of sites that begin alike."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from cleaners import clean
from cleaners.matching import match_line
from cleaners.rulebook import packs

LINES = Path(__file__).parents[1] / "language"
TOLD: list[dict[str, Any]] = tomllib.loads((LINES / "told_lines.toml").read_text(encoding="utf-8"))["told"]
SITE: list[dict[str, Any]] = tomllib.loads((LINES / "site_lines.toml").read_text(encoding="utf-8"))["site"]
BODY = (
    "The harbour of Velsund will stay closed until Thursday after a barge broke loose in the storm and hit a pier.",
    "Nobody was hurt, the harbour master said, but two cranes lost their footing and must be checked before use.",
    "Ships that were due on Monday have been sent to Arnhaven, forty miles to the south, where trains are waiting.",
    "The town expects the damage to cost about three million crowns, most of which its insurance will pay.",
)


@pytest.mark.parametrize("group", TOLD, ids=lambda group: group["language"])
def test_no_phrase_hits_a_sentence_that_is_told(group: dict[str, Any]) -> None:
    hit = {line: [one.rule for one in match_line(line, group["language"])] for line in group["lines"]}
    assert {line: rules for line, rules in hit.items() if rules} == {}


@pytest.mark.parametrize("at", [2, 4], ids=["inside", "last"])
@pytest.mark.parametrize("html", [False, True], ids=["text", "html"])
def test_an_article_keeps_such_a_sentence(at: int, html: bool) -> None:
    line = "All rights reserved, the back of each print said, but nobody knew by whom."
    lines = (*BODY[:at], line, *BODY[at:])
    page = f"<article><h1>Storm</h1><p>{'</p><p>'.join(lines)}</p></article>" if html else "\n\n".join(lines)
    assert line in clean(page).text


SITES = {
    "All rights reserved. Unauthorised use of photographs or text will be prosecuted.": "copyright_line",
    "Sign up for our morning briefing and never miss a story from the coast again.": "newsletter",
    "If you notice an error in this article, write to the desk and we will put it right.": "contact_line",
    "Read more: The fishermen who had never seen the sea were asked what they thought of it.": "related_links",
    "About the author: she was born in Arnhaven, where he had taught, and wrote nine novels.": "author_bio",
    "Alle Rechte vorbehalten. Jede Verwendung bedarf der schriftlichen Zustimmung des Verlags.": "copyright_line",
    "Recevez gratuitement chaque matin l'essentiel de l'actualité de la côte.": "newsletter",
    "Prohibida su reproducción total o parcial sin permiso del editor.": "copyright_line",
    "Нашли ошибку? Выделите текст и сообщите нам.": "contact_line",
}

FEW_RULES = {
    "id": "Kami menggunakan cookie untuk meningkatkan pengalaman Anda dan menampilkan iklan yang sesuai minat Anda.",
    "el": "Χρησιμοποιούμε cookies για να βελτιώσουμε την εμπειρία σας και να προβάλλουμε εξατομικευμένες διαφημίσεις.",
    "vi": "Chúng tôi sử dụng cookie để cải thiện trải nghiệm của bạn và phân tích lưu lượng truy cập.",
    "ar": "جميع الحقوق محفوظة لصالح المؤسسة ولا يجوز إعادة نشر المحتوى دون إذن خطي مسبق.",
    "he": "כל הזכויות שמורות. אין להעתיק תכנים מהאתר ללא אישור בכתב מהמערכת.",
    "sk": "Používame cookies, aby sme vám zlepšili zážitok z prehliadania a zobrazovali reklamy na mieru.",
    "cs": "Používáme cookies, abychom vám zajistili nejlepší zážitek z procházení a zobrazovali reklamy na míru.",
    "hu": "Minden jog fenntartva. A tartalom másolása írásos engedély nélkül tilos.",
    "fi": "Käytämme evästeitä parantaaksemme käyttökokemusta ja näyttääksemme kohdennettua mainontaa.",
    "da": "Vi bruger cookies til at forbedre din oplevelse og vise målrettede annoncer fra vores samarbejdspartnere.",
}


@pytest.mark.parametrize("language", FEW_RULES)
def test_that_few_words_are_known_of_a_language_tells_nothing(language: str) -> None:
    assert {hit.kind for hit in match_line(FEW_RULES[language], language)} & {"cookie_banner", "copyright_line"}


@pytest.mark.parametrize("group", SITE, ids=lambda group: group["language"])
def test_sentences_that_sites_say_of_themselves_are_hit(group: dict[str, Any]) -> None:
    assert [line for line in group["lines"] if not match_line(line, group["language"])] == []


def test_every_language_has_words_that_tell() -> None:
    assert [code for code in packs() if code != "any" and not packs()[code].words.get("told")] == []


@pytest.mark.parametrize("line", SITES)
def test_a_site_speaks_of_itself(line: str) -> None:
    assert SITES[line] in {hit.kind for hit in match_line(line)}


WEAK = {
    "Publicidad: 12 millones": "es",
    "Publicité : 12 millions": "fr",
    "Комментарии: 214": "ru",
    "Newsletter: a letter to many readers": "en",
}


@pytest.mark.parametrize("line", WEAK)
def test_a_word_and_a_colon_prove_little(line: str) -> None:
    hits = match_line(line, WEAK[line])
    assert hits
    assert all(hit.weak or not hit.certain for hit in hits)


@pytest.mark.parametrize(
    ("line", "language"), [("当サイトではCookieを使用しています。", "ja"), ("Sign up for our morning briefing.", "en")]
)
def test_a_phrase_of_several_words_proves_much(line: str, language: str) -> None:
    assert any(hit.certain and not hit.weak for hit in match_line(line, language))
