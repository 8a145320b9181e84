"""Faults of tools: which call is made to fail on purpose, and what it then says. Pure.

Which fault a call has is drawn when the call is decided, and recorded in its intent.
What it does to a result is a function of the true result, the fault and the ordinal of
the call alone: executed again, on any path, the same call says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from eventsim.config import ToolFaults
from eventsim.core.arguments import error_content
from eventsim.core.draws import Draws
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode

__all__ = [
    "ALTERING",
    "REPLACING",
    "altered",
    "draw_fault",
    "only_reads",
    "replacement",
    "replaces",
]

REPLACING = ("timeout", "rate_limit", "server_error", "permission_denied")
"""Faults in place of a call: it is not executed, and says why in an error."""

ALTERING = ("stale", "partial", "schema_drift", "empty")
"""Faults that change what the assistant sees of a read."""

_READS = frozenset(
    "browse calculate check compare count describe fetch find get list lookup look "
    "query read retrieve search show summarize track view".split()
)


def draw_fault(
    rates: ToolFaults, draws: Draws, ordinal: int, tool: ToolDefinition
) -> str:
    """The fault of call number `ordinal` of the path: a field's name, or "" for none.

    The chances of faults that only reads can have are lost on tools that write.
    """
    mark = draws.fraction("fault", ordinal)
    for name in (*REPLACING, *ALTERING):
        rate: float = getattr(rates, name)
        if mark < rate:
            return "" if name in ALTERING and not only_reads(tool) else name
        mark -= rate
    return ""


def only_reads(tool: ToolDefinition) -> bool:
    """Whether a call changes nothing: known of statements; of tools that are played,
    read from the first word of the name.
    """
    if tool.statement is not None:
        return not tool.writes
    return tool.name.partition("_")[0].lower() in _READS


def replaces(fault: str) -> bool:
    """Whether a call with this fault is not executed at all."""
    return fault in REPLACING


# --- in place of a call -------------------------------------------------------------


def replacement(fault: str, tool: str, ordinal: int) -> str:
    """The content of a call of the tool named `tool` that a fault replaces."""
    draws = _draws(fault, ordinal, tool)
    match fault:
        case "timeout":
            seconds = draws.choice((10, 20, 30, 60), "seconds")
            return error_content(fault, f"{tool} did not answer within {seconds} s.")
        case "rate_limit":
            seconds = 1 + draws.integer("seconds", below=30)
            message = f"Too many calls of {tool}. Try again in {seconds} s."
            return error_content(fault, message, retry_after_s=seconds)
        case "server_error":
            status = draws.choice((500, 502, 503), "status")
            reference = f"{draws.integer('reference', below=1 << 32):08x}"
            message = f"{tool} failed with an internal error ({status})."
            return error_content(fault, message, reference=reference)
        case "permission_denied":
            message = f"This session may not call {tool}."
            return error_content(fault, message)
    raise AssertionError(f"{fault!r} replaces no call")


# --- what becomes of a result -------------------------------------------------------


def altered(content: str, fault: str, ordinal: int) -> str:
    """What the assistant sees of the true `content`, JSON text, under a fault.

    `stale` changes nothing here: such a call is answered from older data.
    """
    alter = _ALTERATIONS.get(fault)
    if alter is None:
        return content
    seen = alter(orjson.loads(content), _draws(fault, ordinal, content))
    return encode(seen).decode()


def _draws(*parts: object) -> Draws:
    return Draws(0, "\x1f".join(map(str, parts)))


def _rows_of(value: Any) -> tuple[list[Any] | None, str]:
    """The rows of a result, and the field that holds them if it is no plain array."""
    if isinstance(value, list):
        return value, ""
    if isinstance(value, Mapping):
        lists = [k for k, v in value.items() if isinstance(v, list)]
        if len(lists) == 1 or "rows" in lists:
            name = "rows" if "rows" in lists else lists[0]
            return value[name], name
    return None, ""


def _partial(value: Any, draws: Draws) -> Any:
    """Some rows, or some fields of a record; half of the time it says so."""
    honest = draws.fraction("honest") < 0.5
    rows, name = _rows_of(value)
    if rows:
        kept = rows[: draws.integer("kept", below=len(rows))]
        if name:
            told = {"more": True} if "more" in value else {"partial": True}
            return {**value, name: kept, **(told if honest else {})}
        return {"partial": True, "items": kept} if honest else kept
    if isinstance(value, dict) and rows is None and len(value) > 1:
        _, *names = value
        left_out = {n for n in names if draws.fraction(n) < 0.5} or {names[-1]}
        record = {k: v for k, v in value.items() if k not in left_out}
        return {**record, "partial": True} if honest else record
    return value


def _empty(value: Any, _: Draws) -> Any:
    """Nothing, in the same shape."""
    rows, name = _rows_of(value)
    if rows is not None:
        return {**value, name: []} if name else []
    return {} if isinstance(value, Mapping) else None


def _drifted(value: Any, draws: Draws) -> Any:
    """The same facts in another shape: a field renamed or retyped in every record, or
    all of it inside an envelope.
    """
    names = sorted(_names(value))
    drift = draws.choice((_renamed, _retyped, _cased, _enveloped), "drift")
    seen = drift(value, draws.choice(names, "field")) if names else value
    return _enveloped(value, "") if seen == value else seen


def _names(value: Any) -> set[str]:
    """The fields of records that hold no further records."""
    if isinstance(value, Mapping):
        inner = {
            k
            for k, v in value.items()
            if k != "more" and not isinstance(v, dict | list)
        }
        return inner.union(*(_names(v) for v in value.values()))
    if isinstance(value, list):
        return set().union(*(_names(item) for item in value))
    return set()


def _each_record(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_each_record(item, change) for item in value]
    if isinstance(value, dict):
        return change({k: _each_record(v, change) for k, v in value.items()})
    return value


def _renamed(value: Any, name: str) -> Any:
    head, _, tail = name.rpartition("_")
    new = {"id": "identifier", "name": "label", "date": "day"}.get(
        tail, f"{tail}_value"
    )
    renamed = f"{head}_{new}" if head else new
    return _each_record(
        value, lambda record: {renamed if k == name else k: record[k] for k in record}
    )


def _cased(value: Any, _: str) -> Any:
    """Every field in the other usual spelling: orderId for order_id."""

    def spelled(name: str) -> str:
        first, *others = name.split("_")
        return first + "".join(word[:1].upper() + word[1:] for word in others)

    return _each_record(value, lambda record: {spelled(k): record[k] for k in record})


def _retyped(value: Any, name: str) -> Any:
    def typed(item: Any) -> Any:
        if isinstance(item, bool):
            return "yes" if item else "no"
        if isinstance(item, int | float):
            return str(item)
        return {"value": item} if isinstance(item, str) else item

    return _each_record(
        value,
        lambda record: {k: typed(v) if k == name else v for k, v in record.items()},
    )


def _enveloped(value: Any, _: str) -> Any:
    return {"version": "2", "data": value}


_ALTERATIONS: dict[str, Callable[[Any, Draws], Any]] = {
    "partial": _partial,
    "schema_drift": _drifted,
    "empty": _empty,
}
