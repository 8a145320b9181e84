"""Labels: the names that people type. Identity is a hash; a label only points at it.

A run is called by three syllables made from its plan, a trajectory by its run and its
index, a fork by what it forks and a number: `bodume`, `bodume-3`, `bodume-3.1`.
"""

from __future__ import annotations

__all__ = ["run_label"]

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"


def run_label(digest: str, syllables: int = 3) -> str:
    """A pronounceable name from a digest in hex: three syllables are 343,000 names."""
    number = int(digest[:32], 16)
    spoken = []
    for _ in range(syllables):
        number, consonant = divmod(number, len(_CONSONANTS))
        number, vowel = divmod(number, len(_VOWELS))
        spoken.append(_CONSONANTS[consonant] + _VOWELS[vowel])
    return "".join(spoken)
