"""A call that words suggest, for tools that no rule foresees."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.providers.rule_based.assistant.guessing import Guess, changes, guess

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}


def tool(name: str, description: str, **properties: Any) -> dict[str, Any]:
    """A function with required parameters."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }
    return {"name": name, "description": description, "parameters": parameters}


STATUS = {"type": "string", "enum": ["open", "closed"]}
DAY = {"type": "string", "format": "date"}
TOOLS = (
    tool("get_reservation", "A reservation by its id.", reservation_id=TEXT),
    tool("cancel_reservation", "Cancel a reservation.", reservation_id=TEXT),
    tool("create_reservation", "Book a table.", guests=WHOLE, day=DAY),
    tool("send_email", "Send an e-mail.", recipient_email=TEXT, subject=TEXT),
    tool("set_status", "Set the status of a ticket.", ticket_id=TEXT, status=STATUS),
    tool("listFlights", "Flights on a date.", flight_date=TEXT),
    tool("count_seats", "How many seats a room has.", room=WHOLE),
    tool("convert_length", "Convert a length.", length=NUMBER, factor=NUMBER),
    tool("update_user", "Change a user.", user_id=TEXT, street=TEXT, city=TEXT),
)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        (
            "What is the state of my reservation EHGLP3?",
            "get_reservation",
            {"reservation_id": "EHGLP3"},
        ),
        (
            "Look up reservation #4411.",
            "get_reservation",
            {"reservation_id": "4411"},
        ),
        (
            "Cancel reservation EHGLP3.",
            "cancel_reservation",
            {"reservation_id": "EHGLP3"},
        ),
        (
            "I would like to cancel the reservation EHGLP3.",
            "cancel_reservation",
            {"reservation_id": "EHGLP3"},
        ),
        (
            "Create a reservation for 4 guests on 2026-04-05.",
            "create_reservation",
            {"guests": 4, "day": "2026-04-05"},
        ),
        (
            'Send an email to ada@mail.example with the subject "Invoice 7".',
            "send_email",
            {"recipient_email": "ada@mail.example", "subject": "Invoice 7"},
        ),
        (
            "Set the status of ticket T-9 to closed.",
            "set_status",
            {"ticket_id": "T-9", "status": "closed"},
        ),
        (
            "Which flights are there on 2026-03-01?",
            "listFlights",
            {"flight_date": "2026-03-01"},
        ),
        ("How many seats has room 12?", "count_seats", {"room": 12}),
        (
            "Convert the length 2.5 by the factor 3.",
            "convert_length",
            {"length": 2.5, "factor": 3},
        ),
        (
            'Update the user U7: the street is "elm street 2", the city "rome".',
            "update_user",
            {"user_id": "U7", "street": "elm street 2", "city": "rome"},
        ),
    ],
)
def test_arguments_stand_in_the_words(
    text: str, name: str, arguments: dict[str, Any]
) -> None:
    """Ids, numbers, dates, addresses, choices, quoted texts, names: each once."""
    assert guess(text, TOOLS) == Guess(name, arguments)


@pytest.mark.parametrize(
    ("text", "name", "missing"),
    [
        ("Show me my reservation.", "get_reservation", "reservation id"),
        ("Cancel my reservation.", "cancel_reservation", "reservation id"),
        ("Which flights are there?", "listFlights", "flight date"),
        ("Set the status of ticket T-9 to frozen.", "set_status", "status"),
    ],
)
def test_one_that_is_missing_is_asked_for(text: str, name: str, missing: str) -> None:
    """A choice that the tool does not have is missing too."""
    found = guess(text, TOOLS)
    assert found is not None
    assert (found.name, found.missing) == (name, missing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello.",
        "Tell me a joke.",
        "Update the user U7.",  # street and city are missing
        "Convert the length 2.5.",  # a value is used once, the factor is missing
    ],
)
def test_nothing_is_called_without_a_reason(text: str) -> None:
    """Or only a question for the one argument."""
    found = guess(text, TOOLS)
    assert found is None or found.missing


@pytest.mark.parametrize(
    "text",
    [
        "What is the state of my reservation EHGLP3?",
        "Was the reservation EHGLP3 cancelled?",
        "Is ticket T-9 closed?",
        "What is the status of ticket T-9: open or closed?",
        "When was the email to ada@mail.example sent?",
    ],
)
def test_a_request_that_reads_changes_nothing(text: str) -> None:
    """Even where only a tool that changes something speaks of it."""
    for offered in (TOOLS, [each for each in TOOLS if changes(each["name"])]):
        found = guess(text, offered)
        assert found is None or not changes(found.name)


@pytest.mark.parametrize(
    "text",
    [
        "Cancel reservation EHGLP3.",
        "Could you cancel reservation EHGLP3?",
        "I want to cancel reservation EHGLP3.",
        "The reservation EHGLP3: I'd like to cancel it.",
        "Delete the reservation EHGLP3.",
        "Move reservation EHGLP3 to 2026-04-05.",
    ],
)
def test_a_request_that_changes_reads_nothing_instead(text: str) -> None:
    """Without the tool for it, no other one is called."""
    readers = [each for each in TOOLS if not changes(each["name"])]
    assert guess(text, readers) is None


def test_another_change_is_not_made_instead() -> None:
    """A deletion is not a cancellation, an update not a creation."""
    assert guess("Delete the reservation EHGLP3.", TOOLS) is None
    found = guess("Update the reservation for 4 guests on 2026-04-05.", TOOLS)
    assert found is None


def test_names_say_what_changes() -> None:
    """In snake case, camel case, kebab case; with dots between."""
    for name in ("cancel_booking", "addUser", "set-status", "files.delete", "refund"):
        assert changes(name), name
    for name in ("get_booking", "listUsers", "find-file", "files.search", "weather"):
        assert not changes(name), name


@pytest.mark.parametrize(
    "function",
    [
        {"name": "get_reservation"},
        {"name": "get_reservation", "parameters": None},
        {"name": "get_reservation", "parameters": {"required": ["reservation_id"]}},
        {"name": "get_reservation", "parameters": {"properties": [], "required": []}},
        {"description": "A reservation."},
        {},
    ],
)
def test_a_tool_that_says_little_breaks_nothing(function: dict[str, Any]) -> None:
    """Tools from elsewhere may lack any part."""
    found = guess("What is the state of my reservation EHGLP3?", [function])
    assert found is None or found.name == function.get("name", "")
