"""The last touch on a message: capitals, marks, contractions, slips of the keyboard.

Only words outside quotation marks are touched, so that names and values leave as they
came. Slips go into words of courtesy alone: they never hide what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from eventsim.providers.rule_based.user.manner import Manner

__all__ = ["finished"]

_QUOTED = re.compile(r'("[^"]*")')
_BEGIN = re.compile(r"(?:^|(?<=[.!?] ))([a-zà-ÿ])")
_FULL = (
    ("what's", "what is"),
    ("that's", "that is"),
    ("there's", "there is"),
    ("it's", "it is"),
    ("I'd be", "I would be"),
    ("I'd", "I would"),
    ("I'm", "I am"),
    ("I've", "I have"),
    ("don't", "do not"),
    ("can't", "cannot"),
    ("doesn't", "does not"),
    ("let's", "let us"),
)
_SLIPS = {
    "please": ("plase", "pleaes", "plesae"),
    "could": ("coudl", "cuold"),
    "would": ("woudl", "wuold"),
    "thanks": ("thnaks", "thansk"),
    "thank": ("thnak",),
    "you": ("yuo",),
    "just": ("jsut",),
    "what's": ("whats",),
    "don't": ("dont",),
    "that's": ("thats",),
    "okay": ("oaky",),
    "great": ("graet",),
}
_WORD = re.compile(r"[A-Za-z']+")


def finished(
    sentences: Sequence[str], manner: Manner, random: Random, *, slips: bool
) -> str:
    """The message: its sentences with capitals and final marks as the person writes."""
    parts = [_ended(sentence.strip()) for sentence in sentences if sentence.strip()]
    text = " ".join(parts)
    if manner.formal:
        text = _outside(text, _full_forms)
    if manner.lower:
        text = _outside(text, lambda part: re.sub(r"\bI\b", "i", part))
        if random.random() < 0.8:
            text = text.removesuffix(".")
    else:
        text = _capitals(text)
    if slips:
        text = _slipped(text, random)
    return text


def _ended(sentence: str) -> str:
    if sentence[-1] in ".!?:,":
        return sentence
    return sentence if sentence.endswith('."') else sentence + "."


def _outside(text: str, change: Callable[[str], str]) -> str:
    parts = _QUOTED.split(text)
    return "".join(
        part if index % 2 else change(part) for index, part in enumerate(parts)
    )


def _full_forms(text: str) -> str:
    for short, full in _FULL:
        text = re.sub(rf"\b{short}\b", full, text, flags=re.IGNORECASE)
    return text


def _capitals(text: str) -> str:
    masked = _QUOTED.sub(lambda m: '"' + "\0" * (len(m[0]) - 2) + '"', text)
    places = [found.start(1) for found in _BEGIN.finditer(masked)]
    letters = list(text)
    for place in places:
        letters[place] = letters[place].upper()
    return "".join(letters)


def _slipped(text: str, random: Random) -> str:
    places = [
        (part_index, found)
        for part_index, part in enumerate(_QUOTED.split(text))
        if part_index % 2 == 0
        for found in _WORD.finditer(part)
        if found[0].lower() in _SLIPS
    ]
    if not places:
        return text
    index, found = random.choice(places)
    slip = random.choice(_SLIPS[found[0].lower()])
    if found[0][0].isupper():
        slip = slip.capitalize()
    parts = _QUOTED.split(text)
    parts[index] = parts[index][: found.start()] + slip + parts[index][found.end() :]
    return "".join(parts)
