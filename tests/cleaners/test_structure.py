"""What the account calls a block that only the model cuts: by its element and by what it stands in."""

from __future__ import annotations

import pytest

from cleaners.html import walk
from cleaners.structure import name_of

NAMES = [
    ("a container's class", "<div class=newsletter><p>x</p></div>", "newsletter"),
    ("the nearest", "<div class=newsletter><p class=cookie-hint>x</p></div>", "cookie_banner"),
    ("an element before its container", "<div class=share><figcaption>x</figcaption></div>", "caption"),
    ("a button alone", "<main><button>x</button></main>", "navigation"),
    ("a button of a banner", "<div id=cookie-consent><button class=btn>x</button></div>", "cookie_banner"),
    ("a field of a newsletter", "<form class=newsletter><label class=field>x</label></form>", "newsletter"),
    ("a field of a search", "<div class=search><label>x</label></div>", "search_form"),
    ("a button beside a byline", "<div class=byline><button>x</button></div>", "navigation"),
    ("nothing", "<main><p>x</p></main>", ""),
    ("nothing by a class of the body's", "<div class=article-content><p>x</p></div>", ""),
    ("nothing from far away", "<div class=newsletter>" + "<div>" * 5 + "<p>x", ""),
]


@pytest.mark.parametrize(("markup", "kind"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_names(markup: str, kind: str) -> None:
    page = walk(markup)
    assert name_of(page, page.blocks[0])[0] == kind
