"""What `confidence` is worth: `python -m benchmarks.confidence [html] [text]`, each site asked of unseeing weights.

Of the documents at a bound or above it: their share of all, and how many of them have a word F1 of 0.9 or more against
the gold. Wants the networks that `python -m training` leaves in `training/work`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from benchmarks.measure import page_f1, with_title
from cleaners import clean
from cleaners.document import CleanDocument, MediaType
from training.confidence import GOOD
from training.corpora import Sample, everything
from training.dumps import decoded, dumps
from training.held_out import folds

BOUNDS = (0.5, 0.8, 0.9, 0.95)
DUMPS = ("html_text", "resiliparse")
MEDIA: Mapping[str, MediaType] = {"html": "text/html", "text": "text/plain"}


def given(medium: str) -> Iterator[tuple[Sample, str]]:
    """Pages of the corpora, or dumps of them, with what they hold."""
    if medium == "html":
        yield from ((sample, decoded(sample.payload())) for sample in everything())
    else:
        yield from ((sample, dumps(maker)[sample.key]) for maker in DUMPS for sample in everything())


def documents(medium: str) -> Iterator[tuple[Sample, CleanDocument]]:
    """Each page that is not blank, with what weights that have not seen its site make of it."""
    media_type = MEDIA[medium]
    for sample, text in given(medium):
        if text.strip():
            with folds(media_type).asked_about(sample.site):
                document = clean(text, media_type=media_type)
            yield sample, document


def answers(medium: str) -> list[tuple[float, bool]]:
    """Confidence of each document, and whether its text is right."""
    found = []
    for sample, document in documents(medium):
        if sample.gold.strip():
            said = with_title(sample.gold, sample.title, document.text)
            found.append((document.confidence, page_f1(sample.gold, said, 1) >= GOOD))
    return found


def main() -> None:
    """Print a table a medium."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", nargs="*", choices=[*MEDIA, []], help="html, text; both by default")
    for medium in parser.parse_args().media or MEDIA:
        found = answers(medium)
        for bound in BOUNDS:
            right = [good for confidence, good in found if confidence >= bound]
            share = sum(right) / max(len(right), 1)
            print(f"{medium}  {bound:.2f} or more: {len(right) / len(found):6.1%} of {len(found)}, {share:.1%} right")


if __name__ == "__main__":
    main()
