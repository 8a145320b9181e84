"""How the messages read: a lint over many dialogues, variety, manners."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from eventsim.behaviour.personas import PERSONAS, Persona
from eventsim.providers.rule_based.user.transcript import is_closing
from eventsim.providers.rule_based.user.words import mask

Dialogue = Callable[..., list[Any]]

LINT = {
    "snake case": r"\b[a-z]+_[a-z]+",
    "a Python value": r"\b(None|True|False|nan)\b",
    "a midnight": r"00:00",
    "a currency": r"[$€£]|\b(dollars?|euros?)\b",
    "a doubled word": r"\b(\w+) \1\b",
    "doubled marks": r"[.,:;!?]\s*[.,:;!?]",
    "a space before a mark": r"\s[.,:;!?]",
    "a wrong article": r"\b[Aa] [aeio]\w+|\b[Aa]n [b-df-hj-np-tv-z]\w+",
    "a brace": r"[{}\[\]<>*]",
    "stage talk": r"\b(prompt|objective|task|simulat|JSON|tool)",
    "the assistant's part": r"\b(I can help|How can I|I have (updated|found|changed))",
    "a dangling end": r"\b(and|then|the|of|a)[.?!]?$",
    "two spaces": r"  ",
}


@cache
def _corpus(dialogue: Dialogue, count: int, persona: str | None) -> list[list[Any]]:
    return [dialogue(seed, persona) for seed in range(count)]


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_lint(dialogue: Dialogue, persona: str) -> None:
    """No message of forty dialogues of any persona has a blemish."""
    for said in _corpus(dialogue, 40, persona):
        for message in said:
            bare = re.sub(r'"[^"]*"', '"x"', message.text)
            for what, pattern in LINT.items():
                assert not re.search(pattern, bare), (what, message.text)
            assert message.text.count('"') % 2 == 0
            if persona == "casual":
                continue
            assert message.text[0].isupper() or not message.text[0].isalpha()
            assert message.text[-1] in '.!?"', message.text
            for _start in re.findall(r"[.!?] ([a-z])", bare):
                raise AssertionError(f"no capital after a full stop: {message.text}")


def test_four_hundred_skeletons(dialogue: Dialogue) -> None:
    """Four hundred dialogues have four hundred distinct skeletons."""
    corpus = _corpus(dialogue, 400, None)
    skeletons = {"\n".join(mask(m.text) for m in said) for said in corpus}
    assert len(skeletons) == 400


def test_openings_vary(dialogue: Dialogue) -> None:
    """No opening skeleton is worth more than a fiftieth of all dialogues."""
    openings = Counter(mask(said[0].text) for said in _corpus(dialogue, 400, None))
    assert max(openings.values()) <= 8
    assert len(openings) >= 250


def test_nothing_is_said_twice_in_a_row(dialogue: Dialogue) -> None:
    """No message equals the one before it, and no later one repeats the opening."""
    for said in _corpus(dialogue, 400, None):
        texts = [message.text for message in said]
        assert all(one != two for one, two in pairwise(texts))
        assert texts[0] not in texts[1:]


def test_only_the_last_message_of_a_task_ends_it(dialogue: Dialogue) -> None:
    """Farewell words stand in ending messages and nowhere else, one a task."""
    for said in _corpus(dialogue, 400, None):
        assert [is_closing(m.text) for m in said] == [m.done for m in said]
        assert sum(m.done for m in said) == 2


def test_same_seed_same_words(dialogue: Dialogue) -> None:
    """A dialogue is a function of its seed."""
    first = [m.text for m in dialogue(7)]
    assert first == [m.text for m in dialogue(7)]
    assert first != [m.text for m in dialogue(8)]


def _mean_length(corpus: list[list[Any]]) -> float:
    lengths = [len(m.text.split()) for said in corpus for m in said]
    return sum(lengths) / len(lengths)


def test_manners_show(dialogue: Dialogue) -> None:
    """Personas differ in length, courtesy, capitals, contractions and marks."""
    text = {
        name: "\n".join(m.text for said in _corpus(dialogue, 40, name) for m in said)
        for name in PERSONAS
    }
    brisk, talkative = (
        _mean_length(_corpus(dialogue, 40, name)) for name in ("brisk", "talkative")
    )
    assert brisk * 1.3 < talkative
    assert not re.search(r"\b(I'm|I'd|what's|that's|it's|don't)\b", text["formal"])
    assert "!" not in text["formal"]
    assert text["cheerful"].count("!") > 40
    assert not re.search(r"\bI\b", re.sub(r'"[^"]*"', "", text["casual"]))
    thanks = {name: len(re.findall(r"(?i)thank|please", t)) for name, t in text.items()}
    assert thanks["courteous"] > 1.5 * thanks["brisk"]


def test_unknown_persona(
    asked: Callable[..., Any],
    rendered: Callable[..., Any],
    scripts: tuple[Any, ...],
) -> None:
    """A persona that nobody foresaw speaks in the neutral manner."""
    odd = Persona("zebra", "You collect stamps.")
    said = asked(rendered(scripts[0], odd), [], 3)
    assert "email" in said.text
    assert said.text[0].isupper()


def test_slips_spare_what_matters(
    asked: Callable[..., Any],
    rendered: Callable[..., Any],
    scripts: tuple[Any, ...],
) -> None:
    """Typing slips leave names, numbers and nouns as they are."""
    wish = "Type in haste, with a typing slip, but never in a name or a number."
    slipped = 0
    for seed in range(60):
        plain = asked(rendered(scripts[0], "plain"), [], seed).text
        hasty = asked(rendered(scripts[0], "plain", [wish]), [], seed).text
        slipped += plain != hasty
        for word in ("email", "phone", "customer", "Ana Lima"):
            assert word in hasty
    assert slipped > 20
