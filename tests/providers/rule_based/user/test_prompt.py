"""Reading the system message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import pytest

from eventsim.behaviour.registry import RULES
from eventsim.providers.rule_based.user.manner import Manner, read_manner
from eventsim.providers.rule_based.user.prompt import (
    MessageWishes,
    read_brief,
    read_wishes,
    split_wishes,
)
from eventsim.providers.rule_based.user.speak import speak


def test_sections(rendered: Callable[..., Any], scripts: tuple[Any, ...]) -> None:
    """The real prompt gives back what went into it."""
    prompt = rendered(scripts[2], "brisk", ["Ask for two things."])
    brief = read_brief(prompt.system, prompt.now)
    assert brief.name == "Dana Cole"
    assert brief.role == "You keep the books of a media store."
    assert brief.known == ("The desk code is 4711.",)
    assert brief.unknown == ("Anything that is not written above.",)
    assert brief.objectives == scripts[2].objectives
    assert read_manner(brief.manner).impatient
    assert brief.wishes == MessageWishes(two=True)


@pytest.mark.parametrize("section", ["Who you are", "What you know", "Your goal"])
def test_missing_section(
    rendered: Callable[..., Any], scripts: tuple[Any, ...], section: str
) -> None:
    """A missing section is named in one line."""
    system = rendered(scripts[0]).system.replace(f"# {section}\n", "")
    with pytest.raises(ValueError, match=f'lacks the section "# {section}"$'):
        speak({"messages": [{"role": "system", "content": system}], "seed": 1})


def test_no_objectives(rendered: Callable[..., Any], scripts: tuple[Any, ...]) -> None:
    """A goal without numbered lines is refused."""
    system = rendered(scripts[0]).system
    for number in range(1, 4):
        system = system.replace(f"\n{number}. ", "\n- ")
    with pytest.raises(ValueError, match="has no numbered line"):
        read_brief(system)


@pytest.mark.parametrize("messages", [[], [{"role": "user", "content": "Hi"}], None])
def test_no_system_message(messages: Any) -> None:
    """Without a system message there is nobody to play."""
    with pytest.raises(ValueError, match="no system message"):
        speak({"messages": messages, "seed": 1})


def test_every_rule_is_understood() -> None:
    """Each rule's sentence turns on exactly one wish; one thing is the default."""
    for name, rule in RULES.items():
        wishes = astuple(read_wishes(f"- {rule.instruction}\n"))
        assert sum(wishes) == (0 if name == "one_thing" else 1), name


def test_other_languages_are_refused(
    rendered: Callable[..., Any], scripts: tuple[Any, ...]
) -> None:
    """The rule-based user says that it speaks English only, and what to do."""
    system = rendered(scripts[0], language="German").system
    with pytest.raises(ValueError, match="speaks English only, not German; give the"):
        read_brief(system)


@pytest.mark.parametrize(
    ("content", "heard", "now"),
    [
        ("In Oslo.\n\n# For this message\n- Ask.", "In Oslo.", "\n- Ask."),
        ("# For this message\n- Ask.", "", "\n- Ask."),
        ("In Oslo.", "In Oslo.", ""),
        ("Say # For this message: x", "Say # For this message: x", ""),
    ],
)
def test_wishes_stand_at_the_end(content: str, heard: str, now: str) -> None:
    """What the assistant said and what this message should be like are told apart."""
    assert split_wishes(content) == (heard, now)


def test_unknown_sentences_are_ignored() -> None:
    """A sentence that no rule stands behind changes nothing."""
    assert read_wishes("- Sing a song.\n") == read_wishes("")


def test_neutral_manner() -> None:
    """A description without known words is the neutral manner."""
    assert read_manner("zebra. You collect stamps.") == Manner()


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("a. You are always in a hurry.", "impatient"),
        ("b. You write everything in lowercase.", "lower"),
        ("c. Official letters are your style.", "formal"),
        ("d. You are nervous about computers.", "hesitant"),
        ("e. You are enthusiastic.", "warm"),
        ("f. You are meticulous.", "exact"),
    ],
)
def test_other_words(text: str, trait: str) -> None:
    """Personas that were written elsewhere are understood by their words."""
    assert getattr(read_manner(text), trait) is True


def test_denied_traits() -> None:
    """No small talk, no contractions: what is denied is not a trait."""
    assert not read_manner("x. You use no exclamation marks.").warm
    assert read_manner("x. Without background, please.").length != 2
