"""Whether a conversation is in English, told by its letters and words."""

from __future__ import annotations

import pytest

from eventsim.behaviour.languages import LANGUAGES, OF_CONVERSATION, language_of
from eventsim.behaviour.personas import assign_persona
from eventsim.config import RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import PersonaAssigned

GERMAN = "Wie warm ist es heute in Oslo? Ich brauche die Antwort bitte bis morgen früh."


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "¿Puedes decirme cuánto cuesta una habitación doble para mañana por la noche?",
        "Je voudrais réserver une table pour deux personnes demain soir à Lyon.",
        "今天奥斯陆天气怎么样",
        "Какая погода в Осло?",
        "ما هو الطقس في أوسلو؟",
    ],
)
def test_another_language_is_that_of_the_conversation(text: str) -> None:
    """A script tells at once, a Latin one by the words that it lacks."""
    assert language_of([text]) == OF_CONVERSATION
    assert OF_CONVERSATION not in LANGUAGES


@pytest.mark.parametrize(
    "text",
    [
        "Hi. My name is José Müller, and I would like to book a table for two.",
        "What is the price of the 天气 lantern, and is it in stock?",
        "could u tell me what's in my cart rn, and how much it'll be w/ shipping",
    ],
)
def test_foreign_names_and_sloppy_words_are_still_english(text: str) -> None:
    """A few letters of another script do not make another language."""
    assert language_of([text]) == "English"


@pytest.mark.parametrize("texts", [[], [""], ["123 456 :-)"], ["Bonjour"], ["Oslo?"]])
def test_too_little_is_taken_for_english(texts: list[str]) -> None:
    """Nothing is said of another language without enough words."""
    assert language_of(texts) == "English"


def test_all_that_was_said_counts_together() -> None:
    """Messages that are each too short are long enough together."""
    parts = ["Guten Tag!", "Wetter in Oslo?", "Nein, heute Abend.", "Vielen Dank."]
    assert language_of(parts[:1]) == "English"
    assert language_of([*parts, "Und morgen früh?"]) == OF_CONVERSATION


def test_a_persona_goes_on_in_the_language_of_the_conversation() -> None:
    """Unless the configuration names languages, or a persona was there before."""

    def language(before: PersonaAssigned | None = None, **weights: float) -> str:
        config = RunConfig(seed=1, count=1, languages=weights)
        draws = Draws(7, "path")
        found = assign_persona(draws, config, said=[GERMAN], before=before)
        return found.language

    assert language() == OF_CONVERSATION
    assert language(Danish=1.0) == "Danish"
    there = PersonaAssigned(name="plain", description="x", language="Dutch")
    assert language(there) == "Dutch"
    assert language(there, Danish=1.0) == "Danish"
