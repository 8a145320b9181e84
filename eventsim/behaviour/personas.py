"""Who the user is as a writer, and in which language: drawn once a trajectory. Pure.

The description is all that the user's side is told in words. Traits tilt the draws of
the behaviour rules, so that a persona combines some of them; each rule that is drawn
is said in the prompt too. A persona says how somebody writes, never what they want.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.behaviour.languages import LANGUAGES, language_of
from eventsim.config import RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import PersonaAssigned
from eventsim.core.values import freeze
from eventsim.errors import UsageError

__all__ = ["PERSONAS", "Persona", "assign_persona", "check_choices"]


@dataclass(frozen=True, slots=True)
class Persona:
    """A name, and one or two sentences in the second person for the prompt.

    `traits` multiply the weights of behaviour rules by name: above 1 favours one, 0
    forbids it.
    """

    name: str
    description: str
    traits: Mapping[str, float] = field(default_factory=lambda: freeze({}))


_ALL = (
    Persona(
        "plain",
        "You write plain, friendly sentences of ordinary length.",
    ),
    Persona(
        "courteous",
        "You are polite in every message: you greet, you say please, and you thank "
        "the assistant for its answers.",
        freeze({"impatience": 0.0, "thanks": 1.5, "indirect": 1.5}),
    ),
    Persona(
        "brisk",
        "You are busy and come straight to the point: short messages, no small talk, "
        "little patience when something goes wrong.",
        freeze(
            {
                "background": 0.0,
                "wordy": 0.0,
                "thanks": 0.0,
                "small_talk": 0.0,
                "indirect": 0.0,
                "terse": 2.0,
                "impatience": 2.0,
            }
        ),
    ),
    Persona(
        "talkative",
        "You like to explain yourself: friendly, longer messages with some background "
        "about what you are doing.",
        freeze({"terse": 0.0, "wordy": 3.0, "background": 1.5, "small_talk": 2.0}),
    ),
    Persona(
        "formal",
        "You write formal business English: full sentences, no contractions, no "
        "exclamation marks.",
        freeze({"terse": 0.0, "typing_slips": 0.0, "small_talk": 0.0}),
    ),
    Persona(
        "casual",
        "You type as if chatting with a colleague: informal words, all lower case "
        "except names, hardly a full stop.",
        freeze({"typing_slips": 1.5, "small_talk": 1.5}),
    ),
    Persona(
        "unsure",
        "You are not used to this kind of chat: hesitant, a little apologetic, and "
        "glad of any help.",
        freeze(
            {
                "impatience": 0.0,
                "vague_opening": 1.5,
                "missing_detail": 1.5,
                "wrong_detail": 1.5,
                "indirect": 2.0,
            }
        ),
    ),
    Persona(
        "exacting",
        "You are precise and somewhat sceptical: you want exact answers, and you read "
        "them closely.",
        freeze(
            {
                "typing_slips": 0.0,
                "wrong_detail": 0.0,
                "vague_opening": 0.5,
                "missing_detail": 0.5,
                "double_check": 2.0,
            }
        ),
    ),
    Persona(
        "cheerful",
        "You are in a good mood: warm, quick to praise, with an exclamation mark now "
        "and then.",
        freeze({"impatience": 0.0, "feedback_first": 1.3, "small_talk": 2.0}),
    ),
    Persona(
        "weary",
        "It has been a long day and you are tired: dry, short sentences, but patient.",
        freeze({"wordy": 0.0, "wrong_detail": 1.5, "typing_slips": 1.5}),
    ),
    Persona(
        "scattered",
        "You jump between matters and remember details late: things occur to you while "
        "you type.",
        freeze(
            {
                "change_of_mind": 2.0,
                "topic_switch": 2.0,
                "missing_detail": 2.0,
                "out_of_scope": 2.0,
                "wrong_detail": 1.5,
            }
        ),
    ),
)

PERSONAS: dict[str, Persona] = {persona.name: persona for persona in _ALL}


def assign_persona(
    draws: Draws,
    config: RunConfig,
    *,
    said: Sequence[str] = (),
    before: PersonaAssigned | None = None,
) -> PersonaAssigned:
    """Who the user of a trajectory is, drawn by the weights of the configuration: all
    personas alike and English where it gives none. One who has `said` something goes
    on in the language of that, or of the persona `before`.

    Raises: UsageError for an unknown name or a weight that is none.
    """
    check_choices(config)
    personas = dict.fromkeys(sorted(PERSONAS), 1.0) | _given(config.personas, PERSONAS)
    languages = _given(config.languages, LANGUAGES) or {"English": 1.0}
    persona = PERSONAS[draws.weighted(personas, "persona")]
    language = draws.weighted(languages, "language")
    if not config.languages and (said or before is not None):
        language = before.language if before is not None else language_of(said)
    return PersonaAssigned(
        name=persona.name, description=persona.description, language=language
    )


def may_be(persona: PersonaAssigned, config: RunConfig) -> bool:
    """Whether a persona could have been drawn by the weights of a configuration."""
    return not config.personas or bool(config.personas.get(persona.name))


def _given(weights: Mapping[str, Any], names: Iterable[str]) -> dict[str, float]:
    """Every name with its weight, 0 where others have one; empty where none has."""
    if not weights:
        return {}
    return {name: float(weights.get(name, 0)) for name in sorted(names)}


def check_choices(config: RunConfig) -> None:
    """Refuse what no persona or language could be drawn from. Raises: UsageError."""
    _check("personas", "persona", config.personas, PERSONAS)
    _check("languages", "language", config.languages, LANGUAGES)


def _check(
    field_: str, what: str, weights: Mapping[str, Any], names: Iterable[str]
) -> None:
    for name, weight in weights.items():
        if name not in names:
            known = ", ".join(sorted(names))
            raise UsageError(f"no {what} is named {name!r}; known: {known}")
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 <= weight < float("inf"):
            raise UsageError(
                f"{field_}: the weight of {name} is {weight!r}, which is no number "
                "from 0"
            )
    if weights and not any(weights.values()):
        raise UsageError(f"{field_}: every weight is 0, so that none can be drawn")
