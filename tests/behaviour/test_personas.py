"""Personas, languages, and how they are drawn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from eventsim.behaviour.languages import LANGUAGES
from eventsim.behaviour.personas import PERSONAS, assign_persona
from eventsim.config import RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import PersonaAssigned
from eventsim.errors import UsageError


def _assigned(number: int, **weights: Any) -> PersonaAssigned:
    config = RunConfig(seed=1, count=1, **weights)
    return assign_persona(Draws(7, f"path {number}"), config)


def test_personas() -> None:
    """There are at least eight, each described in the second person."""
    assert len(PERSONAS) >= 8
    for name, persona in PERSONAS.items():
        assert persona.name == name
        assert persona.description.endswith(".")
        assert "you" in persona.description.lower()
    assert len({p.description for p in PERSONAS.values()}) == len(PERSONAS)


def test_languages() -> None:
    """Their names are sorted, and English is one."""
    assert list(LANGUAGES) == sorted(set(LANGUAGES))
    assert "English" in LANGUAGES


def test_by_default_all_personas_are_alike_and_write_english() -> None:
    """Every persona is drawn about as often as any other."""
    drawn = [_assigned(number) for number in range(2200)]
    counts = Counter(one.name for one in drawn)
    assert set(counts) == set(PERSONAS)
    assert min(counts.values()) > 0.6 * 2200 / len(PERSONAS)
    assert {one.language for one in drawn} == {"English"}
    assert drawn[0].description == PERSONAS[drawn[0].name].description


def test_weights_choose_personas_and_languages() -> None:
    """Only what has a weight is drawn, as often as its share."""
    weights = {
        "personas": {"brisk": 3, "formal": 1, "casual": 0},
        "languages": {"German": 1, "English": 1.0},
    }
    drawn = [_assigned(number, **weights) for number in range(1200)]
    personas = Counter(one.name for one in drawn)
    languages = Counter(one.language for one in drawn)
    assert set(personas) == {"brisk", "formal"}
    assert personas["brisk"] / 1200 == pytest.approx(0.75, abs=0.05)
    assert set(languages) == {"English", "German"}
    assert languages["German"] / 1200 == pytest.approx(0.5, abs=0.05)


def test_a_draw_is_a_function_of_the_path() -> None:
    """The same path has the same user, whatever the order of the weights."""
    one = _assigned(3, personas={"brisk": 1, "formal": 2})
    assert one == _assigned(3, personas={"formal": 2, "brisk": 1})


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"personas": {"grumpy": 1}}, "no persona is named 'grumpy'; known: brisk, "),
        ({"languages": {"Germn": 1}}, "no language is named 'Germn'; known: Arabic, "),
        ({"personas": {"brisk": -1}}, "the weight of brisk is -1, which is no number"),
        ({"personas": {"brisk": "much"}}, "the weight of brisk is 'much'"),
        ({"languages": {"German": True}}, "the weight of German is True"),
        ({"languages": {"German": 0}}, "languages: every weight is 0"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(
    weights: dict[str, Any], message: str
) -> None:
    """In one line, which names what there is."""
    with pytest.raises(UsageError, match=message):
        _assigned(1, **weights)
