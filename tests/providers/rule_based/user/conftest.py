"""The real prompt, hand-written tasks, and a scripted counterpart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from eventsim.behaviour.draw import draw_rules
from eventsim.behaviour.personas import PERSONAS, Persona
from eventsim.behaviour.rule import View
from eventsim.core.draws import Draws
from eventsim.core.events import PersonaAssigned
from eventsim.core.tasks import Objective, Profile
from eventsim.prompts.render import installed
from eventsim.prompts.render import render as fill
from eventsim.providers.rule_based.user.speak import speak

CUE = "(The conversation begins. Write your first message.)"


@dataclass(frozen=True)
class Script:
    """A task by hand."""

    objectives: tuple[str, ...]
    known: tuple[str, ...] = ("The desk code is 4711.",)
    role: str = "You work at the front desk of a media store."


@dataclass
class Said:
    """What the user answered."""

    text: str
    done: bool
    notes: dict[str, Any]


@dataclass
class Talk:
    """A dialogue by hand: `say` lets the assistant speak and the user answer."""

    script: Script
    persona: str = "plain"
    seed: int = 1
    history: list[dict[str, str]] = field(default_factory=list)

    def say(self, reply: str | None = None, *wishes: str) -> Said:
        if reply is not None:
            self.history.append({"role": "user", "content": reply})
        prompt = render(self.script, self.persona, wishes)
        said = ask(prompt, self.history, self.seed)
        self.history.append({"role": "assistant", "content": said.text})
        return said

    def own(self, text: str) -> None:
        """Put words into the user's mouth."""
        self.history.append({"role": "assistant", "content": text})


@dataclass(frozen=True)
class Prompt:
    """The two parts of the user's prompt: of the task, and of the message."""

    system: str
    now: str


def render(
    script: Script,
    persona: str | Persona = "plain",
    wishes: Sequence[str] = (),
    language: str = "English",
    tools: Sequence[str] = (),
) -> Prompt:
    """The user's prompt, from the real templates."""
    who = PERSONAS[persona] if isinstance(persona, str) else persona
    shown = {
        "profile": Profile(name="Dana Cole", role=script.role, known_info=script.known),
        "persona": PersonaAssigned(
            name=who.name, description=who.description, language=language
        ),
    }
    objectives = [
        Objective(number=number, text=text, kind="read")
        for number, text in enumerate(script.objectives, 1)
    ]
    goal = "Have the following looked up and put right."
    return Prompt(
        fill(
            installed()["user"],
            goal=goal,
            objectives=objectives,
            tools=tools,
            **shown,
        ),
        fill(
            installed()["user_message"],
            opening=False,
            instructions=wishes,
            rejected=[],
            **shown,
        ),
    )


def request(
    prompt: Prompt, history: Sequence[dict[str, str]], seed: int = 1
) -> dict[str, Any]:
    """The request that a history leads to, its last message carrying the wishes."""
    *before, last = [{"role": "user", "content": CUE}, *history]
    if last["role"] == "assistant":
        before, last = [*before, last], {"role": "user", "content": ""}
    last = {**last, "content": f"{last['content']}\n\n{prompt.now}"}
    system = {"role": "system", "content": prompt.system}
    return {"model": "rule", "messages": [system, *before, last], "seed": seed}


def ask(prompt: Prompt, history: Sequence[dict[str, str]], seed: int) -> Said:
    """One call."""
    message = speak(request(prompt, history, seed))
    assert set(message) == {"role", "content", "notes"}
    answer = json.loads(message["content"])
    assert set(answer) == {"user_message", "is_task_complete"}
    return Said(answer["user_message"], answer["is_task_complete"], message["notes"])


SCRIPTS = (
    Script(
        (
            'find the email and the phone of the customer "Ana Lima"',
            'change the phone of the customer "Ana Lima" to "555 0147"',
            'check that the phone of that customer is now "555 0147"',
        )
    ),
    Script(
        (
            'find out which artist the album "Facelift" belongs to',
            'list all albums of the artist "AC/DC"',
            'find out how many tracks the album "Balls to the Wall" has',
        ),
        role="You look after the catalogue of a media store.",
    ),
    Script(
        (
            "look up invoice 12 and tell the billing city",
            "name the 5 customers with the most invoices",
            "delete invoice 12",
            'find the total quantity of the invoice lines of the track "Snowballed"',
        ),
        role="You keep the books of a media store.",
    ),
    Script(
        (
            'add a playlist with the name "Road Trip"',
            'remove the track "Evil Walks" from the playlist "Grunge"',
            "confirm how many tracks that playlist has now",
        )
    ),
    Script(
        (
            'find the tracks whose name contains "love"',
            'see which tracks the album "Facelift" has',
            'look up who the support rep of the customer "Luís Gonçalves" is',
            "list the 3 tracks with the highest unit price",
            'make sure that the unit price of the track "Snowballed" is now 1.29',
        )
    ),
)


@dataclass
class Counterpart:
    """A simple assistant: asks for the code once, confirms changes, answers all."""

    random: Random
    has_code: bool = False
    pending: str | None = None

    def reply(self, text: str) -> str:
        values = re.findall(r'"([^"]*)"', text) or re.findall(r"\d[\d.]*", text)
        listed = " and ".join(f'"{value}"' for value in values) or "it"
        if self.pending is not None:
            self.pending, done = None, self.pending
            return done
        lower = text.lower()
        if re.search(r"delet\w+ invoice", lower):
            return "I am sorry, invoices may not be deleted."
        if re.search(r"\b(chang|add\b|add a|adding|remov)", lower):
            self.pending = f"That has been changed and added or removed: {listed}."
            if not self.has_code:
                self.has_code = True
                return "Before the first change I need the desk code. What is it?"
            return f"I am about to do this for {listed}. Shall I go ahead?"
        if self.random.random() < 0.04:
            return "Something went wrong with that call."
        if "how many" in lower or "total" in lower:
            return f"For {listed} it is {self.random.randrange(3, 60)}."
        return (
            f'For {listed} I found this: email a@example.org, phone "555 11", the '
            "artist, albums, tracks, customers, city and unit price are on file."
        )


def whole_dialogue(seed: int, persona: str | None = None) -> list[Said]:
    """All user messages of two tasks in a row."""
    random = Random(seed)
    persona = persona or random.choice(sorted(PERSONAS))
    draws = Draws(seed, "t")
    partner = Counterpart(random)
    history: list[dict[str, str]] = []
    said: list[Said] = []
    for task in (1, 2):
        script = random.choice(SCRIPTS)
        previous: tuple[str, ...] = ()
        for message in range(40):
            question = bool(history) and history[-1]["content"].endswith("?")
            view = View(
                task, message, len(script.objectives), persona, question, previous
            )
            rules = draw_rules(view, draws, len(said), {})
            previous = tuple(name for name, _ in rules)
            prompt = render(script, persona, [sentence for _, sentence in rules])
            one = ask(prompt, history, draws.integer("user", len(said)))
            said.append(one)
            history.append({"role": "assistant", "content": one.text})
            if one.done:
                break
            history.append({"role": "user", "content": partner.reply(one.text)})
        else:
            raise AssertionError("the task did not end")
    return said


@pytest.fixture
def talk() -> Callable[..., Talk]:
    """Start a dialogue by hand about these objectives."""

    def start(
        *objectives: str,
        known: tuple[str, ...] = ("The desk code is 4711.",),
        **more: Any,
    ) -> Talk:
        return Talk(Script(objectives, known), **more)

    return start


@pytest.fixture
def rendered() -> Callable[..., Prompt]:
    """The real prompt."""
    return render


@pytest.fixture
def asked() -> Callable[..., Said]:
    """One call with a system message."""
    return ask


@pytest.fixture
def scripts() -> tuple[Script, ...]:
    """Tasks by hand."""
    return SCRIPTS


@pytest.fixture
def dialogue() -> Callable[..., list[Said]]:
    """A whole dialogue with the scripted counterpart."""
    return whole_dialogue
