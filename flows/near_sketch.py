"""What of a text is enough to find its near duplicates: hashes of its word shingles, and MinHash bands over them.

A shingle is four words in a row (four characters in scripts that do not divide words), case folded, no punctuation.
MinHash (Broder 1997) over all shingles, by rensa, gives 25 bands of 5 values: two texts of Jaccard similarity 0.8 share
a band with a probability of 0.99995, of 0.5 with 0.55, of 0.2 with 0.008 (Leskovec et al., Mining of Massive Datasets,
3.4). What shares a band is then compared shingle by shingle. So of longer texts, as MinHash would, only those shingles
are kept whose hash ends in so many zero bits that at most 1,024 remain: the same ones in every text.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SHINGLE = 4
BANDS, ROWS = 25, 5
SEED = 1
MOST = 1_024
LEAST_WORDS = 25  # as for exact repeats: shorter texts are captions, teasers, consent walls
_HEAD = 8  # bytes: level, three zeros, number of shingles of the text

_ANY_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\\w+"
)
# Bytes that begin no letter of such a script in UTF-8; what is left of a text without them tells.
_OTHER_BYTES = bytes(code for code in range(256) if code not in (0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF, 0xF0))
_BLANKED = bytes(code if code >= 128 or chr(code).isalnum() else 32 for code in range(256))
_MARKS = tuple(mark.encode() for mark in "‘’‚‛“”„‟«»‹›–—―…•·¡¿\u00a0")
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64
)  # odd and without pattern: xxHash's and SplitMix's constants
_MIX = np.uint64(0xFF51AFD7ED558CCD)  # MurmurHash3's finaliser
_SHIFT = np.uint64(33)

Hashes = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A text as it is compared.

    bands   (25,) one hash a band
    sample  its shingles, sorted, or of a long text those that end in `level` zero bits
    total   how many different shingles the text has
    """

    bands: Hashes
    sample: Hashes
    total: int
    level: int


def version() -> str:
    """What decides the bands: sketches of another version cannot be compared."""
    import rensa

    return f"{rensa.RMinHash.ALGORITHM_VERSION}.{SHINGLE}.{BANDS}.{ROWS}.{SEED}"


def pack(text: str) -> bytes | None:
    """The sketch of a text as bytes, None where it is too short to have one.

    >>> pack("Too short."), len(pack("The tide came in and went out. " * 5))
    (None, 136)
    """
    found = shingles(text)
    if not len(found):
        return None
    level = 0
    sample = found
    while len(sample) > MOST:
        level += 1
        sample = found[found & np.uint32((1 << level) - 1) == 0]
    head = bytes((level, 0, 0, 0)) + len(found).to_bytes(4, "little")
    return head + _bands(found).tobytes() + sample.tobytes()


def unpack(data: bytes | memoryview) -> Sketch:
    """A sketch from its bytes, which are not copied."""
    head = bytes(data[:_HEAD])
    numbers = np.frombuffer(data, np.uint32, offset=_HEAD)
    return Sketch(numbers[:BANDS], numbers[BANDS:], int.from_bytes(head[4:], "little"), head[0])


def shingles(text: str) -> Hashes:
    """The hashes of the different shingles of a text, sorted; none where it has fewer than 25 words."""
    words = _words(text)
    if len(words) < LEAST_WORDS:
        return np.zeros(0, np.uint32)
    hashed = np.fromiter(map(zlib.crc32, words), np.uint64, len(words))
    count = len(words) - SHINGLE + 1
    mixed = sum((hashed[at : at + count] * _FACTORS[at] for at in range(SHINGLE)), np.zeros(count, np.uint64))
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX
    return np.unique((mixed >> _SHIFT).astype(np.uint32))


def _words(text: str) -> list[bytes]:
    """The words of a text as bytes; looking for them in bytes costs a fifth of what an expression takes."""
    lowered = text.lower()
    if _may_be_undivided(lowered):
        return [word.encode("utf-8", "surrogatepass") for word in _ANY_WORD.findall(lowered)]
    data = lowered.encode("utf-8", "surrogatepass").translate(_BLANKED)
    if not text.isascii():
        for mark in _MARKS:
            data = data.replace(mark, b" ")
    return data.split()


def _may_be_undivided(text: str) -> bool:
    """Whether a text holds letters that may belong to a script that does not divide words: asked of all at once."""
    return bool(text.encode("utf-8", "surrogatepass").translate(None, _OTHER_BYTES))


def jaccard(one: Sketch, other: Sketch) -> float:
    """How much of what two texts say both say, 0..1: exact where both have at most 1,024 shingles.

    >>> text = "The tide came in and the boats went out, said the mayor of the town on the coast. " * 2
    >>> sketch = unpack(pack(text))
    >>> jaccard(sketch, sketch)
    1.0
    """
    first, second = _alike(one, other)
    shared = len(np.intersect1d(first, second, assume_unique=True))
    union = len(first) + len(second) - shared
    return shared / union if union else 0.0


def may_reach(one: Sketch, other: Sketch, threshold: float) -> bool:
    """Whether two texts can be as similar as that, by their lengths alone; sampling leaves a tenth of room."""
    return min(one.total, other.total) >= 0.9 * threshold * max(one.total, other.total)


def _alike(one: Sketch, other: Sketch) -> tuple[Hashes, Hashes]:
    """The samples of two texts brought to the same level."""
    mask = np.uint32((1 << max(one.level, other.level)) - 1)
    if one.level == other.level:
        return one.sample, other.sample
    return one.sample[one.sample & mask == 0], other.sample[other.sample & mask == 0]


def _bands(found: Hashes) -> Hashes:
    """MinHash of a text's shingles, five values to one hash."""
    import rensa

    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        found.astype(np.uint64) * _FACTORS[0], [0, len(found)], BANDS * ROWS, SEED
    )
    values = np.array(matrix.to_rows()[0], np.uint64).reshape(BANDS, ROWS)
    mixed = np.zeros(BANDS, np.uint64)
    for row in range(ROWS):
        mixed = (mixed ^ values[:, row]) * _MIX
        mixed ^= mixed >> _SHIFT
    bands: Hashes = (mixed >> np.uint64(32)).astype(np.uint32)
    return bands
