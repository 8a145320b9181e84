"""Export as HF / TRL rows: `messages` and `tools`, one row a trajectory. Pure.

Source: the HF messages format with tools (FORMATS in the README). Arguments are objects
by default, because chat templates encode strings twice. Provenance goes into a
manifest beside the rows, never into them.
"""

from __future__ import annotations

from typing import Any, Literal

from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.values import encode
from eventsim.roles.assistant import system_prompt

__all__ = ["row"]


def row(
    state: Dialogue,
    materials: Materials,
    *,
    arguments: Literal["object", "string"] = "object",
) -> dict[str, Any]:
    """One training row. A last user message that nobody answered is left out."""
    said = list(state.messages)
    while said and said[-1].speaker == "user":
        said.pop()
    system = {"role": "system", "content": system_prompt(state, materials)}
    return {
        "messages": [system, *(_message(message, arguments) for message in said)],
        "tools": [tool.as_function() for tool in materials.toolset],
    }


def _message(message: Message, arguments: str) -> dict[str, Any]:
    if message.call is not None:
        return {
            "role": "tool",
            "name": message.call.name,
            "tool_call_id": message.call.id,
            "content": message.text,
        }
    line: dict[str, Any] = {"role": message.speaker, "content": message.text}
    if message.calls:
        line["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": call.arguments
                    if arguments == "object"
                    else encode(call.arguments).decode(),
                },
            }
            for call in message.calls
        ]
    return line
