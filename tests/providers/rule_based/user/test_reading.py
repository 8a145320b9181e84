"""Reading the assistant's messages."""

from __future__ import annotations

import pytest

from eventsim.providers.rule_based.user.reading import read_reply

ASKING = [
    ("What is the desk code?", {"code"}),
    ("Before I change anything, please tell me the desk code.", {"code"}),
    ("I need the desk code before I can do that.", {"code"}),
    ("Shall I go ahead?", {"confirm"}),
    ("I will set it to 5. Is that right?", {"confirm"}),
    ("Please confirm that I should delete it.", {"confirm"}),
    ("Do you want me to change the phone to 5?", {"confirm"}),
    ("I found two. Which one do you mean?", {"choice"}),
    ("Did you mean Frank Harris or Frank Ralston?", {"choice"}),
    ("What should the new phone be?", set()),
    ("Please give me the new phone number.", set()),
    ("Could you tell me the name of the playlist?", set()),
]
TELLING = [
    "The email is a@b.c. Anything else?",
    "Done. Is there anything else I can help you with?",
    "The album is called Who Are You.",
    "I have changed it. Let me know if you need more.",
]


@pytest.mark.parametrize(("text", "traits"), ASKING)
def test_questions(text: str, traits: set[str]) -> None:
    """Questions are told from statements, with and without a question mark."""
    reading = read_reply(text)
    assert reading.asks
    assert {t for t in ("code", "confirm", "choice") if getattr(reading, t)} == traits


@pytest.mark.parametrize("text", TELLING)
def test_statements(text: str) -> None:
    """Answers and offers of more help want no answer."""
    assert not read_reply(text).asks


@pytest.mark.parametrize(
    "text",
    [
        "I am not allowed to delete invoices.",
        "Sorry, I cannot change that.",
        "That is against the policy.",
        "It is not possible without the right code.",
        "I'm unable to do this.",
    ],
)
def test_refusals(text: str) -> None:
    """Refusals are recognised in many words."""
    assert read_reply(text).refuses


@pytest.mark.parametrize(
    "text", ["The call failed.", "Something went wrong.", "I could not find it."]
)
def test_failures(text: str) -> None:
    """Failures are recognised, and are no refusals."""
    reading = read_reply(text)
    assert reading.fails
    assert not reading.refuses
