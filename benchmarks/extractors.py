"""The extractors that are compared, each a function from a page or a dump to text; peers are optional packages."""

from __future__ import annotations

from collections.abc import Callable

Extractor = Callable[[str], str]


def winnow(html: str) -> str:
    """Winnow on HTML."""
    from cleaners import clean

    return clean(html, media_type="text/html").text


def winnow_text(dump: str) -> str:
    """Winnow on a text dump."""
    from cleaners import clean

    return clean(dump, media_type="text/plain").text


def trafilatura(html: str) -> str:
    """trafilatura's default settings, comments off."""
    from trafilatura import extract

    return extract(html, include_comments=False) or ""


def resiliparse(html: str) -> str:
    """resiliparse's main-content mode."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True))


def justext(html: str) -> str:
    """jusText with its English stop list, as its documentation uses it."""
    import justext as peer
    from lxml.etree import ParserError

    try:
        paragraphs = peer.justext(html, peer.get_stoplist("English"))
    except (ParserError, ValueError):
        return ""
    return "\n\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def readability(html: str) -> str:
    """readability-lxml, its summary as text."""
    import html_text
    from readability import Document
    from readability.readability import Unparseable

    try:
        return str(html_text.extract_text(Document(html).summary()))
    except (Unparseable, ValueError):
        return ""


def keep_all(dump: str) -> str:
    """The dump as it is: what any rule must beat."""
    return dump


def c4_lines(dump: str) -> str:
    """C4's line rule: lines of five words or more that end in punctuation (Raffel et al. 2020)."""
    kept = [line for line in dump.splitlines() if len(line.split()) >= 5 and line.rstrip()[-1:] in '.!?"”']
    return "\n".join(kept)


def long_lines(dump: str) -> str:
    """Lines of 80 characters and more."""
    return "\n".join(line for line in dump.splitlines() if len(line.strip()) >= 80)


HTML: dict[str, Extractor] = {
    "winnow": winnow,
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "readability": readability,
    "justext": justext,
}
TEXT: dict[str, Extractor] = {
    "winnow": winnow_text,
    "keep-all": keep_all,
    "c4-lines": c4_lines,
    "long-lines": long_lines,
}
