"""The options that say what is different on a fork.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eventsim.cli.grouped import option

if TYPE_CHECKING:
    from eventsim.core.tools import ToolDefinition
    from eventsim.run.edits import Change, Edits
    from eventsim.run.paths import Opened

__all__ = ["edit_options", "read_edits", "typed"]

F = TypeVar("F", bound=Callable[..., Any])
_PLACED = re.compile(r"(u?-?\d+)=(.*)", re.DOTALL)
_SPOKEN = re.compile(r"(user|assistant):\s*(.*)", re.DOTALL)

_DIFFERENT = "What is different"

_OPTIONS = (
    option(
        _DIFFERENT,
        "--say",
        metavar="TEXT",
        help="Your words instead of the user's next.",
    ),
    option(
        _DIFFERENT,
        "--replace",
        multiple=True,
        metavar="N=TEXT",
        help="Another text of the message or result at N; what follows it up to where "
        "the fork goes on stays.",
    ),
    option(
        _DIFFERENT,
        "--insert",
        multiple=True,
        metavar="N=ROLE:TEXT",
        help="A message of user or assistant before position N.",
    ),
    option(
        _DIFFERENT,
        "--drop",
        multiple=True,
        metavar="N",
        help="Without the message at N, a reply with its calls.",
    ),
    option(_DIFFERENT, "--task", metavar="TEXT", help="Another goal for the user."),
    option(
        _DIFFERENT, "--persona", metavar="NAME|TEXT", help="Another manner of the user."
    ),
    option(
        _DIFFERENT,
        "--policy",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Other instructions of the assistant.",
    ),
    option(
        _DIFFERENT, "--clock", metavar="TIME", help="Another time inside the dialogue."
    ),
    option(
        _DIFFERENT,
        "--add-tools",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="More function tools, as JSON; one of a name that is there replaces it.",
    ),
    option(
        _DIFFERENT,
        "--without-tool",
        multiple=True,
        metavar="NAME",
        help="Without this tool.",
    ),
)
_NAMES = "replace insert drop task persona policy clock add_tools without_tool".split()


def edit_options(command: F) -> F:
    """All of them, and `--say`; `typed` takes them out of a command's options."""
    for each in reversed(_OPTIONS):
        command = each(command)
    return command


def typed(options: dict[str, Any]) -> dict[str, Any]:
    """What was typed, taken out of a command's options."""
    return {name: options.pop(name) for name in _NAMES}


def read_edits(options: dict[str, Any], opened: Opened) -> Edits | None:
    """The edits that were typed, None if there are none.

    Raises: UsageError, BadInput.
    """
    from eventsim.environments.seeds.reading import read_seeds
    from eventsim.exchange.functions import read_tools
    from eventsim.run.edits import Edits, task_in_words

    for name in ("task", "persona"):
        if options[name] is not None and not options[name].strip():
            raise click.UsageError(f"--{name} needs some words")
    if not any(options.values()):
        return None
    tools: tuple[ToolDefinition, ...] = ()
    if options["add_tools"] is not None:
        seeds = read_seeds(options["add_tools"])
        tools = read_tools([dict(tool) for tool in seeds.tools]).definitions
    policy, task = options["policy"], options["task"]
    return Edits(
        changes=tuple(_changes(options, opened)),
        persona=options["persona"],
        policy=_text_of(policy),
        clock=_time(options["clock"]),
        tools=tools,
        without=tuple(options["without_tool"]),
        task=task_in_words(task, opened) if task is not None else None,
    )


def _text_of(file: Path | None) -> str | None:
    from eventsim.errors import BadInput

    if file is None:
        return None
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{file} cannot be read as text in UTF-8") from None


def _changes(options: dict[str, Any], opened: Opened) -> list[Change]:
    from eventsim.run.edits import Change
    from eventsim.run.places import position_on

    found = []
    for text in options["replace"]:
        position, words = _placed(text, "--replace", "N=TEXT", opened)
        found.append(Change(position, "replace", words))
    for text in options["insert"]:
        position, words = _placed(text, "--insert", "N=ROLE:TEXT", opened)
        spoken = _SPOKEN.fullmatch(words)
        if spoken is None:
            raise click.UsageError(
                f"--insert {text!r}: write N=user:TEXT or N=assistant:TEXT"
            )
        role: Any = spoken[1]
        found.append(Change(position, "insert", spoken[2], role))
    found += [Change(position_on(opened, text), "drop") for text in options["drop"]]
    return found


def _placed(text: str, option: str, form: str, opened: Opened) -> tuple[int, str]:
    from eventsim.run.places import position_on

    match = _PLACED.fullmatch(text)
    if match is None:
        raise click.UsageError(f"{option} {text!r}: write {form}")
    return position_on(opened, match[1]), match[2]


def _time(text: str | None) -> str | None:
    from datetime import UTC, datetime

    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"--clock {text!r} is no time; write one as 2026-03-01T09:30:00Z"
        ) from None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
