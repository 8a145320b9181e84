"""Messages cut into tokens and sentences: literals first, then words.

A literal is anything in quotation marks, an address, a number, a date. Nothing here
knows what a word means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from eventsim.providers.rule_based.assistant.english import stem

__all__ = ["Token", "sentences", "tokens", "without_literals"]

_TOKEN = re.compile(
    r"""
      (?P<quoted>"[^"\n]*" | “[^”\n]*” | «[^»\n]*» | „[^“”\n]*[“”])
    | (?P<single>(?<![\w'])'[^'\n]+'(?!\w))
    | (?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<date>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)
    | (?P<phone>\+\d[\d\ ()/.-]{4,}\d | \(\d+\)[\d\ ./-]{4,}\d)
    | (?P<number>(?<![\w.])[-−]?\d+(?:,\d{3})+(?:\.\d+)?(?!\w)
                |(?<![\w.])[-−]?\d+(?:\.\d+)?(?![\w]))
    | (?P<word>[^\W_]+(?:[-.&][^\W_]+)*(?:['’](?!s\b)[^\W_]+)*)
    | (?P<own>['’]s\b|(?<=s)['’](?=\s))
    | (?P<mark>[^\w\s])
    """,
    re.VERBOSE,
)
_ENDS = frozenset(".!?;:")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is word, text, number, date, own (possessive) or mark.

    `text` is as written, without quotation marks; `word` is lower case; `bare` tells
    a literal that stood without quotation marks.
    """

    kind: str
    text: str
    word: str = ""
    stem: str = ""
    bare: bool = False
    opens: bool = False

    @property
    def literal(self) -> bool:
        """Whether the token is a value."""
        return self.kind in {"text", "number", "date"}


@lru_cache(maxsize=512)
def tokens(message: str) -> tuple[Token, ...]:
    """The tokens of a message; `opens` marks the first word of a sentence."""
    found: list[Token] = []
    opens = True
    for match in _TOKEN.finditer(message):
        token = _token(match)
        found.append(replace(token, opens=True) if opens else token)
        opens = token.kind == "mark" and token.text in _ENDS
    return tuple(_joined(found))


def _token(match: re.Match[str]) -> Token:
    kind, text = match.lastgroup, match.group()
    match kind:
        case "quoted" | "single":
            return Token("text", text[1:-1])
        case "mail":
            return Token("text", _as_address(text), bare=True)
        case "phone":
            return Token("text", text, bare=True)
        case "number":
            plain = text.replace("−", "-")
            if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
                plain = plain.replace(",", "")
            return Token("number", plain)
        case "date":
            return Token("date", text)
        case "word":
            word = text.casefold().replace("’", "'")
            return Token("word", text, word, stem(word))
        case "own":
            return Token("own", "'s")
        case _:
            return Token("mark", text)


def _as_address(text: str) -> str:
    """An address that begins a sentence may have got its capital letter from that."""
    rest = text[1:]
    return text[0].lower() + rest if rest == rest.lower() else text


def _joined(found: Sequence[Token]) -> list[Token]:
    """Numbers side by side are one text: a telephone number without its quotes."""
    result: list[Token] = []
    for token in found:
        last = result[-1] if result else None
        if (token.kind == "number" and last is not None and last.kind == "number") or (
            token.kind == "number" and last is not None and _digits(last)
        ):
            result[-1] = Token("text", f"{last.text} {token.text}", bare=True)
        else:
            result.append(token)
    return result


def _digits(token: Token) -> bool:
    plain = token.text.replace(" ", "")
    return token.kind == "text" and token.bare and plain.isdigit()


def sentences(found: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Tokens cut at the ends of sentences; a colon or a dash ends one too."""
    result: list[tuple[Token, ...]] = []
    start = 0
    for number, token in enumerate(found):
        if token.kind == "mark" and token.text in ".!?;:—–\n":
            if number > start:
                result.append(tuple(found[start : number + 1]))
            start = number + 1
    if start < len(found):
        result.append(tuple(found[start:]))
    return result


@lru_cache(maxsize=512)
def without_literals(message: str) -> str:
    """The message in lower case with every quotation emptied."""
    return re.sub(r'"[^"\n]*"|“[^”\n]*”|«[^»\n]*»', '""', message).casefold()
