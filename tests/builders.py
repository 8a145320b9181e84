"""Small hand-made values for tests of the pure layers."""

from __future__ import annotations

import json
from typing import Any

from eventsim.config import RunConfig
from eventsim.core import events as e
from eventsim.core.materials import Materials
from eventsim.core.tasks import Checks, Fact, Objective, Profile, Task
from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.prompts.render import installed

REF = e.Ref(stream="a" * 32, version=1, hash="b" * 64)

SECRET = "Zanzibar"
"""Stands in the task only: no request of the assistant may hold it."""

TOOL = ToolDefinition(
    name="get_customer",
    description="Get one customer by customer id.",
    parameters={
        "type": "object",
        "properties": {"customer_id": {"type": "integer"}},
        "required": ["customer_id"],
    },
    returns={"type": "object"},
    statement=SqlStatement(
        sql="SELECT * FROM customer WHERE customer_id = :customer_id",
        effect="read",
        table="customer",
        returns="row",
    ),
)


def task(number: int = 1) -> Task:
    """A task of one objective: read a city."""
    clause = f"find the city of customer {number}"
    return Task(
        title=f"Look up a city ({number})",
        difficulty="easy",
        goal=f"The user wants to know where customer {number} lives.",
        profile=Profile(
            name="Mara Lind",
            role="You work at the front desk.",
            known_info=(f"Your cat is named {SECRET}.",),
        ),
        objectives=(Objective(number=1, text=clause, kind="read"),),
        checks=Checks(facts=(Fact(objective=1, about="the city", values=("Oslo",)),)),
    )


def materials(tasks: int = 1, **config: Any) -> Materials:
    """Materials over one tool, with the installed prompts."""
    return Materials(
        config=RunConfig(seed=1, count=1, tasks=tasks, **config),
        prompts=installed(),
        preparation=REF,
        tools_from=None,
        source=e.Source(
            name="shop",
            title="the shop",
            about="It sells lamps.",
            image="c" * 64,
            rows_digest="d" * 64,
            sqlite_version="3.50.0",
        ),
        toolset=(TOOL,),
        policy="1. Be careful with lamps.",
        now="2026-03-02T09:00:00Z",
        tasks=tuple(task(number) for number in range(1, tasks + 1)),
    )


def started(seed: int = 1) -> e.TrajectoryStarted:
    """The root of a dialogue."""
    return e.TrajectoryStarted(
        label="bodume-1",
        index=1,
        seed=seed,
        lineage="f" * 16,
        pipeline="user-oriented+execution",
        run=REF,
        preparation=REF,
    )


def chat_response(message: dict[str, Any], **fields: Any) -> bytes:
    """A chat completion response around one message."""
    body = {
        "id": "chatcmpl-1",
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    }
    return json.dumps({**body, **fields}).encode()


def user_says(text: str, complete: bool = False) -> bytes:
    """A user simulator's response."""
    said = {"user_message": text, "is_task_complete": complete}
    content = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    return chat_response({"role": "assistant", "content": content})


def assistant_says(text: str) -> bytes:
    """An assistant's answer to the user."""
    return chat_response({"role": "assistant", "content": text})


def assistant_calls(*calls: tuple[str, dict[str, Any]]) -> bytes:
    """An assistant's tool calls."""
    return chat_response(
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": f"x{n}",
                    "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)},
                }
                for n, (name, arguments) in enumerate(calls)
            ],
        }
    )
