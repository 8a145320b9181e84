"""Personal data that has a form, replaced before anything is written.

E-mail addresses, IP addresses, phone numbers, payment cards, bank accounts: each value
becomes a placeholder such as <EMAIL_1>, the same one wherever it stands in a row, so
that calls and results still agree. Names of people have no form, and are not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

from eventsim.errors import UsageError

__all__ = ["MASKED", "masker"]

MASKED = ("email", "ip", "iban", "card", "phone")

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w:]|\.\d)"
    r"|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:]))"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_SHORTEST = 6

Span = tuple[int, int, str]


def masker() -> Callable[[Any], Any]:
    """A function of a row that gives the row with placeholders. Raises: UsageError
    when the extra is not installed.
    """
    try:
        import phonenumbers  # noqa: F401
        import stdnum  # noqa: F401
    except ImportError:
        raise UsageError(
            "--mask-pii needs more packages: pip install 'eventsim[pii]'"
        ) from None

    def mask(row: Any) -> Any:
        return _masked(row, {})

    return mask


def _masked(value: Any, known: dict[tuple[str, str], str]) -> Any:
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, dict):
        return {key: _masked(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, known) for item in value]
    return value


def _text(text: str, known: dict[tuple[str, str], str]) -> str:
    if len(text) < _SHORTEST:
        return text
    parts, end = [], 0
    for start, stop, kind in _chosen(text):
        plain = "".join(text[start:stop].split()).lower()
        if (kind, plain) not in known:
            number = 1 + sum(1 for each, _ in known if each == kind)
            known[kind, plain] = f"<{kind.upper()}_{number}>"
        parts += [text[end:start], known[kind, plain]]
        end = stop
    return "".join([*parts, text[end:]])


def _chosen(text: str) -> Iterator[Span]:
    """Those that do not overlap, in order; of two the more certain one."""
    taken: list[Span] = []
    for found in (_emails, _ips, _ibans, _cards, _phones):
        for span in found(text):
            if all(span[1] <= start or stop <= span[0] for start, stop, _ in taken):
                taken.append(span)
    return iter(sorted(taken))


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for found in _EMAIL.finditer(text):
            yield found.start(), found.end(), "email"


def _ips(text: str) -> Iterator[Span]:
    for found in _IP.finditer(text):
        try:
            ip_address(found[0])
        except ValueError:
            continue
        if any(letter in found[0] for letter in "123456789abcdefABCDEF"):
            yield found.start(), found.end(), "ip"


def _ibans(text: str) -> Iterator[Span]:
    from stdnum import iban

    for found in _IBAN.finditer(text):
        if iban.is_valid(found[0]):
            yield found.start(), found.end(), "iban"


def _cards(text: str) -> Iterator[Span]:
    from stdnum import luhn

    for found in _CARD.finditer(text):
        if luhn.is_valid(re.sub(r"[ -]", "", found[0])):
            yield found.start(), found.end(), "card"


def _phones(text: str) -> Iterator[Span]:
    import phonenumbers

    if sum(letter.isdigit() for letter in text) < _SHORTEST:
        return
    for found in phonenumbers.PhoneNumberMatcher(text, "US"):
        yield found.start, found.end, "phone"
