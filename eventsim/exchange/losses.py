"""What a dialogue has and a row of a format cannot say. Pure.

Found from the dialogue and from what was kept of the row that it came from; named in
the words that an export and its manifest use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eventsim.core.events import Kept
from eventsim.core.state import Message
from eventsim.exchange.conversation import Transcript, is_malformed
from eventsim.exchange.formats.format import (
    MALFORMED,
    MESSAGES,
    REASONING,
    SYSTEM,
    TOOLS,
    Format,
)

__all__ = ["PRIVATE", "losses", "losses_of_row"]

PRIVATE = "private calls of the user"
_AFTER_CALL = "text after a call"
_PARTS = {
    "image": "images",
    "image_url": "images",
    "input_image": "images",
    "audio": "audio",
    "input_audio": "audio",
    "video": "videos",
    "file": "files",
    "input_file": "files",
    "refusal": "refusals",
}


def losses(form: Format, transcript: Transcript) -> tuple[str, ...]:
    """What a row of this format leaves out of what was said after the part that it
    had from the beginning, in a stable order.
    """
    said = transcript.messages[transcript.from_row :]
    if not said:
        return ()
    found = [name for name in _held(transcript, said) if name in form.lacks]
    return tuple(dict.fromkeys([*found, *form.loses(transcript)]))


def _held(transcript: Transcript, said: Sequence[Message]) -> Iterator[str]:
    """What is there that not every format has a place for."""
    if not transcript.style:
        if transcript.system:
            yield SYSTEM
        if transcript.tools:
            yield TOOLS
    yield MESSAGES
    if any(message.reasoning for message in said):
        yield REASONING
    if any(is_malformed(call) for message in said for call in message.calls):
        yield MALFORMED


def losses_of_row(style: Any, kept: Iterable[Kept]) -> tuple[str, ...]:
    """What a row of another format had that no event says: images, refusals, text
    after a call.
    """
    found = dict.fromkeys(name for each in kept for name in _kinds(each))
    if style.get("after_call"):
        found[_AFTER_CALL] = None
    return tuple(found)


def _kinds(kept: Kept) -> Iterator[str]:
    *_, last = kept.at.split("/")
    if last == "refusal" and kept.value:
        yield "refusals"
    for part in kept.value if isinstance(kept.value, tuple) else (kept.value,):
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind in _PARTS:
            yield _PARTS[kind]
