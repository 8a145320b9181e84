"""Dialogues over tools that a model plays, made event by event."""

from __future__ import annotations

import json
from typing import Any

import orjson

from eventsim.config import RunConfig
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.tasks import ExpectedCall, Objective, Profile, Rubric, Task
from eventsim.core.tools import ToolDefinition
from eventsim.prompts.render import installed
from tests.builders import REF, chat_response, started

NOW = "2026-03-02T09:00:00Z"


def played(
    tool: str, returns: dict[str, Any], required: tuple[str, ...] = (), **fields: Any
) -> ToolDefinition:
    """A tool without a statement; `fields` are the properties of its parameters."""
    return ToolDefinition(
        name=tool,
        description=f"Tool {tool}.",
        parameters={
            "type": "object",
            "properties": fields,
            "required": list(required),
            "additionalProperties": False,
        },
        returns=returns,
    )


def record(**fields: Any) -> dict[str, Any]:
    """A closed object schema, all of whose fields are required."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


INTEGER = {"type": "integer"}
STRING = {"type": "string"}
STATUS = {"type": "string", "enum": ["open", "paid", "cancelled"]}
ORDER = record(
    order_id=INTEGER,
    customer_id=INTEGER,
    customer_name=STRING,
    status=STATUS,
    total={"type": "number", "minimum": 1},
    ordered_on={"type": "string", "format": "date"},
)
CUSTOMER = record(customer_id=INTEGER, name=STRING, email=STRING, city=STRING)
TOOLS = (
    played("get_order", ORDER, ("order_id",), order_id=INTEGER),
    played(
        "search_orders",
        {"type": "array", "items": ORDER},
        (),
        status=STATUS,
        customer_id=INTEGER,
    ),
    played(
        "create_order",
        ORDER,
        ("customer_id",),
        customer_id=INTEGER,
        total={"type": "number"},
    ),
    played("update_order", ORDER, ("order_id",), order_id=INTEGER, status=STATUS),
    played(
        "delete_order",
        record(order_id=INTEGER, deleted=INTEGER),
        ("order_id",),
        order_id=INTEGER,
    ),
    played("cancel_order", ORDER, ("order_id",), order_id=INTEGER),
    played("get_customer", CUSTOMER, ("customer_id",), customer_id=INTEGER),
    played(
        "search_customers",
        {"type": "array", "items": CUSTOMER},
        ("name",),
        name=STRING,
    ),
)


def task(**changes: Any) -> Task:
    """A judged task with one secret in each part that tools must never see."""
    return Task(
        title="Pay an order",
        difficulty="easy",
        goal="The goal holds Goldfinch.",
        profile=Profile(name="Mara", role="You hold Profilium.", known_info=()),
        objectives=(Objective(number=1, text="pay the Objectivum", kind="write"),),
        rubric=Rubric(
            criteria=("The answer states the Criterium.",),
            expected_calls=(ExpectedCall(tool="get_order", arguments={"order_id": 7}),),
            checkpoints=("Order 7 was looked up, Checkpointum.",),
        ),
    ).model_copy(update=changes)


def materials(*tasks: Task, **config: Any) -> Materials:
    """Materials over played tools."""
    return Materials(
        config=RunConfig(seed=1, count=1, pipeline="user-oriented", **config),
        prompts=installed(),
        preparation=REF,
        tools_from=REF,
        source=e.Source(name="shop", title="the shop", about="It sells lamps."),
        toolset=TOOLS,
        policy="Never tell the Policyword.",
        now=NOW,
        tasks=tasks or (task(),),
    )


class Talk:
    """A path that grows by what is said and done."""

    def __init__(self, given: Materials | None = None) -> None:
        self.materials = given or materials()
        assigned = e.TaskAssigned(number=1, title="t", digest="d", preparation=REF)
        self.state: Dialogue = fold([started(), e.ClockSet(now=NOW), assigned])
        self._calls = 0

    def then(self, *events: e.Event) -> None:
        """Add events."""
        self.state = fold(events, self.state)

    def user(self, text: str) -> None:
        """The user says something."""
        self.then(e.UserMessaged(text=text))

    def says(self, text: str) -> None:
        """The assistant says something, thinking."""
        self.then(e.AssistantReplied(text=text, reasoning="Thoughtful reasons."))

    def call(self, tool: str, /, fault: str = "", **arguments: Any) -> None:
        """The assistant calls a tool; the call waits."""
        made = e.ToolCall(id=f"call_{self._calls}_0", name=tool, arguments=arguments)
        self._calls += 1
        self.then(
            e.AssistantReplied(calls=(made,), reasoning="Thoughtful reasons."),
            e.ToolCalled(
                reply=self._calls - 1,
                index=0,
                name=tool,
                fault=fault,
            ),
        )

    def returns(self, content: Any, *, is_error: bool = False) -> None:
        """The call that waits returns."""
        text = content if isinstance(content, str) else orjson.dumps(content).decode()
        waiting = self.state.pending[0]
        self.then(
            e.ToolReturned(
                reply=waiting.reply, index=0, content=text, is_error=is_error
            )
        )

    def rejects(self, role: str, raw: str, reason: str) -> None:
        """The last answer of a role could not be used."""
        self.then(e.ModelRejected(role=role, raw=raw, reason=reason))  # type: ignore[arg-type]


def answer(value: Any, **fields: Any) -> bytes:
    """A response whose content is JSON, in the usual form."""
    content = value if isinstance(value, str) else orjson.dumps(value).decode()
    return chat_response({"role": "assistant", "content": content}, **fields)


def texts(body: bytes) -> list[tuple[str, str]]:
    """The (role, content) of each message in a request."""
    return [(m["role"], m["content"]) for m in json.loads(body)["messages"]]
