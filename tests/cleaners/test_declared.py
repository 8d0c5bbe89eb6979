"""Charsets that are declared wrongly, twice, or for bytes that they do not define."""

from __future__ import annotations

import pytest

from cleaners.charsets import charset_name
from cleaners.decode import decode

FRENCH = "Le pont près de l\u2019œuvre rouvrira à l\u2019été : le maire a dit qu\u2019il coûte 3 € par an."
PLAIN = "Le pont, c'est l'œuvre du maire, rouvrira à l'été et coûte 3 € par an."
RUSSIAN = "Мост через реку закрыт до весны, сообщил мэр. Жители просят открыть паром."
CHINESE = "市长表示，河上的大桥将关闭到春天，居民要求开放渡口。"
GREEK = "Ο δήμαρχος ανακοίνωσε ότι η γέφυρα θα μείνει κλειστή μέχρι την άνοιξη."
THAI = "นายกเทศมนตรีแจ้งว่าสะพานจะปิดจนถึงฤดูร้อน"
POLISH = "Burmistrz ogłosił, że most będzie zamknięty do wiosny. Mieszkańcy proszą o prom."
JAPANESE = "市長によると、川にかかる橋は春まで閉鎖される。住民は渡し船の再開を求めている。"


def page(text: str, said: str, codec: str) -> bytes:
    return f"<html><meta charset='{said}'><title>x</title><p>{text}</p>".encode(codec)


DECLARED = [
    ("Latin-9 has the euro", page(PLAIN, "iso-8859-15", "iso-8859-15"), None, PLAIN, "iso-8859-15"),
    ("Latin-9 has no quotation marks", page(FRENCH, "latin9", "cp1252"), None, FRENCH, "windows-1252"),
    ("a server's default", page(RUSSIAN, "windows-1251", "cp1251"), "iso-8859-1", RUSSIAN, "windows-1251"),
    ("the same in Polish", page(POLISH, "iso-8859-2", "iso-8859-2"), "iso-8859-1", POLISH, "iso-8859-2"),
    ("the same in Chinese", page(CHINESE, "gb2312", "gbk"), "latin1", CHINESE, "gb18030"),
    ("a right header", page(FRENCH, "windows-1251", "cp1252"), "iso-8859-1", FRENCH, "windows-1252"),
    ("Latin-1 for Cyrillic", page(RUSSIAN, "iso-8859-1", "cp1251"), None, RUSSIAN, "windows-1251"),
    ("Latin-9 for Cyrillic", page(RUSSIAN, "iso-8859-15", "cp1251"), None, RUSSIAN, "windows-1251"),
    ("Latin-9 with letters in a row", page("œéèêë" + PLAIN, "latin9", "iso-8859-15"), None, PLAIN, "iso-8859-15"),
    ("for KOI8", page(RUSSIAN, "iso-8859-1", "koi8-r"), None, RUSSIAN, "koi8-r"),
    ("for Greek", page(GREEK, "iso-8859-1", "cp1253"), None, GREEK, "windows-1253"),
    ("for Thai", page(THAI, "iso-8859-1", "cp874"), None, THAI, "windows-874"),
    ("for Japanese", page(JAPANESE, "iso-8859-1", "cp932"), None, JAPANESE, "shift_jis"),
    ("signs in a row", page("—" * 9 + FRENCH, "iso-8859-1", "cp1252"), None, "—" * 9 + FRENCH, "windows-1252"),
]


@pytest.mark.parametrize(
    ("payload", "header", "text", "name"), [case[1:] for case in DECLARED], ids=[case[0] for case in DECLARED]
)
def test_declared(payload: bytes, header: str | None, text: str, name: str) -> None:
    decoded = decode(payload, charset=header, html=True)
    assert text in decoded.text
    assert decoded.encoding == name


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", None])
def test_bytes_that_a_code_page_does_not_define_do_not_cost_the_others(declared: str | None) -> None:
    payload = page(FRENCH * 9, "x", "cp1252") + b"<p>et\x9d puis\x81 encore</p>"
    decoded = decode(payload, charset=declared, html=True)
    assert FRENCH in decoded.text
    assert decoded.text.endswith("<p>et puis encore</p>")
    assert decoded.encoding == "windows-1252"


def test_quotation_marks_of_utf_8_in_latin_1() -> None:
    payload = page(FRENCH * 9, "iso-8859-1", "cp1252") + "<p>â€œNonâ€".encode("cp1252") + b"\x9d, dit-elle.</p>"
    assert decode(payload, html=True).text.endswith("<p>\u201cNon\u201d, dit-elle.</p>")


WIDE = [
    ("a byte too few", (RUSSIAN * 3).encode("utf-16")[:-1], (RUSSIAN * 3)[:-1]),
    ("half a character inside", RUSSIAN.encode("utf-16") + b"\x00\xd8" + RUSSIAN.encode("utf-16-le"), RUSSIAN * 2),
]


@pytest.mark.parametrize(("payload", "text"), [case[1:] for case in WIDE], ids=[case[0] for case in WIDE])
def test_utf_16_with_a_flaw(payload: bytes, text: str) -> None:
    decoded = decode(payload)
    assert (decoded.text, decoded.encoding, decoded.evidence) == (text, "utf-16-le", "bom")


LABELS = [
    ("ISO_8859-1:1987", "windows-1252"),
    ("csISOLatin9", "iso-8859-15"),
    ("ECMA-118", "iso-8859-7"),
    ("csShiftJIS", "shift_jis"),
    ("cp819", "windows-1252"),
]


@pytest.mark.parametrize(("label", "name"), LABELS)
def test_labels_of_the_standard(label: str, name: str) -> None:
    assert charset_name(label) == name
