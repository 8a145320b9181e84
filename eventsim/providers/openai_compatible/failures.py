"""Translates every way in which a call goes wrong into one `ProviderFailure`.

Endpoints agree on little: an error may come as a status, inside an HTTP 200, as an
HTML page of a proxy, as an answer without choices. All is decided here, from status,
headers and bytes alone, so that what is retried is one table. What libraries raise is
translated in `transport`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import orjson

from eventsim.errors import ProviderFailure
from eventsim.providers.openai_compatible.scrubbing import Scrubber

__all__ = ["failure_of_answer", "failure_of_status", "retry_after_ms"]

_HOPELESS = frozenset(
    {
        "content_filter",
        "context_length",
        "invalid_request",
        "not_found",
        "refused_budget",
        "unauthorized",
    }
)

_CONTEXT = re.compile(
    r"context.?(length|window|size)|maximum context|too many tokens"
    r"|(prompt|input) is too long|exceed_context_size",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"insufficient_quota|billing|insufficient.{0,12}(balance|credit|funds)"
    r"|payment_required|requires more credits",
    re.IGNORECASE,
)
_FILTER = re.compile(
    r"content_filter|content_policy|content management policy|moderation|flagged",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"rate.?limit|too.many.requests|resource_exhausted|throttl", re.IGNORECASE
)
_NO_MODEL = re.compile(r"model_not_found|model_not_exist", re.IGNORECASE)
_NOT_FOUND = re.compile(r"not_found|notfound", re.IGNORECASE)
_KEY = re.compile(
    r"invalid_api_key|authentication|unauthori[sz]ed|permission_(denied|error)",
    re.IGNORECASE,
)
_SERVER = re.compile(
    r"server_error|internal|overloaded|unavailable|bad_gateway|api_error", re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SECONDS = re.compile(r"\s*\d+(\.\d+)?\s*")

_MOVED = "the endpoint is elsewhere now: set base_url to where"
_MOST_MS = 24 * 3_600_000


class _Complaint(NamedTuple):
    """What an endpoint says is wrong: names of its own, and a sentence."""

    names: str
    message: str
    status: int = 0


def failure_of_status(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    scrub: Scrubber,
    now: datetime,
) -> ProviderFailure:
    """Why a response whose status is no success brought no answer."""
    body = _json(content)
    complaint = _complaint(body)
    if complaint is None:
        complaint = _Complaint("", _MOVED if 300 <= status < 400 else _said(content))
    reason = _reason(status, complaint)
    return ProviderFailure(
        reason,
        scrub.line(f"HTTP {status}: {_in_words(complaint)}"),
        retryable=reason not in _HOPELESS,
        status=status,
        retry_after_ms=retry_after_ms(headers, now),
        usage=_usage(body),
    )


def failure_of_answer(
    content: bytes, headers: Mapping[str, str], scrub: Scrubber, now: datetime
) -> ProviderFailure | None:
    """Why a response with status 200 is no answer; None if it is one."""
    body = _json(content)
    if not isinstance(body, dict):
        said = _said(content) or "an empty body"
        return ProviderFailure(
            "not_json",
            scrub.line(f"HTTP 200 without a JSON object: {said}"),
            retryable=True,
            status=200,
        )
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    choice = first if isinstance(first, dict) else {}
    complaint = _complaint(choice if choice.get("error") else body)
    if complaint is None and isinstance(choice.get("message"), dict):
        return None
    if complaint is None:
        reason, detail = "empty_choices", "HTTP 200 without a choice and its message"
    else:
        reason = _reason(complaint.status, complaint)
        detail = f"an error inside HTTP 200: {_in_words(complaint)}"
    return ProviderFailure(
        reason,
        scrub.line(detail),
        retryable=reason not in _HOPELESS,
        status=200,
        retry_after_ms=retry_after_ms(headers, now),
        usage=_usage(body),
    )


def retry_after_ms(headers: Mapping[str, str], now: datetime) -> int | None:
    """How long the endpoint asks us to wait: `retry-after-ms`, or `Retry-After` as
    seconds or as a date. A date counts from the response's own, should the clocks
    differ; nothing longer than a day is believed.
    """
    exact = headers.get("retry-after-ms", "")
    if _SECONDS.fullmatch(exact):
        return min(_MOST_MS, round(float(exact)))
    asked = headers.get("retry-after", "")
    if _SECONDS.fullmatch(asked):
        return min(_MOST_MS, round(float(asked) * 1_000))
    until = _date(asked)
    if until is None:
        return None
    wait = until - (_date(headers.get("date", "")) or now)
    return max(0, min(_MOST_MS, round(wait.total_seconds() * 1_000)))


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _reason(status: int, complaint: _Complaint) -> str:
    """One word for what went wrong. Names count before the status: some say 429 for
    an account without credit, 500 for a request that is too long, 403 for a model.
    """
    names, message = complaint.names, complaint.message
    both = f"{names} {message}"
    if _NO_MODEL.search(names):
        return "not_found"
    if status == 402 or _BUDGET.search(names):
        return "refused_budget"
    if status in {403, 429} and _BUDGET.search(message) and not _RATE.search(both):
        return "refused_budget"
    if status == 429 or _RATE.search(names):
        return "rate_limited"
    if _CONTEXT.search(both):
        return "context_length"
    if status in {400, 403} and _FILTER.search(both):
        return "content_filter"
    if status:
        return _by_status(status)
    for reason, pattern in (
        ("unauthorized", _KEY),
        ("not_found", _NOT_FOUND),
        ("content_filter", _FILTER),
        ("server_error", _SERVER),
    ):
        if pattern.search(names):
            return reason
    if _RATE.search(message):
        return "rate_limited"
    return "invalid_request" if "invalid_request" in names else "error_in_body"


def _by_status(status: int) -> str:
    if status in {401, 403, 407}:
        return "unauthorized"
    if status in {404, 405, 410} or 300 <= status < 400:
        return "not_found"
    if status in {408, 409, 425} or status >= 500:
        return "server_error"
    return "invalid_request"


def _complaint(body: object) -> _Complaint | None:
    """The error that a body speaks of, in any of the shapes that are about."""
    if isinstance(body, list) and body:
        return _complaint(body[0])
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if not error and (body.get("object") == "error" or "choices" not in body):
        error = body.get("errors") or body.get("detail") or body.get("message")
        error = {**body, "message": error} if error else None
    if not error:
        return None
    if not isinstance(error, dict):
        return _Complaint("", _text(error))
    code = error.get("code")
    number = int(str(code)) if re.fullmatch(r"[45]\d\d", str(code)) else 0
    names = [x for x in (code, error.get("type"), error.get("status")) if x is not None]
    return _Complaint(
        " ".join(_text(name) for name in names), _text(error.get("message")), number
    )


def _in_words(complaint: _Complaint) -> str:
    names, message = complaint.names, complaint.message
    if names and message:
        return f"{message} ({names})"
    return message or names or "no reason given"


def _said(content: bytes) -> str:
    """What a body that is no JSON says: a page's title, or its text."""
    text = content.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = _TITLE.search(text)
        return f"an HTML page ({title[1].strip()})" if title else "an HTML page"
    return text


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value, default=str).decode()


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _usage(body: object) -> dict[str, Any] | None:
    usage = body.get("usage") if isinstance(body, dict) else None
    return usage if isinstance(usage, dict) else None
