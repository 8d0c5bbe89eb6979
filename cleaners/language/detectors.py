"""Three detectors behind one face: text in, ISO 639-1 and how sure it is out.

pycld2 answers in 0.1 ms and is there at once; py3langid takes half a second to load, langdetect a quarter: both are
imported when first asked. What a detector answers does not depend on threads, order or hash seed: py3langid keeps no
state, langdetect is seeded and loaded under a lock (a cold start from eight threads gave three answers for a sentence).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pycld2

from cleaners.language.languages import LANGUAGES, iso639_1
from cleaners.lasting import lasting

_LOADING = threading.RLock()
_SEED = 0
UNKNOWN_TO_LANGDETECT = frozenset({"ms", "is", "am", "gl", "be", "bs", "sr"})


@dataclass(frozen=True, slots=True)
class Guess:
    """What one detector says: ISO 639-1 ("" for nothing), 0..1 of its own scale, and whether it calls that reliable."""

    code: str
    share: float
    reliable: bool = False


NOTHING = Guess("", 0.0)


def by_cld2(text: str) -> tuple[Guess, ...]:
    """pycld2's languages of a prepared text, at most three, largest first; `share` is the share of the text in it.

    Text must be free of control characters and lone surrogates (it raises on them): see `sample.clean`.
    """
    try:
        reliable, _, details = pycld2.detect(text, isPlainText=True, bestEffort=True)
    except pycld2.error:  # an unassigned character that it calls not UTF-8: as good as no answer
        return ()
    return tuple(
        Guess(iso639_1(code), percent / 100, reliable) for _, code, percent, _ in details if iso639_1(code) != "un"
    )


def by_langid(text: str) -> Guess:
    """py3langid's language among the 49, its probability normalised for length."""
    code, probability = _langid().classify(text)
    return Guess(iso639_1(code), float(probability), True)


def langid_shares(text: str) -> dict[str, float]:
    """py3langid's probabilities of all 49 languages for a prepared text."""
    shares: dict[str, float] = {}
    for label, probability in _langid().rank(text):
        code = iso639_1(label)
        shares[code] = shares.get(code, 0.0) + float(probability)
    return shares


def by_langdetect(text: str) -> Guess:
    """langdetect's language, seeded; NOTHING on text without letters. It knows no ms, is, am, gl, be, bs."""
    factory, failure = _langdetect()
    detector = factory.create()
    detector.append(text)
    try:
        answers = detector.get_probabilities()
    except failure:  # no letters that it knows
        return NOTHING
    return Guess(iso639_1(answers[0].lang), answers[0].prob, True) if answers else NOTHING


def warm_up() -> None:
    """Load all detectors now: call it once in the main thread before threads or forks, which then share the models."""
    _langid()
    _langdetect()


def _langid() -> Any:
    with _LOADING:
        return _load_langid()


@lru_cache(maxsize=1)
def _load_langid() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGES, "yue", "wuu", "nn"])
    return identifier


def _langdetect() -> tuple[Any, type[Exception]]:
    with _LOADING:
        return _load_langdetect()


@lasting
def _load_langdetect() -> tuple[Any, type[Exception]]:
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.set_seed(_SEED)
    # Sorted, where langdetect takes the order of the folder: sums of probabilities are rounded in this order.
    profiles = sorted(Path(PROFILES_DIRECTORY).iterdir())
    factory.load_json_profile([profile.read_text(encoding="utf-8") for profile in profiles if profile.is_file()])
    return factory, LangDetectException
