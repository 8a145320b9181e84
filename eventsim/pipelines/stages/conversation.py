"""The conversation that a preparation goes on with, as stages show it. Pure."""

from __future__ import annotations

from eventsim.core.state import Dialogue, Message
from eventsim.core.values import encode

__all__ = ["before", "told"]

_MOST_LETTERS = 24_000
_LONGEST_LINE = 2_000


def before(dialogue: Dialogue | None) -> tuple[str, ...]:
    """The conversation as what stands before a request; nothing where there is none."""
    some = dialogue is not None and dialogue.messages
    return (told(dialogue),) if some else ()


def told(dialogue: Dialogue | None) -> str:
    """The conversation so far, one line a message; of a long one the end."""
    said = dialogue.messages if dialogue is not None else ()
    lines = [_line(message) for message in said]
    size = 0
    for number, line in enumerate(reversed(lines)):
        size += len(line)
        if size > _MOST_LETTERS:
            left = len(lines) - number
            lines = [f"({left} earlier messages are left out)", *lines[left:]]
            break
    return "\n".join(["The conversation so far:", *lines])


def _line(message: Message) -> str:
    text = " ".join(message.text.split())[:_LONGEST_LINE]
    if message.call is not None:
        return f"Result of {message.call.name}: {text}"
    calls = [f"{c.name}({encode(c.arguments).decode()})" for c in message.calls]
    called = f"calls {', '.join(calls)}" if calls else ""
    speaker = "Person" if message.speaker == "user" else "Assistant"
    return f"{speaker}: {' '.join(filter(None, (text, called)))}"
