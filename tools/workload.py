"""A seeded dialogue of the benchmarks: its messages, and the events that record them.

A quarter each of `turns` are user messages, tool calls, results and replies; texts of
200 to 800 characters, arguments of 40 to 120, results of three rows; twelve tools. 40
turns come to 94 events of 55 KB, with the intent of every model call and its usage.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any

import orjson

from eventsim.core import events as e
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze

__all__ = ["NOWHERE", "events_of", "messages_of"]

NOWHERE = e.Ref(stream="0" * 32, version=1, hash="0" * 64)
_WORDS = (
    "order account refund shipping address status booking flight cancel change upgrade "
    "seat payment card balance invoice please confirm the my to for with of and a can "
    "help need item return exchange size colour blue delivery tomorrow policy id"
).split()


def _text(draw: random.Random, low: int, high: int) -> str:
    wanted, words = draw.randint(low, high), ""
    while len(words) < wanted:
        words += f"{draw.choice(_WORDS)} "
    return words[:wanted].strip()


def messages_of(turns: int, seed: int) -> list[dict[str, Any]]:
    """The dialogue as chat messages."""
    draw = random.Random(f"dialogue {seed}")  # noqa: S311
    messages: list[dict[str, Any]] = []
    for group in range(turns // 4):
        call = f"call_{group}_0"
        arguments = {"key": _text(draw, 40, 120), "limit": draw.randrange(100)}
        rows = [
            {"id": draw.randrange(10**6), "note": _text(draw, 60, 200)}
            for _ in range(3)
        ]
        name = f"tool_{draw.randrange(12):02d}"
        messages += [
            {"role": "user", "content": _text(draw, 200, 800)},
            {
                "role": "assistant",
                "content": _text(draw, 160, 400),
                "tool_calls": [{"id": call, "name": name, "arguments": arguments}],
            },
            {
                "role": "tool",
                "tool_call_id": call,
                "content": orjson.dumps({"rows": rows}).decode(),
            },
            {"role": "assistant", "content": _text(draw, 200, 800)},
        ]
    return messages


def events_of(turns: int, seed: int, label: str = "") -> list[e.Event]:
    """The dialogue as the events of its stream, its root first."""
    root = e.TrajectoryStarted(
        label=label or f"bench-{seed}",
        index=1,
        seed=seed,
        lineage="0" * 16,
        pipeline="bench",
        run=NOWHERE,
        preparation=NOWHERE,
    )
    return [root, *_tools(), *_spoken(messages_of(turns, seed)), _END]


_END = e.TrajectoryEnded(reason="completed")


def _tools() -> list[e.Event]:
    draw = random.Random("tools")  # noqa: S311
    return [
        e.ToolDefined(tool=_tool(f"tool_{number:02d}", draw)) for number in range(12)
    ]


def _tool(name: str, draw: random.Random) -> ToolDefinition:
    properties = {
        "key": {"type": "string", "description": _text(draw, 30, 40)},
        "limit": {"type": "integer", "description": _text(draw, 20, 30)},
    }
    parameters = {"type": "object", "properties": properties, "required": ["key"]}
    return ToolDefinition(
        name=name,
        description=_text(draw, 120, 160),
        parameters=freeze(parameters),
        returns=freeze({}),
    )


def _spoken(messages: list[dict[str, Any]]) -> list[e.Event]:
    found: list[e.Event] = []
    calls = {"user": 0, "assistant": 0}
    for message in messages:
        role, text = message["role"], message["content"]
        if role == "tool":
            number = calls["assistant"] - 1
            name = found[-1].calls[0].name  # type: ignore[attr-defined]
            found.append(e.ToolCalled(reply=number, index=0, name=name))
            found.append(
                e.ToolReturned(reply=number, index=0, content=text, duration_us=400)
            )
            continue
        found.append(_asked(role, calls[role], text))
        calls[role] += 1
        answer = e.Answer(
            response_id=hashlib.sha256(text.encode()).hexdigest()[:24],
            finish_reason="tool_calls" if "tool_calls" in message else "stop",
            usage=e.Usage(input_tokens=20 * len(found), output_tokens=len(text) // 4),
            latency_ms=512,
        )
        if role == "user":
            found.append(e.UserMessaged(text=text, answer=answer))
        else:
            made = tuple(e.ToolCall(**call) for call in message.get("tool_calls", ()))
            found.append(e.AssistantReplied(text=text, calls=made, answer=answer))
    return found


def _asked(role: Any, ordinal: int, text: str) -> e.ModelCalled:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return e.ModelCalled(
        role=role,
        provider="default",
        model="bench-model",
        request_sha256=digest,
        ordinal=ordinal,
        attempt=0,
        seed=ordinal,
        idempotency_key=digest[:16],
    )
