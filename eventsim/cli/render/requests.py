"""Model requests, rebuilt from the path before them and checked."""

from __future__ import annotations

from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import clip
from eventsim.cli.render.words import visible
from eventsim.cli.session import out, say_json
from eventsim.core.events import ModelCalled
from eventsim.core.values import sha256_hex
from eventsim.errors import NotFound
from eventsim.log.store import Store
from eventsim.run.audit import RebuiltRequest, rebuild_request
from eventsim.run.paths import open_any
from eventsim.run.places import Place
from eventsim.run.shelf import Shelf

__all__ = ["print_body", "request_as_json", "show_requests"]


async def show_requests(store: Store, place: Place, *, as_json: bool) -> None:
    """All requests of a path in brief; of `T@n` the last one, whole."""
    opened = await open_any(store, Shelf(store), place.info, position=place.position)
    calls = [
        n for n, event in enumerate(opened.events) if isinstance(event, ModelCalled)
    ]
    if place.position is not None:
        calls = calls[-1:]
    if not calls:
        raise NotFound(f"no model was called up to {place.info.label}@{place.end}")
    console = out()
    for position in calls:
        request = rebuild_request(opened, position)
        if as_json:
            say_json(request_as_json(request))
            continue
        _print_brief(console, request)
        if place.position is not None:
            console.print()
            print_body(console, request.json)
    if not as_json and place.position is None:
        hint = f"the whole of one: eventsim show {place.info.label}@{calls[0]}"
        console.print(f"{hint} --as requests", style="dim", soft_wrap=True)


def request_as_json(request: RebuiltRequest) -> dict[str, Any]:
    """What was recorded, and the body as it was sent."""
    return {
        "position": request.position,
        "role": request.intent.role,
        "provider": request.intent.provider,
        "model": request.intent.model,
        "seed": request.intent.seed,
        "attempt": request.intent.attempt,
        "recorded_sha256": request.intent.request_sha256,
        "rebuilt_sha256": sha256_hex(request.body),
        "matches": request.matches,
        "request": orjson.Fragment(request.body),
    }


def _print_brief(console: Console, request: RebuiltRequest) -> None:
    intent = request.intent
    body = request.json
    messages = body.get("messages", [])
    said = messages[-1].get("content") or "" if messages else ""
    lead = Text.assemble(
        (f"{request.position:>4}  ", "dim"), (f"{intent.role:<9} ", "bold")
    )
    lead.append(
        f"{intent.model}  {len(messages)} messages, {len(request.body):,} bytes"
    )
    lead.append(f"  sha256 {intent.request_sha256[:12]}… ")
    lead.append(*(("ok", "green") if request.matches else ("DIFFERS", "bold red")))
    console.print(lead, soft_wrap=True)
    last = clip(visible(f"last: {said}"), max(console.width - 6, 20))
    console.print(Text(f"      {last}", style="dim"), soft_wrap=True)


def print_body(console: Console, body: dict[str, Any]) -> None:
    """A request in full: its messages as text, its tools by name."""

    def show(line: Text) -> None:
        console.print(line, soft_wrap=not console.is_terminal)

    for message in body.get("messages", []):
        show(Text(f"[{message['role']}]", style="bold"))
        if message.get("content"):
            show(Text(visible(message["content"])))
        for call in message.get("tool_calls", ()):
            function = call["function"]
            words = f"{call['id']}: {function['name']} {function['arguments']}"
            show(Text(visible(words), style="blue"))
    for key, value in body.items():
        if key != "messages":
            field = Text(visible(_field(key, value)))
            show(Text(f"{key}: ", style="bold") + field)


def _field(key: str, value: Any) -> str:
    if key == "tools":
        return ", ".join(tool["function"]["name"] for tool in value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()
