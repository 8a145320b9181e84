"""The user's prompt, read by its headings as a person would read it.

What stands under a heading is the only source: in the system message who the user is,
what they know and what they want; at the end of the last message what this one should
be like. Nothing is taken from names of rules or from the order of calls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Brief", "MessageWishes", "read_brief", "read_wishes", "split_wishes"]

_HEADING = re.compile(r"^# (.+?)\s*$", re.MULTILINE)
_OBJECTIVE = re.compile(r"^(\d+)\. (.+?)\.?\s*$", re.MULTILINE)
_ITEM = re.compile(r"^- (.+?)\s*$", re.MULTILINE)
_MANNER = re.compile(r"^Manner:\s*(.*)$", re.MULTILINE)
_NAME = re.compile(r"\b[Yy]our name is ([^.\n]+)\.\s*(.*)")
_LANGUAGE = re.compile(r"^Language: Write in ([^,.\n]+)", re.MULTILINE)
_REQUIRED = ("Who you are", "What you know", "Your goal")
_NOW = "# For this message"


@dataclass(frozen=True, slots=True)
class MessageWishes:
    """What "For this message" asks for."""

    two: bool = False
    terse: bool = False
    background: bool = False
    slips: bool = False
    react: bool = False
    thank: bool = False
    hurry: bool = False
    vague: bool = False
    doubt: bool = False
    wordy: bool = False
    indirect: bool = False
    chat: bool = False
    aside: bool = False
    swap: bool = False
    switch: bool = False
    slip: bool = False
    correct: bool = False
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the prompt says, in parts. `objectives` are in order."""

    name: str
    role: str
    manner: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    objectives: tuple[str, ...]
    wishes: MessageWishes


def read_brief(system: str, now: str = "") -> Brief:
    """Read the headed sections of the system message, and the wishes of `now`.

    Raises: ValueError when a section or the numbered list of the goal is missing, or
    when the user is to write in another language than English.
    """
    language = _LANGUAGE.search(system)
    if language and language[1].strip() != "English":
        raise ValueError(
            f"the rule-based user speaks English only, not {language[1].strip()}; "
            "give the role user to a model, or leave out languages"
        )
    sections = _sections(system)
    missing = [heading for heading in _REQUIRED if heading not in sections]
    if missing:
        quoted = ", ".join(f'"# {heading}"' for heading in missing)
        raise ValueError(f"the user's system message lacks the section {quoted}")
    objectives = _OBJECTIVE.findall(sections["Your goal"])
    if not objectives:
        raise ValueError('the section "# Your goal" has no numbered line')
    who = sections["Who you are"]
    name = _NAME.search(who)
    manner = _MANNER.search(who)
    return Brief(
        name=name[1].strip() if name else "",
        role=name[2].strip() if name else "",
        manner=manner[1].strip() if manner else "",
        known=_items(sections["What you know"]),
        unknown=_items(sections.get("What you do not know", "")),
        objectives=tuple(text for _, text in objectives),
        wishes=read_wishes(now),
    )


def split_wishes(content: str) -> tuple[str, str]:
    """A message without, and of its end only, the section about the next message."""
    text, heading, now = content.rpartition(_NOW)
    if not heading or (text and not text.endswith("\n")):
        return content, ""
    return text.rstrip(), now


def _sections(system: str) -> dict[str, str]:
    parts = _HEADING.split(system)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _items(section: str) -> tuple[str, ...]:
    return tuple(_ITEM.findall(section))


_WISHES: tuple[tuple[str, str], ...] = (
    ("two", r"\btwo (things|questions|requests|matters)\b"),
    ("terse", r"\bvery short\b|\bas few words\b|\bterse(ly)?\b|\bbriefly\b"),
    ("background", r"\bbackground\b|\bwhat it is for\b|\bcontext\b"),
    ("slips", r"\btyp(ing slips?|os?)\b|\bmistyp"),
    ("react", r"\breact\b|\bcomment on\b|\bfeedback\b"),
    ("thank", r"\bthank"),
    ("hurry", r"\bhurry\b|\bimpatien"),
    ("vague", r"\bleave out\b|\bvague\b"),
    ("doubt", r"\bdoubt\b|\bonce more\b|\bdouble-check\b|\bsceptic"),
    ("wordy", r"\bat length\b|\bmore words\b|\bwordy\b"),
    ("indirect", r"\bindirectly\b"),
    ("chat", r"\bfriendly remark\b|\bsmall talk\b"),
    ("aside", r"\bservice will hardly\b|\bout of scope\b"),
    ("swap", r"\bchange your mind\b"),
    ("switch", r"\bswitch the (subject|topic)\b"),
    ("slip", r"\bslightly wrong\b"),
    ("correct", r"\bwas not right\b"),
    ("opening", r"\bnothing of your goal has come up\b"),
)
_PATTERNS = tuple((name, re.compile(p, re.IGNORECASE)) for name, p in _WISHES)


@lru_cache(maxsize=1024)
def read_wishes(section: str) -> MessageWishes:
    """Understand the sentences about this message; unknown ones are ignored."""
    return MessageWishes(
        **{name: pattern.search(section) is not None for name, pattern in _PATTERNS}
    )
