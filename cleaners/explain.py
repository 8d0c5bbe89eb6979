"""A verdict as a sentence, a document as a marked-up page."""

from __future__ import annotations

from collections.abc import Iterator

from cleaners.document import Block, Explanation, Verdict
from cleaners.rulebook import kinds

_STRUCK, _DIM, _BOLD, _RESET = "\x1b[9;31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
_DECIDERS = {
    "scorer": "it does not look like article",
    "foreign:words": "it is in another language than the article",
    "foreign:label": "it is in another language than the article",
    "foreign:script": "it is in a script that the article does not use",
    "foreign:run_together": "labels of two scripts run together",
    "blank": "it shows nothing",
    "repeat": "the page has shown it before",
    "section": "it stands under a heading of this kind",
    "thread": "readers' comments begin above it",
    "island": "thinly strewn, and far behind the article",
    "caption": "it says the same as the caption beside it",
    "title": "it became the title",
    "hidden": "a browser does not show it",
    "trafilatura": "trafilatura, asked because the engine was unsure, leaves it out",
    "sites": "many pages of the site repeat it",
}


def sentence(verdict: Verdict) -> str:
    """Why one block was cut, in words.

    >>> sentence(Verdict(3, False, "cookie_banner", "en:cookie_banner:line", None, "Accept all"))
    'cut as cookie banner: the phrase "Accept all" (rule en:cookie_banner:line)'
    >>> sentence(Verdict(3, True))
    'kept'
    """
    if verdict.keep:
        return f"kept: {verdict.rule}" if verdict.rule else "kept"
    label = kinds()[verdict.kind].label
    label = label[0].lower() + label[1:]
    if verdict.matched:
        return f'cut as {label}: the phrase "{verdict.matched}" (rule {verdict.rule})'
    if verdict.rule.startswith("markup:"):
        return f"cut as {label}: it does not look like article, and the markup calls it {verdict.rule[7:]}"
    reason = _DECIDERS.get(verdict.rule, f"rule {verdict.rule}")
    score = f" ({verdict.score:.2f})" if verdict.rule == "scorer" and verdict.score is not None else ""
    return f"cut as {label}: {reason}{score}"


def render(explanation: Explanation, *, colour: bool = False) -> str:
    """The page with every cut line struck through, kind and reason beside it; head and foot sum it up.

    Without colour a cut line starts with `-`, a kept one with a space.
    """
    document = explanation.document
    head = [
        _styled(document.title or "(no title)", _BOLD, colour),
        _styled(
            f"language {document.language} ({document.language_confidence:.2f})  method {document.method}  "
            f"confidence {document.confidence:.2f}  flags {', '.join(document.flags) or 'none'}",
            _DIM,
            colour,
        ),
        "",
    ]
    cut = sum(not verdict.keep for verdict in document.verdicts)
    foot = f"{len(document.verdicts) - cut} blocks kept, {cut} cut; {len(document.text)} characters of text"
    return "\n".join([*head, *_lines(explanation, colour), "", _styled(foot, _DIM, colour)]) + "\n"


def _lines(explanation: Explanation, colour: bool) -> Iterator[str]:
    for block, verdict in zip(explanation.page.blocks, explanation.document.verdicts, strict=True):
        if block.text.strip():
            yield _line(block, verdict, colour)


def _line(block: Block, verdict: Verdict, colour: bool) -> str:
    shown = " ".join(printable(block.text).split())
    if verdict.keep:
        return f"  {shown}"
    reason = sentence(verdict)
    if colour:
        return f"{_STRUCK}{shown}{_RESET}  {_DIM}[{verdict.kind}] {printable(reason)}{_RESET}"
    return f"- {shown}  [{verdict.kind}] {printable(reason)}"


def printable(text: str) -> str:
    r"""Text that cannot steer a terminal: control and direction characters are shown as escapes.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c.isspace() else c.encode("unicode_escape").decode("ascii") for c in text)


def _styled(text: str, style: str, colour: bool) -> str:
    text = printable(text)
    return f"{style}{text}{_RESET}" if colour else text
