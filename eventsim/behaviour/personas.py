"""Who the user is as a writer: manners that the prompt describes in plain words.

The description is all that the user's side is told; there is no hidden setting behind
a name. A persona says how somebody writes, never what they want or know.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PERSONAS", "Persona"]


@dataclass(frozen=True, slots=True)
class Persona:
    """A name, and one or two sentences in the second person for the prompt."""

    name: str
    description: str


_ALL = (
    Persona(
        "plain",
        "You write plain, friendly sentences of ordinary length.",
    ),
    Persona(
        "courteous",
        "You are polite in every message: you greet, you say please, and you thank "
        "the assistant for its answers.",
    ),
    Persona(
        "brisk",
        "You are busy and come straight to the point: short messages, no small talk, "
        "little patience when something goes wrong.",
    ),
    Persona(
        "talkative",
        "You like to explain yourself: friendly, longer messages with some background "
        "about what you are doing.",
    ),
    Persona(
        "formal",
        "You write formal business English: full sentences, no contractions, no "
        "exclamation marks.",
    ),
    Persona(
        "casual",
        "You type as if chatting with a colleague: informal words, all lower case "
        "except names, hardly a full stop.",
    ),
    Persona(
        "unsure",
        "You are not used to this kind of chat: hesitant, a little apologetic, and "
        "glad of any help.",
    ),
    Persona(
        "exacting",
        "You are precise and somewhat sceptical: you want exact answers, and you read "
        "them closely.",
    ),
    Persona(
        "cheerful",
        "You are in a good mood: warm, quick to praise, with an exclamation mark now "
        "and then.",
    ),
    Persona(
        "weary",
        "It has been a long day and you are tired: dry, short sentences, but patient.",
    ),
)

PERSONAS: dict[str, Persona] = {persona.name: persona for persona in _ALL}
