"""Invented sites: articles that differ, and lines around and inside them that do not and that no rule knows."""

from __future__ import annotations

import random
from dataclasses import dataclass

_WHO = ["the harbour master", "a teacher", "the council", "two fishermen", "the mayor", "the new bakery", "a farmer"]
_DID = ["opened", "closed", "painted", "sold", "counted", "repaired", "found", "lost", "measured", "bought", "moved"]
_WHAT = ["the old bridge", "forty sheep", "a barge", "the town hall", "three cranes", "the ferry", "a field of rye"]
_WHEN = ["on Monday", "last winter", "before dawn", "after the storm", "in the spring", "on the way to Arnhaven"]
_WHY = ["because the river rose", "although nobody had asked", "while the trains stood still", "to save the harvest"]
_MORE = [
    "and neighbours came to help",
    "which cost about {} crowns",
    "for the {}th time in ten years",
    "as {} people saw",
]
_NOUNS = ["Lantern", "Anchor", "Plough", "Kettle", "Beacon", "Mill", "Heron", "Quarry", "Orchard", "Ferry"]
_PLACES = ["Velsund", "Arnhaven", "Brackwater", "Oldmere", "Tarnwick", "Hollin", "Estley", "Marrow Bay", "Dunfell"]

SYNDICATED = [
    "A ship with nine hundred tonnes of salt ran aground off Cape Holm on Tuesday, and its crew was taken ashore.",
    "The coast guard said that no oil had leaked, and that tugs from three ports were on their way to the wreck.",
    "Its owner, a company from Tarnwick, would not say why the ship had left the channel in calm weather.",
    "Salt prices rose by a tenth on Wednesday, since the ship carried what two provinces use in a month.",
]
QUOTE = '"We have waited for this bridge for thirty years, and we can wait for one more winter," the mayor said.'


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a site: its address and its lines, each with what it is: `title`, `article` or `template`."""

    url: str
    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """As a text dump."""
        return "".join(f"{line}\n\n" for line, _ in self.lines)

    @property
    def html(self) -> str:
        """As a page whose markup betrays nothing."""
        body = "".join(f"<div>{line}</div>" if what == "template" else f"<p>{line}</p>" for line, what in self.lines)
        title = next(line for line, what in self.lines if what == "title")
        return f"<html><head><title>{title}</title></head><body><div>{body}</div></body></html>"

    def of(self, what: str) -> list[str]:
        """The lines of one sort."""
        return [line for line, sort in self.lines if sort == what]


def sentence(chance: random.Random) -> str:
    """An invented sentence."""
    words = [chance.choice(part) for part in (_WHO, _DID, _WHAT, _WHEN, _WHY, _MORE)]
    said = " ".join(words).format(chance.randint(3, 900))
    return said[0].upper() + said[1:] + "."


def paragraph(chance: random.Random) -> str:
    """Two or three of them."""
    return " ".join(sentence(chance) for _ in range(chance.randint(2, 3)))


def site(number: int, pages: int = 50) -> list[Page]:
    """A site with a syndicated story, a quote that three articles use, and a column on every fifth page."""
    chance = random.Random(number)
    name, noun = chance.choice(_PLACES), chance.choice(_NOUNS)
    top = [f"{noun} {number}", f"{name} rooms to let", f"The {noun} table", f"Boats and {noun.lower()}s"]
    inside = [f"Tell the night desk at {name} what you saw.", f"{noun} readers keep this page alive"]
    bottom = [
        f"The {name} {noun}, printed where the river bends since {1850 + number}",
        f"Entry {4000 + number} of the {name} press register",
        f"The {noun} is made by nine people in a former mill in {name}; it belongs to its readers, takes no money "
        f"from the town, and has come out every morning since its founders sold a cow to buy the first press.",
    ]
    column = f"From the {noun.lower()} bench"
    return [
        Page(
            f"https://www.{name.lower().replace(' ', '')}{number}.example/{at}",
            tuple(_lines(at, chance, top, inside, bottom, column)),
        )
        for at in range(pages)
    ]


def _lines(
    at: int, chance: random.Random, top: list[str], inside: list[str], bottom: list[str], column: str
) -> list[tuple[str, str]]:
    article = list(SYNDICATED) if at == 7 else [paragraph(chance) for _ in range(chance.randint(4, 8))]
    if at in (3, 11, 30):
        article.insert(2, QUOTE)
    if at % 5 == 0:
        article.insert(0, column)
    title = sentence(chance).rstrip(".")[:70].rsplit(" ", 1)[0]
    half = max(2, len(article) // 2)
    return [
        *((line, "template") for line in top),
        (title, "title"),
        *((line, "article") for line in article[:half]),
        *((line, "template") for line in inside),
        *((line, "article") for line in article[half:]),
        *((line, "template") for line in bottom),
    ]
