"""The rule-based user: one chat completion request in, one message out.

It receives what a model that plays the user would receive and answers in the same
format. All it knows stands in the request; all chance comes from the request's seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from eventsim.core.values import encode
from eventsim.providers.rule_based.user.act import choose_act
from eventsim.providers.rule_based.user.clause import parse_clause
from eventsim.providers.rule_based.user.compose import compose
from eventsim.providers.rule_based.user.manner import read_manner
from eventsim.providers.rule_based.user.own_tools import (
    act_with_tools,
    own_tools,
    without_acts,
)
from eventsim.providers.rule_based.user.prompt import read_brief, split_wishes
from eventsim.providers.rule_based.user.transcript import read_progress, said_in
from eventsim.providers.rule_based.user.voice import Voice

__all__ = ["speak"]


def speak(request: Mapping[str, Any]) -> dict[str, Any]:
    """The message that answers a request for the user's next message.

    Its content is the JSON text {"user_message", "is_task_complete"}; `notes` say what
    the message does, for readers of the log.

    Raises: ValueError when the system message lacks a section it needs, or asks for
    another language than English.
    """
    messages = request.get("messages") or []
    system = messages[0].get("content") if messages else None
    if not isinstance(system, str) or messages[0].get("role") != "system":
        raise ValueError("the first message of a user request is no system message")
    *before, last = messages[1:] or [{}]
    content = last.get("content")
    heard, now = split_wishes(content if isinstance(content, str) else "")
    tools = own_tools(system)
    if tools:
        told, calls = act_with_tools(heard, tools)
        if told or calls:
            return _with_tools(told, calls)
        before = without_acts(before)
    brief = read_brief(system, now)
    manner = read_manner(brief.manner)
    if brief.wishes.wordy:
        manner = replace(manner, length=2)
    clauses = tuple(parse_clause(text) for text in brief.objectives)
    said = said_in([*before, {**last, "content": heard}])
    progress = read_progress(said, clauses)
    act = choose_act(brief, manner, clauses, progress)
    random = Random(f"{request.get('seed', 0)}/{len(messages)}")  # noqa: S311
    voice = Voice(manner, random, progress.own_texts, brief.wishes.indirect)
    text = compose(act, brief, clauses, progress, voice)
    answer: dict[str, Any] = {
        "user_message": text,
        "is_task_complete": act.kind == "close",
    }
    if tools:
        answer["tool_calls"] = []
    notes: dict[str, Any] = {"act": act.kind}
    if act.reason:
        notes["reason"] = act.reason
    if act.kind == "ask":
        notes["objectives"] = [index + 1 for index in act.objectives]
    return {"role": "assistant", "content": encode(answer).decode(), "notes": notes}


def _with_tools(told: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """The user does something themselves, or tells what came of it."""
    answer = {"user_message": told, "is_task_complete": False, "tool_calls": calls}
    notes = {"act": "use_tools" if calls else "tell_result"}
    return {"role": "assistant", "content": encode(answer).decode(), "notes": notes}
