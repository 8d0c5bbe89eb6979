"""Personal data in article text: e-mail addresses, telephone numbers, IP addresses, replaced by what they were.

E-mail addresses are found by linkify-it, telephone numbers by phonenumbers (Google's libphonenumber): international
ones anywhere, national ones where the host's country is known and the digits are grouped as that country groups them.
IP addresses are what Python's ipaddress takes for one. The libraries are an extra: `pip install 'newswinnow[pii]'`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from ipaddress import ip_address
from typing import Any

Span = tuple[int, int]

_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?!:?\w|\.\d)")
_DIGITS = re.compile(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d")
_COUNTRIES = {"UK": "GB"}  # top-level domains that are not called as the country's code


def redact(text: str, kinds: Collection[str], host: str | None = None) -> tuple[str, dict[str, int]]:
    """A text with what it holds of these kinds (names of KINDS) replaced, as by `[email]`; and how often.

    `host` tells whose national telephone numbers to look for.

    >>> redact("Write to desk@example.org, or log in from 192.0.2.7.", ["email", "ip"])
    ('Write to [email], or log in from [ip].', {'email': 1, 'ip': 1})
    """
    counts: Counter[str] = Counter()
    for kind, find in KINDS.items():  # in this order: the digits of an IP address look like a telephone number
        if kind not in kinds:
            continue
        for start, end in sorted(find(text, host), reverse=True):
            text = f"{text[:start]}[{kind}]{text[end:]}"
            counts[kind] += 1
    return text, dict(sorted(counts.items()))


def _emails(text: str, host: str | None) -> Iterator[Span]:
    if "@" in text:
        for match in _linkify().match(text) or ():
            if "@" in match.raw and match.schema == "mailto:":
                yield match.index, match.last_index


def _addresses(text: str, host: str | None) -> Iterator[Span]:
    for match in _IP.finditer(text):
        try:
            ip_address(match[0])
        except ValueError:
            continue
        if match[0].strip(":"):
            yield match.span()


def _phones(text: str, host: str | None) -> Iterator[Span]:
    if not _DIGITS.search(text):
        return
    import phonenumbers

    found: set[Span] = set()
    for region, leniency in (
        (None, phonenumbers.Leniency.VALID),
        (_region(host), phonenumbers.Leniency.STRICT_GROUPING),
    ):
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency):
            if not any(match.start < end and start < match.end for start, end in found):
                found.add((match.start, match.end))
    yield from found


def _region(host: str | None) -> str | None:
    """The country of a host, by its top-level domain."""
    import phonenumbers

    end = (host or "").rpartition(".")[2].upper()
    country = _COUNTRIES.get(end, end)
    return country if country in phonenumbers.SUPPORTED_REGIONS else None


@cache
def _linkify() -> Any:
    from linkify_it import LinkifyIt
    from linkify_it.tlds import TLDS

    # By itself it knows a dozen top-level domains and those of countries: no `.news`, no `.media`.
    return LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False}).tlds(TLDS, True)


KINDS: Mapping[str, Callable[[str, str | None], Iterator[Span]]] = {
    "email": _emails,
    "ip": _addresses,
    "phone": _phones,
}
