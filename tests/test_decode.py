"""Bytes to text: which evidence wins, what is refused, what is repaired."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.charsets import charset_name, codec_of
from cleaners.decode import decode, sniff_media_type
from cleaners.errors import NotTextError, UndecodableError
from cleaners.mojibake import repair

PROSE = {
    "ru": "Мэр сообщил, что мост через реку закроют до весны. Жители просят открыть паром.",
    "uk": "Мер повідомив, що міст через річку закриють до весни. Мешканці просять відкрити пором.",
    "zh": "市长表示，河上的大桥将关闭到春天，居民要求开放渡口。维修需要两个月的时间。",
    "tw": "市長表示，河上的大橋將關閉到春天，居民要求開放渡口。維修需要兩個月的時間。",
    "ja": "市長によると、川にかかる橋は春まで閉鎖される。住民は渡し船の再開を求めている。",
    "ko": "시장은 강 위의 다리가 봄까지 폐쇄될 것이라고 말했다. 주민들은 나루터를 열어 달라고 한다.",
    "fr": "Le maire a annoncé que le pont resterait fermé jusqu’à l’été. Les habitants, très déçus, espèrent un bac.",
    "de": "Die Brücke bleibt bis zum Frühjahr gesperrt. Für die Anwohner heißt das größere Umwege.",
    "pl": "Burmistrz ogłosił, że most będzie zamknięty do wiosny. Mieszkańcy proszą o prom.",
    "tr": "Belediye başkanı, köprünün ilkbahara kadar kapalı kalacağını açıkladı.",
    "el": "Ο δήμαρχος ανακοίνωσε ότι η γέφυρα θα μείνει κλειστή μέχρι την άνοιξη.",
    "ar": "أعلن رئيس البلدية أن الجسر سيبقى مغلقا حتى الربيع.",
    "he": "ראש העיר הודיע כי הגשר יישאר סגור עד האביב.",
    "th": "นายกเทศมนตรีแจ้งว่าสะพานจะปิดจนถึงฤดูร้อน",
    "it": "Il ponte però resterà chiuso fino a primavera, perché c’è ghiaccio: così il sindaco.",
    # The one letter beyond ASCII is a Mac's ö.
    "hr": "Most je opet otvoren, javlja gradska uprava u Mošorinu, a trajekt vozi do kraja mjeseca; više u subotu.",
    "hanja": "경남 고교(高校) 앞 대교(大橋)는 봄까지 닫힌다고 시장이 말했다. 주민들은 나루터를 열어 달라고 "
    "여러 번 부탁했고, 김(金) 군수는 국회(國會)에 다시 묻겠다고 밝혔다. 공사는 내년 봄에 끝난다고 한다.",
}
DETECTED = [
    ("ru", "windows-1251"),
    ("ru", "koi8-r"),
    ("ru", "iso-8859-5"),
    ("uk", "windows-1251"),
    ("uk", "koi8-u"),
    ("zh", "gb18030"),
    ("tw", "big5"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("ja", "iso-2022-jp"),
    ("ko", "euc-kr"),
    ("fr", "windows-1252"),
    ("de", "windows-1252"),
    ("pl", "windows-1250"),
    ("pl", "iso-8859-2"),
    ("it", "windows-1252"),
    ("hr", "windows-1250"),
    ("hanja", "euc-kr"),
    ("tr", "windows-1254"),
    ("el", "windows-1253"),
    ("ar", "windows-1256"),
    ("he", "windows-1255"),
    ("th", "windows-874"),
    *((language, name) for language in PROSE for name in ("utf-16-le", "utf-16-be")),
]


@pytest.mark.parametrize(("language", "name"), DETECTED)
def test_undeclared_bytes_are_read_by_what_they_look_like(language: str, name: str) -> None:
    text = f"{PROSE[language]} 12\n{PROSE[language]}\n"
    decoded = decode(codec_of(name).encode(text)[0])
    assert (decoded.text, decoded.encoding, decoded.evidence) == (text, name, "detected")


CAFE = "Le café est fermé."
EVIDENCE = [
    ("valid UTF-8 beats a header", CAFE.encode(), "iso-8859-1", "utf-8", "utf-8"),
    ("a mark beats a header", b"\xef\xbb\xbf" + CAFE.encode(), "windows-1252", "utf-8", "bom"),
    ("UTF-16's mark", CAFE.encode("utf-16"), None, "utf-16-le", "bom"),
    ("UTF-32's mark", b"\x00\x00\xfe\xff" + CAFE.encode("utf-32-be"), None, "utf-32-be", "bom"),
    ("a header", CAFE.encode("latin-1"), "ISO-8859-1", "windows-1252", "http"),
    ("a header beats <meta>", b"<meta charset=koi8-r>" + CAFE.encode("latin-1"), "latin1", "windows-1252", "http"),
    (
        "<meta>",
        b'<META http-equiv=x content="text/html; charset=gb2312">' + "桥".encode("gbk"),
        None,
        "gb18030",
        "meta",
    ),
    (
        "an XML declaration",
        b"<?xml version='1.0' encoding='windows-1251'?><p>" + "Мост".encode("cp1251"),
        None,
        "windows-1251",
        "meta",
    ),
    ("a header that is wrong is not believed", "橋は春まで".encode("shift_jis") * 4, "utf-8", "shift_jis", "detected"),
    ("nor one that fails", PROSE["ru"].encode("cp1251"), "euc-jp", "windows-1251", "detected"),
    ("nor one that is no charset", CAFE.encode("latin-1"), "rot13", "windows-1252", "detected"),
    ("ASCII", b"Rain", "shift_jis", "utf-8", "utf-8"),
    ("nothing", b"", None, "utf-8", "utf-8"),
]


@pytest.mark.parametrize(
    ("payload", "charset", "name", "evidence"), [case[1:] for case in EVIDENCE], ids=[case[0] for case in EVIDENCE]
)
def test_evidence(payload: bytes, charset: str | None, name: str, evidence: str) -> None:
    decoded = decode(payload, charset=charset, html=True)
    assert (decoded.encoding, decoded.evidence) == (name, evidence)
    assert "\ufffd" not in decoded.text and "\ufeff" not in decoded.text


PUNCTUATED = (
    "The mayor’s office said the bridge – built in 1931 – won’t open “before spring”. It costs £5 at 3° and ½ ×"
)


@pytest.mark.parametrize("text", [PUNCTUATED[:60], PUNCTUATED, "Café " + PUNCTUATED, PUNCTUATED[:80] * 40])
def test_punctuation_alone_is_the_usual_encoding(text: str) -> None:
    decoded = decode(text.encode("windows-1252"))
    assert (decoded.text, decoded.encoding) == (text, "windows-1252")


@pytest.mark.parametrize("usual", [b"", b"\x81\x9d"], ids=["even", "undefined in windows-1252"])
@pytest.mark.parametrize("seed", range(3))
def test_bytes_that_are_no_language_are_refused(usual: bytes, seed: int) -> None:
    chance = random.Random(seed)  # the same bytes each time are the point
    letters = bytes(range(0x80, 0x100)) + usual * 200
    noise = bytes(chance.choice((*chance.choices(letters, k=3), 0x20, 0x0A)) for _ in range(2000))
    with pytest.raises(UndecodableError):
        decode(noise)


def test_the_bytes_of_a_text_are_handed_on() -> None:
    assert decode(CAFE).utf8 == decode(CAFE.encode()).utf8 == CAFE.encode()
    assert decode("\ufeff" + CAFE).utf8 is decode("CafÃ©").utf8 is decode(CAFE.encode("latin-1")).utf8 is None


def test_meta_counts_only_in_html() -> None:
    payload = b"<meta charset=koi8-r> " + CAFE.encode("latin-1")
    assert decode(payload, html=False).encoding == "windows-1252"


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200))
def test_any_text_survives_utf_8(text: str) -> None:
    try:
        decoded = decode(text.encode())
    except NotTextError:  # drawn from control characters
        return
    assert decoded.text == text.removeprefix("\ufeff") or decoded.repaired


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gbk", "latin-1", "nonsense"]))
def test_any_bytes_decode_or_are_refused(payload: bytes, charset: str | None) -> None:
    try:
        text = decode(payload, charset=charset, html=True).text
    except (NotTextError, UndecodableError):
        return
    assert "\x00" not in text
    assert (
        "\ufffd" not in text
        or b"\xef\xbf\xbd" in payload
        or b"\xff\xfd" in payload
        or b"\xfd\xff" in payload
        or b"\x84\x31" in payload
    )


FLAWS = [
    ("a limit cut the last character", (PROSE["ru"] * 3).encode()[:-2], (PROSE["ru"] * 3)[:-2], False),
    ("half a character inside", ("é" * 30).encode() + b"\xe2\x80 and on", "é" * 30 + " and on", True),
    ("a name pasted as windows-1252", ("é" * 30).encode() + b" Andr\xe9 said", "é" * 30 + " André said", True),
]


@pytest.mark.parametrize(("payload", "text", "repaired"), [case[1:] for case in FLAWS], ids=[case[0] for case in FLAWS])
def test_flawed_utf_8(payload: bytes, text: str, repaired: bool) -> None:
    decoded = decode(payload)
    assert (decoded.text, decoded.evidence, decoded.repaired) == (text, "utf-8", repaired)


MOJIBAKE = [
    ("a picture", "ðŸ˜€ Good news for the harbour", "😀 Good news for the harbour"),
    ("accents", "The cafÃ© near QuÃ©bec", "The café near Québec"),
    ("quotation marks", "She said â€œnoâ€\x9d and leftâ€”fast", "She said “no” and left—fast"),
    ("no-break space", "It costs 5Â\xa0euros", "It costs 5\xa0euros"),
    ("Cyrillic as windows-1252", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "привет мир"),
    ("Cyrillic as windows-1251", "РџСЂРёРІРµС‚, РєР°Рє РґРµР»Р°?", "Привет, как дела?"),
    ("only the line that has it", "<p>Â© 2024</p><p>Ångström × π</p>", "<p>© 2024</p><p>Ångström × π</p>"),
    ("not in good French", "À Noël, l’élève «âgé» dîna: ça coûte 5\xa0€ — où?", None),
    ("not in good Swedish", "Åsa åt äpplen på ön… ”Ärligt”", None),
    ("not in good Portuguese", "AÇÃO: “SÃO PAULO” – amanhã", None),
    ("not in good Russian", "Роман «Рассвет» — С. Сорокин", None),
    ("not where a story is about it", "I saw Ã¤ instead of ä again", None),
]


@pytest.mark.parametrize(("text", "fixed"), [case[1:] for case in MOJIBAKE], ids=[case[0] for case in MOJIBAKE])
def test_mojibake(text: str, fixed: str | None) -> None:
    decoded = decode(text)
    assert (decoded.text, decoded.repaired) == ((fixed, True) if fixed is not None else (text, False))
    assert decode(text.encode()) == decode(text.encode(), charset="utf-8")
    assert decode(text.encode()).text == decoded.text


RUSSIAN = "Порт закрыт до четверга после шторма, сказал капитан порта. " * 5
CHINESE = "港口因风暴关闭至周四。" * 20
KOREAN = "폭풍으로 항구가 목요일까지 폐쇄된다. " * 20
DAMAGED = [
    ("KOI8-R with few capitals", RUSSIAN.encode("koi8-r"), None, RUSSIAN),
    (
        "GBK with a broken byte",
        CHINESE.encode("gbk") + b"\xff\n" + CHINESE.encode("gbk"),
        "gbk",
        f"{CHINESE}\n{CHINESE}",
    ),
    ("the same, undeclared", CHINESE.encode("gbk") + b"\xff\n" + CHINESE.encode("gbk"), None, f"{CHINESE}\n{CHINESE}"),
    ("EUC-KR with half a character", KOREAN.encode("euc-kr") + b"\xc6", "euc-kr", KOREAN),
    ("a mark of UTF-8 before what is not", b"\xef\xbb\xbfcaf\xe9 in the morning", None, "café in the morning"),
    (
        "characters in halves",
        b"Good \xed\xa0\xbd\xed\xb8\x80 news, and more of it",
        None,
        "Good 😀 news, and more of it",
    ),
    (
        "UTF-8 and Latin-1 in turn",
        ("café crème " * 9).encode() + ("café crème " * 9).encode("latin-1"),
        None,
        "café crème " * 18,
    ),
    ("NULs here and there", b"It rained\x00 in Velsund all day.\n" * 9, None, "It rained in Velsund all day.\n" * 9),
    ("filled up with NULs", b"It rained in Velsund.".ljust(400, b"\x00"), None, "It rained in Velsund."),
]


@pytest.mark.parametrize(
    ("payload", "charset", "text"), [case[1:] for case in DAMAGED], ids=[case[0] for case in DAMAGED]
)
def test_what_is_damaged_is_read_all_the_same(payload: bytes, charset: str | None, text: str) -> None:
    assert decode(payload, charset=charset).text == text
    assert sniff_media_type(payload) == "text/plain"


def test_clean_text_is_not_copied() -> None:
    assert repair(PROSE["fr"]) is PROSE["fr"]


def test_surrogates_in_text() -> None:
    assert decode("ok \ud83d\ude00").text == "ok 😀"
    with pytest.raises(UndecodableError, match="character 4"):
        decode("bad \ud83d text")


REFUSED = [
    (b"%PDF-1.7\n1 0 obj", "PDF"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
    (b"PK\x03\x04\x14\x00", "zip"),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "WebP"),
    (b"\x00\x00\x00\x18ftypmp42", "MP4"),
    (bytes(range(256)) * 8, "binary"),
    (b"\x00" * 64, "binary"),
    (b"  <svg xmlns='x'><path/></svg>", "SVG"),
]


@pytest.mark.parametrize(("payload", "what"), REFUSED, ids=[case[1] for case in REFUSED])
def test_what_is_no_text_says_what_it_is(payload: bytes, what: str) -> None:
    with pytest.raises(NotTextError, match=what):
        sniff_media_type(payload)


SNIFFED = [
    ("a doctype", b"<!DOCTYPE html><p>x", "", "text/html"),
    ("behind a mark, space and a comment", b"\xef\xbb\xbf \n<!-- x --><HTML>", "", "text/html"),
    ("in UTF-16", "<html><p>x".encode("utf-16"), "", "text/html"),
    ("XHTML", b"<?xml version='1.0'?>\n<html xmlns='x'>", "", "text/html"),
    ("a fragment", b"Rain <b>fell</b>. <p>Then</p> <p>sun.</p>", "", "text/html"),
    ("text", b"Rain fell.", "", "text/plain"),
    ("text with an angle", b"5 < 6 and <b>bold</b> claims", "", "text/plain"),
    ("text about HTML", b"The <table> element holds rows.", "", "text/plain"),
    ("content before name", b"<!doctype html><p>x", "x.txt", "text/html"),
    ("the name where the content is silent", b"<x-app></x-app>", "page.HTML?x=1", "text/html"),
    ("nothing", b"", "", "text/plain"),
]


@pytest.mark.parametrize(("payload", "name", "kind"), [case[1:] for case in SNIFFED], ids=[case[0] for case in SNIFFED])
def test_media_type(payload: bytes, name: str, kind: str) -> None:
    assert sniff_media_type(payload, name) == kind


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF8", "utf-8"),
        (" Latin-1 ", "windows-1252"),
        ("GB2312", "gb18030"),
        ("x-sjis", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("idna", ""),
        ("zip", ""),
    ],
)
def test_labels(label: str, name: str) -> None:
    assert charset_name(label) == name


def test_clean_pages_import_neither_ftfy_nor_beautiful_soup() -> None:
    code = "import sys; from cleaners.decode import decode; decode('Brücke'.encode())"
    code += "; print({'ftfy', 'bs4'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
