"""Titles, dates, credits, the guard and the explanations, each on lines made for the case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cleaners import clean, explain
from cleaners.credits import split_names
from cleaners.dates import is_day_first, parse_iso, parse_label
from cleaners.document import Verdict
from cleaners.explain import printable, render, sentence
from cleaners.guard import guard
from cleaners.matching import match_line
from cleaners.text import split
from cleaners.titles import halved

BODY = (
    "The harbour of Velsund will stay closed until Thursday after a barge broke loose in the storm and hit a pier.\n\n"
    "Nobody was hurt, the harbour master said, but two cranes lost their footing and must be checked before use.\n\n"
    "Ships that were due on Monday have been sent to Arnhaven, forty miles to the south, where trains are waiting.\n\n"
    "The town expects the damage to cost about three million crowns, most of which its insurance will pay.\n"
)
HEADLINE = "Storm closes the harbour of Velsund until Thursday"


def test_a_headline_set_apart_is_the_title() -> None:
    document = clean(f"{HEADLINE}\n\n{BODY}")
    assert document.title == HEADLINE
    assert HEADLINE not in document.text
    assert "title_guessed" in document.flags


def test_a_lead_is_no_title() -> None:
    assert clean(BODY).title is None


def test_a_doubled_headline_is_halved() -> None:
    assert clean(f"{HEADLINE} {HEADLINE}\n\n{BODY}").title == HEADLINE
    assert halved("no no") == "no no"


TIMES = {
    "clock": ("14:32", "14:05", "13.40", "1.12pm"),
    "clock and zone": ("2.15pm GMT", "1.50pm GMT", "13:12 GMT", "12:40 GMT"),
    "ago": ("12 minutes ago", "40 minutes ago", "1 hour ago", "2 hours ago"),
    "day": ("6 March", "9 March", "12 March", "2 April"),
    "clock and heading": ("14:32\n\nPier hit", "14:05\n\nCranes checked", "13:40\n\nShips turned", "13:12\n\nCosts"),
}


@pytest.mark.parametrize("html", [False, True], ids=["text", "html"])
@pytest.mark.parametrize("times", TIMES)
def test_the_times_of_a_live_blog_stay_before_its_entries(times: str, html: bool) -> None:
    entries = "\n\n".join(f"{time}\n\n{said}" for time, said in zip(TIMES[times], BODY.split("\n\n"), strict=True))
    lead = "Follow what happens on the coast, with reports from our people at the harbour and in the town hall."
    page = f"{HEADLINE}\n\n{lead}\n\n{entries}"
    if html:
        rest = page.partition("\n\n")[2].strip().replace("\n\n", "</p><p>")
        page = f"<article><h1>{HEADLINE}</h1><p>{rest}</p></article>"
    assert clean(page).text.strip().endswith(entries.strip())


SERVICE = {
    "telephone": "Tel. 010 555 0100",
    "numbers drawn": "12\n\n24\n\n31",
    "item of a list": "• Save energy",
}


@pytest.mark.parametrize("what", SERVICE)
def test_a_line_inside_the_body_that_the_model_keeps_is_not_cut_by_its_shape(what: str) -> None:
    first, _, rest = BODY.partition("\n\n")
    assert f"{SERVICE[what]}\n" in clean(f"{HEADLINE}\n\n{first}\n\n{SERVICE[what]}\n\n{rest}").text


def test_a_time_that_stands_alone_is_a_label() -> None:
    assert "14:32" not in clean(f"{HEADLINE}\n\n14:32\n\n{BODY}").text


def test_cleaning_again_changes_nothing() -> None:
    first = clean(
        f"Accept all cookies\n\n{HEADLINE}\n\nBy Jonas Ek\n\n{BODY}\n\nLeave a comment\n\nShare on Facebook\n"
    )
    again = clean(f"{first.title}\n\n{first.text}")
    assert (again.title, again.text) == (first.title, first.text)


def test_what_is_cut_fills_authors_and_date() -> None:
    document = clean(f"{HEADLINE}\n\nBy Jonas Ek and Mia Roth\n\nPublished 3 May 2024, 08:15\n\n{BODY}")
    assert document.authors == ("Jonas Ek", "Mia Roth")
    assert document.published == datetime(2024, 5, 3, 8, 15, tzinfo=UTC)


def test_a_page_of_nothing_but_a_consent_wall_is_empty_and_says_so() -> None:
    document = clean("We use cookies to improve our site\n\nAccept all cookies\n\nManage preferences\n")
    assert document.text == ""
    assert "empty" in document.flags


def test_every_block_has_one_verdict() -> None:
    explanation = explain(f"Menu\nHome\nSport\n\n{HEADLINE}\n\n{BODY}\n\nRead more:\nAnother story\nA third story\n")
    assert [verdict.block for verdict in explanation.document.verdicts] == list(range(len(explanation.page.blocks)))
    assert all(verdict.keep or verdict.kind for verdict in explanation.document.verdicts)


def test_the_guard_gives_prose_back_where_little_is_left() -> None:
    page = split("The mayor of the town said on Friday that the new road would be open by the summer.\n")
    verdicts, guarded = guard(page, [Verdict(0, False, "boilerplate", "scorer", 0.2)])
    assert guarded
    assert verdicts[0].keep


def test_the_guard_does_not_give_back_what_a_specific_rule_cut() -> None:
    page = split("We use cookies to give you the best experience on our website and to measure how it is used.\n")
    verdicts, guarded = guard(page, [Verdict(0, False, "cookie_banner", "en:cookie_banner:contains", 0.2)])
    assert not guarded
    assert not verdicts[0].keep


ISO = {
    "2024-05-03": datetime(2024, 5, 3, tzinfo=UTC),
    "2024-05-03T08:15:00Z": datetime(2024, 5, 3, 8, 15, tzinfo=UTC),
    "yesterday": None,
    "0001-01-01": None,
    "": None,
}


@pytest.mark.parametrize("text", ISO)
def test_iso_dates(text: str) -> None:
    assert parse_iso(text) == ISO[text]


LABELS = [
    ("Published on Monday, May 12, 2024 at 10:30 AM", "en", datetime(2024, 5, 12, 10, 30, tzinfo=UTC)),
    ("Опубликовано: 5 марта 2024, 10:15", "ru", datetime(2024, 3, 5, 10, 15, tzinfo=UTC)),
    ("2024年5月12日 10:30", "zh", datetime(2024, 5, 12, 10, 30, tzinfo=UTC)),
    ("Publié le 3 février 2024", "fr", datetime(2024, 2, 3, tzinfo=UTC)),
    ("03/05/2024 08h15", "pt", datetime(2024, 5, 3, 8, 15, tzinfo=UTC)),
    ("Publié à 8 h 05 le 03/05/2024", "fr", datetime(2024, 5, 3, 8, 5, tzinfo=UTC)),
    ("03.05.2024", "en", datetime(2024, 5, 3, tzinfo=UTC)),
    ("3. 5. 2024", "cs", datetime(2024, 5, 3, tzinfo=UTC)),
    ("เผยแพร่ 3 พ.ค. 2567", "th", datetime(2024, 5, 3, tzinfo=UTC)),
    ("3 أيار/مايو 2024", "ar", datetime(2024, 5, 3, tzinfo=UTC)),
    ("令和6年5月3日", "ja", datetime(2024, 5, 3, tzinfo=UTC)),
    ("Mayo 3, 2024", "tl", datetime(2024, 5, 3, tzinfo=UTC)),
    ("Two hours ago", "en", None),
    ("Updated 12 May", "en", None),
]


@pytest.mark.parametrize(("label", "language", "wanted"), LABELS)
def test_date_labels(label: str, language: str, wanted: datetime | None) -> None:
    assert parse_label(label, language) == wanted


REGIONS = [
    ("en-GB", "", True),
    ("en", "news.example.co.uk", True),
    ("en-US", "news.example.co.uk", False),
    ("en", "news.example.io", False),
    ("", "news.example", False),
]


@pytest.mark.parametrize(("tag", "host", "first"), REGIONS)
def test_whether_the_day_is_first_is_told_by_the_region(tag: str, host: str, first: bool) -> None:
    assert is_day_first(tag, host) == first
    found = parse_label("Published 03/05/2024", "en", day_first=first)
    assert found == datetime(2024, *((5, 3) if first else (3, 5)), tzinfo=UTC)


def test_a_page_of_a_region_is_dated_as_there() -> None:
    page = f"<html lang=en-IE><body><h1>Rain</h1><p class=date>Published: 03/05/2024</p><p>{BODY}</p>"
    assert explain(page, media_type="text/html").document.published == datetime(2024, 5, 3, tzinfo=UTC)


NAMES = {
    "Ana Ruiz and Tom Ek": ("Ana Ruiz", "Tom Ek"),
    ": Ana Ruiz, Jo Li | Reuters": ("Ana Ruiz", "Jo Li"),
    "Ana Ruiz (Madrid)": ("Ana Ruiz",),
    "Reuters": (),
    "": (),
}


@pytest.mark.parametrize("line", NAMES)
def test_names_of_a_byline(line: str) -> None:
    assert split_names(line) == NAMES[line]


def test_a_very_long_line_is_no_rule_s_business() -> None:
    assert match_line("word " * 5000) == ()


def test_an_account_can_be_read_and_cannot_steer_the_terminal() -> None:
    text = render(explain(f"Accept all cookies\n\n{BODY}\x1b[2Jevil line that is here\n"))
    assert "- Accept all cookies  [cookie_banner]" in text
    assert "\x1b" not in text
    assert "\x1b[9;31m" in render(explain(f"Accept all cookies\n\n{BODY}"), colour=True)
    assert printable("\u202eevil") == "\\u202eevil"
    assert (
        sentence(Verdict(0, False, "boilerplate", "scorer", 0.25))
        == "cut as boilerplate: it does not look like article (0.25)"
    )


def test_the_function_and_the_module_of_one_name_live_together() -> None:
    import cleaners.explain
    from cleaners import explain as function

    assert cleaners.explain is function
    assert callable(function)


CITED = [
    (
        "en",
        '"We use cookies to improve your experience" is a sentence that most people no longer read, she said.',
        False,
    ),
    ("de", "„Wir verwenden Cookies, um Ihnen das beste Erlebnis zu bieten“, steht auf neun von zehn Seiten.", False),
    ("fr", "« Nous utilisons des cookies pour améliorer votre expérience » : la phrase est partout, dit-elle.", False),
    ("nl", "‘Wij gebruiken cookies om uw ervaring te verbeteren’ is een zin die niemand meer leest.", False),
    ("he", "״אנו משתמשים בעוגיות כדי לשפר את חוויית הגלישה״ הוא משפט שאיש כבר לא קורא, אמרה.", False),
    ("en", "“Sign up for our newsletter,” the page urged, and four million readers did.", False),
    ("en", 'By clicking "Accept all cookies", you agree to the storing of cookies on your device.', True),
    ("en", '"We use cookies to improve your experience."', True),
    ("en", 'We use cookies to improve your experience. Read our "cookie policy" to find out more about it.', True),
]


@pytest.mark.parametrize(("language", "line", "cut"), CITED)
def test_a_phrase_in_quotation_marks_is_written_about(language: str, line: str, cut: bool) -> None:
    assert bool(match_line(line, language)) is cut
