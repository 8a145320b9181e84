"""A person in the loop: what they are shown, what they may type, how they go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eventsim.cli.typed_calls import CallProblem, typed_calls
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from tests.cli.conftest import done, objects

ROOT = Path(__file__).resolve().parents[2]
CLINIC = ("run", "--domain", "clinic", "-n", "1", "--seed", "2")
PHONE = "user:phone=tests.environments.phone:Phone"


def surroundings(store: Path) -> dict[str, str]:
    """The environment of a process that works in a store."""
    return {**os.environ, "EVENTSIM_STORE": str(store), "PYTHONUTF8": "1"}


def play(store: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with all that a person types, through a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "eventsim", *arguments],
        input=text,
        cwd=ROOT,
        env=surroundings(store),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def said(store: Path, trajectory: str, kind: str) -> list[dict[str, Any]]:
    """The payloads of one kind."""
    lines = objects("show", trajectory, "--as", "events", "--json", store=store)
    return [line["payload"] for line in lines if line["kind"] == kind]


def asked(store: Path, trajectory: str) -> int:
    """Where the user has spoken for the first time."""
    lines = objects("show", trajectory, "--as", "events", "--json", store=store)
    return next(line["position"] for line in lines if line["kind"] == "user.messaged")


# --- breaking off -------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "resume", "fork"])
def test_a_key_that_breaks_off_names_what_is_played(
    own: Path, first: str, command: str
) -> None:
    """The trajectory and the role: neither the simulator nor another run takes over."""
    played = f"{first}.1"
    place = f"{first}@{asked(own, first) - 1}"
    if command == "run":
        arguments, played = [*CLINIC, "--play", "user"], "vomasu-1"
    elif command == "fork":
        arguments = ["fork", place, "--play", "user"]
    else:
        play(own, "/leave\n", "fork", place, "--play", "user")
        arguments = ["resume", played, "--play", "user"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eventsim", *arguments],
        env=surroundings(own),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    shown = b""
    while not shown.endswith(b"user> "):
        letter = process.stderr.read(1)
        assert letter, shown
        shown += letter
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    played = shown.decode().split(":", 1)[0].splitlines()[-1]
    assert rest.decode().strip().endswith(f"eventsim resume {played} --play user")
    assert played in [line["trajectory"] for line in objects("ls", "--json", store=own)]


# --- the assistant ------------------------------------------------------------------


def test_the_assistant_has_policy_clock_and_tools_at_hand(
    own: Path, first: str
) -> None:
    """The policy indented, once; tools with their parameters; results verbatim."""
    place = f"{first}@{asked(own, first)}"
    told = play(own, "/tools\n/quit\n", "fork", place, "--play", "assistant")
    assert told.returncode == 1
    assert told.stderr.count("Your policy:\n  ") == 1
    assert "The time is " in told.stderr
    assert "Your goal" not in told.stderr
    assert f"eventsim resume {first}.1 --play assistant" in told.stderr
    (mounted,) = said(own, first, "toolset.mounted")
    for tool in mounted["names"]:
        assert f"{tool}(" in told.stderr
    assert ": integer" in told.stderr
    assert "?: " in told.stderr


def test_what_cannot_be_called_is_told_and_not_recorded(own: Path, first: str) -> None:
    """Unknown tools, broken arguments and broken JSON; then the right ones, at once."""
    (mounted,) = said(own, first, "toolset.mounted")
    tool = next(name for name in mounted["names"] if name.startswith("search_"))
    lines = [
        "/call nonsense {}",
        f'/call {tool} {{"nonsense": 1}}',
        f"/call {tool} {{",
        f'/call {tool} {{"name": "a"}} & {tool} {{"name": "b"}}',
        "/exit",
    ]
    place = f"{first}@{asked(own, first)}"
    told = play(own, "\n".join(lines), "fork", place, "--play", "assistant")
    assert f"you have no tool nonsense; yours are {mounted['names'][0]}" in told.stderr
    assert f"{tool}: There is no argument nonsense" in told.stderr
    assert f"the arguments of {tool} are no JSON" in told.stderr
    (reply,) = said(own, f"{first}.1", "assistant.replied")
    assert [call["arguments"]["name"] for call in reply["calls"]] == ["a", "b"]
    assert told.stderr.count(f"← {tool}: ") == 2
    page = done("show", f"{first}.1", store=own)
    assert f'(typed) → {tool}(name: "a")' in page


# --- the user -----------------------------------------------------------------------


def test_a_task_is_over_before_the_next_begins(tmp_path: Path) -> None:
    """Goodbye, verdict, next goal, in this order, up to the last; who has no tools is
    offered none; several lines and any script arrive as they are.
    """
    text = '/call x {}\n"""\n/two\nlines – 日本\n"""\n/done Thanks.\n/done Bye.\n'
    told = play(tmp_path, text, *CLINIC, "--tasks", "2", "--play", "user")
    assert told.returncode == 0, told.stderr
    shown = told.stderr
    marks = [
        "Task 1 of 2: ",
        "Your goal: ",
        "you have no tools to call",
        "Assistant: ",
        "Task 1 of 2 is over: ",
        "Task 2 of 2: ",
        "Task 2 of 2 is over: ",
    ]
    places = [shown.index(mark) for mark in marks]
    assert places == sorted(places)
    between = shown[shown.index("Task 1 of 2 is over") : shown.index("Task 2 of 2: ")]
    assert "Assistant: " not in between
    assert "/call NAME" not in shown
    label = objects("ls", "--json", store=tmp_path)[0]["trajectory"]
    messages = said(tmp_path, label, "user.messaged")
    texts = [message["text"] for message in messages]
    assert texts == ["/two\nlines – 日本", "Thanks.", "Bye."]


def test_the_user_calls_tools_of_their_own_alone(tmp_path: Path) -> None:
    """They see their calls' results, nothing of the assistant's; an audit says whose
    call it was.
    """
    text = (
        "/tools\n/call read_status_bar & toggle_airplane_mode\n"
        '/call read_status_bar & toggle_airplane_mode {"on": false}\n'
        "/call total_of {}\nIt is off.\n/leave\n"
    )
    ledger = "ledger=tests.environments.shelf:Ledger"
    told = play(
        tmp_path, text, "run", "--env", ledger, "--env", PHONE, "-n", "1",
        "--seed", "3", "--play", "user",
    )  # fmt: skip
    shown = told.stderr
    assert "toggle_airplane_mode(on: boolean)  Switch airplane mode" in shown
    assert "toggle_airplane_mode: on is missing." in shown
    assert "you have no tool total_of" in shown
    assert "← read_status_bar: {" in shown
    assert "Your policy" not in shown
    label = objects("ls", "--json", store=tmp_path)[0]["trajectory"]
    page = done("show", label, store=tmp_path)
    assert "User (typed) → read_status_bar()" in page
    assert "User ← read_status_bar: " in page
    lines = objects("show", label, "--as", "events", "--json", store=tmp_path)
    at = next(line["position"] for line in lines if line["kind"] == "tool.called")
    audited = done("audit", f"{label}@{at}", store=tmp_path)
    assert "made by    the user, by asking for read_status_bar {}" in audited
    assert "the assistant" not in audited


def test_lines_are_as_wide_as_the_terminal(own: Path, first: str) -> None:
    """And break between words."""
    pty = pytest.importorskip("pty")
    outer, inner = pty.openpty()
    place = f"{first}@{asked(own, first)}"
    with subprocess.Popen(
        [sys.executable, "-m", "eventsim", "fork", place, "--play", "assistant"],
        env={**surroundings(own), "COLUMNS": "40", "NO_COLOR": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=inner,
    ) as process:
        os.close(inner)
        process.communicate(b"/tools\n/leave\n", timeout=60)
    shown = b""
    while chunk := _read(outer):
        shown += chunk
    os.close(outer)
    played = shown.decode().partition("you are the")[2].partition("eventsim: ")[0]
    lines = played.splitlines()
    assert len(lines) > 20
    assert max(map(len, lines)) <= 40 + len("assistant> ")
    assert [line for line in lines if line.startswith("  ")]


def _read(file: int) -> bytes:
    """What is there; nothing once the other side is closed."""
    try:
        return os.read(file, 65_536)
    except OSError:
        return b""


# --- calls, as they are typed -------------------------------------------------------

TOOL = ToolDefinition(
    name="find",
    description="",
    parameters=freeze(
        {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "additionalProperties": False,
        }
    ),
    returns=freeze({}),
)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("find", [{}]),
        ("find {}", [{}]),
        ('find{"text": "a & b {"}', [{"text": "a & b {"}]),
        ('find {"text": "a"}& find & find {}', [{"text": "a"}, {}, {}]),
    ],
)
def test_calls_are_read_in_their_order(
    text: str, arguments: list[dict[str, str]]
) -> None:
    """With arguments or without, one or several."""
    calls = typed_calls(text, [TOOL], 3)
    assert [call.arguments for call in calls] == arguments
    assert [call.id for call in calls] == [f"call_3_{n}" for n in range(len(calls))]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "write /call NAME"),
        ("{}", "write /call NAME"),
        ("find []", "are no object"),
        ("find {", "are no JSON"),
        ("find {} find {}", "write & between two calls"),
        ("find {} &", "a call is missing after the last &"),
        ("find & lose {}", "you have no tool lose; yours are find"),
        ('find {"text": 1}', "find: text must be a text"),
        ("find " + '{"text":' * 100_000, "are no JSON"),
    ],
)
def test_a_line_that_is_no_call_says_why(text: str, problem: str) -> None:
    """In words, for the person who typed it."""
    with pytest.raises(CallProblem, match=r"^[^\n]*$") as told:
        typed_calls(text, [TOOL], 0)
    assert problem in str(told.value)
