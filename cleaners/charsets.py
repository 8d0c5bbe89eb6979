"""Names of encodings: the labels that pages and headers use → Python's codec, as WHATWG's Encoding Standard has it."""

from __future__ import annotations

import codecs
import re
from typing import Final

# WHATWG name to labels (letters and digits only). Labels that say less than pages mean by them are read as their
# superset: iso-8859-1 is windows-1252, gb2312 is gb18030, ks_c_5601 is windows-949. Source: encoding.spec.whatwg.org.
_LABELS: Final = {
    "windows-1252": "ascii usascii ansix341968 iso88591 iso885911987 isoir100 latin1 csisolatin1 l1 cp819 ibm819"
    " windows1252 cp1252 win1252 xcp1252 ansi",
    "iso-8859-15": "iso885915 latin9 latin0 csisolatin9 l9",
    "windows-1250": "windows1250 cp1250 win1250 xcp1250",
    "windows-1251": "windows1251 cp1251 win1251 xcp1251",
    "windows-1253": "windows1253 cp1253 win1253 xcp1253",
    "windows-1254": "windows1254 cp1254 win1254 xcp1254 iso88599 iso885991989 isoir148 latin5 csisolatin5 l5",
    "windows-1255": "windows1255 cp1255 win1255 xcp1255",
    "windows-1256": "windows1256 cp1256 win1256 xcp1256",
    "windows-1257": "windows1257 cp1257 win1257 xcp1257",
    "windows-1258": "windows1258 cp1258 win1258 xcp1258",
    "windows-874": "windows874 tis620 iso885911 dos874 cp874",
    "iso-8859-2": "iso88592 iso885921987 isoir101 latin2 csisolatin2 l2",
    "iso-8859-3": "iso88593 iso885931988 isoir109 latin3 csisolatin3 l3",
    "iso-8859-4": "iso88594 iso885941988 isoir110 latin4 csisolatin4 l4",
    "iso-8859-5": "iso88595 iso885951988 isoir144 cyrillic csisolatincyrillic",
    "iso-8859-6": "iso88596 iso885961987 iso88596e iso88596i isoir127 arabic csisolatinarabic asmo708 ecma114",
    "iso-8859-7": "iso88597 iso885971987 isoir126 greek greek8 csisolatingreek elot928 ecma118 suneugreek",
    "iso-8859-8": "iso88598 iso885981988 iso88598e iso88598i isoir138 hebrew csisolatinhebrew logical visual",
    "iso-8859-10": "iso885910 isoir157 latin6 csisolatin6 l6",
    "iso-8859-13": "iso885913",
    "iso-8859-14": "iso885914",
    "iso-8859-16": "iso885916",
    "koi8-r": "koi8r koi8 koi cskoi8r",
    "koi8-u": "koi8u koi8ru",
    "ibm866": "ibm866 cp866 866 csibm866",
    "macintosh": "macintosh macroman mac xmacroman csmacintosh",
    "x-mac-cyrillic": "xmaccyrillic maccyrillic xmacukrainian",
    "gb18030": "gb18030 gb2312 gbk xgbk cp936 chinese gb231280 csgb2312 csiso58gb231280 isoir58",
    "big5": "big5 big5hkscs xxbig5 cnbig5 cp950 csbig5",
    "shift_jis": "shiftjis sjis xsjis mskanji windows31j ms932 cp932 csshiftjis",
    "euc-jp": "eucjp xeucjp cseucpkdfmtjapanese",
    "iso-2022-jp": "iso2022jp csiso2022jp",
    "euc-kr": "euckr ksc56011987 csksc56011987 ksc5601 ksc56011989 korean windows949 cp949 isoir149 uhc cseuckr",
    "utf-8": "utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8mb4",
    "utf-16-le": "utf16 utf16le ucs2 iso10646ucs2 unicode csunicode unicodefeff",
    "utf-16-be": "utf16be unicodefffe",
    "utf-32-le": "utf32 utf32le",
    "utf-32-be": "utf32be",
}
_NAMES: Final = {label: name for name, labels in _LABELS.items() for label in labels.split()}
# Python's name where it differs: those with more characters than the standard's, as browsers have them.
_CODECS: Final = {
    "windows-874": "cp874",
    "windows-949": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
}
_NOT_TELLING: Final = re.compile(r"[^a-z0-9]+")


def charset_name(label: str) -> str:
    """The name of the encoding that a label means; empty where no page can mean it by that.

    >>> charset_name("ISO_8859-1"), charset_name("gb2312"), charset_name("rot13")
    ('windows-1252', 'gb18030', '')
    """
    return _NAMES.get(_NOT_TELLING.sub("", label.strip().lower()[:40]), "")


def codec_of(name: str) -> codecs.CodecInfo:
    """Python's codec for a name that `charset_name` gave."""
    return codecs.lookup(_CODECS.get(name, name))


_C1: Final = range(0x80, 0xA0)
UNDEFINED: Final = "winnow-undefined"
"""How to decode what one byte a character has and a code page leaves undefined: as the standard does, as a control."""


def _as_control(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError) or error.object[error.start] not in _C1:
        raise error
    return chr(error.object[error.start]), error.start + 1


codecs.register_error(UNDEFINED, _as_control)
