"""Rows of dialogues that were gone on with, and what formats leave out of any."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
import pytest

from eventsim.core.events import Event
from eventsim.core.fold import fold
from eventsim.exchange.conversation import Builder, Transcript
from eventsim.exchange.formats.registry import FORMATS
from eventsim.exchange.losses import losses, losses_of_row
from eventsim.exchange.rest import put_back_grown, rest_of
from tests.exchange.rows import ROWS
from tests.exchange.test_formats import plain, read, written

HF = ROWS["messages"]


def _grown(row: dict[str, Any], **changes: Any) -> Any:
    """A row whose events were written, changed, and got back what was kept."""
    before = plain(written("messages", read("messages", row)))
    return plain(put_back_grown({**before, **changes}, rest_of(row, before), before))


def _weighed() -> dict[str, Any]:
    row = deepcopy(HF)
    for message in row["messages"]:
        message["weight"] = 1
    return row


def test_a_message_that_is_another_by_now_gets_nothing_back() -> None:
    """Neither an edited one, nor those after it."""
    system, user = HF["messages"][:2]
    other = {"role": "assistant", "content": "Which Oslo?"}
    grown = _grown(_weighed(), messages=[system, user, other])
    assert grown["messages"] == [system, {**user, "weight": 1}, other]


def test_a_message_that_goes_on_gets_back_what_it_had() -> None:
    """A step whose calls have results by now is the same step."""
    row = deepcopy(ROWS["atif"])
    row["steps"] = row["steps"][:3]
    del row["steps"][2]["observation"]
    row["steps"][2]["metrics"] = {"cost_usd": 0.1}
    before = plain(written("atif", read("atif", row)))
    whole = plain(ROWS["atif"])
    grown = put_back_grown(whole, rest_of(row, before), before)
    assert grown["steps"][2] == {**whole["steps"][2], "metrics": {"cost_usd": 0.1}}


def test_where_elements_of_a_list_were_kept_no_place_is_certain() -> None:
    """A row whose list has more than its events say leaves the longer one alone."""
    before = {"messages": [{"role": "user", "content": "a"}, {"role": "tool"}]}
    row = {"messages": [{"role": "odd"}, *before["messages"]]}
    longer = {"messages": [*before["messages"], {"role": "user", "content": "b"}]}
    assert put_back_grown(longer, rest_of(row, before), before) == longer


def test_fields_that_were_not_there_are_left_out_again() -> None:
    """Of a message that is the same."""
    row = deepcopy(HF)
    row["messages"].insert(1, {"role": "user", "content": "Hi."})
    row["messages"].insert(2, {"role": "assistant", "tool_calls": None, "content": ""})
    del row["messages"][5]["name"]
    more = [*row["messages"], {"role": "user", "content": "More."}]
    before = plain(written("messages", read("messages", row)))
    grown = _grown(row, messages=[*before["messages"], more[-1]])
    assert grown["messages"] == more


# --- what is left out ---------------------------------------------------------------


def _transcript(events: tuple[Event, ...], **more: Any) -> Transcript:
    return Transcript(
        label="x", system=None, tools=(), messages=fold(events).messages, **more
    )


def _talk() -> Transcript:
    """All that the alternation of LLaMA-Factory makes difficult."""
    built = Builder()
    built.assistant("Welcome.")
    built.user("Both?")
    calls = [{"name": "f", "arguments": {}}, {"name": "g", "arguments": '{"a": '}]
    built.assistant("I look.", calls, "Hm.")
    built.result('{"k":1}')
    built.result("text")
    built.assistant("Done.")
    built.assistant("Anything else?")
    built.user("Yes.")
    built.user("Again.")
    built.assistant("", calls[:1])
    built.result("r")
    return _transcript(built.end(), imported=0)


def test_sharegpt_alternates_as_its_converter_wants() -> None:
    """Human or observation, then gpt or function_call, to the last; the rest is named.
    Source: LLaMA-Factory, `SharegptDatasetConverter`.
    """
    form = FORMATS["sharegpt"]
    row = form.write(_talk())
    turns = [(turn["from"], turn["value"]) for turn in row["conversations"]]
    assert turns == [
        ("human", "Both?"),
        (
            "function_call",
            '[{"name":"f","arguments":{}},{"name":"g","arguments":{}}]',
        ),
        ("observation", '[{"k": 1}, "text"]'),
        ("gpt", "Done.\n\nAnything else?"),
        ("human", "Yes.\n\nAgain."),
        ("function_call", '{"name":"f","arguments":{}}'),
    ]
    assert losses(form, _talk()) == (
        "reasoning",
        "malformed arguments",
        "text before the user's first message",
        "text before a call",
        "results that nobody answers",
    )


def test_a_sharegpt_row_ends_with_an_answer() -> None:
    """Its converter drops those that do not."""
    built = Builder()
    built.user("Hi.")
    built.assistant("Hello.")
    built.user("Bye.")
    talk = _transcript(built.end(), imported=0)
    row = FORMATS["sharegpt"].write(talk)
    assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"]
    assert losses(FORMATS["sharegpt"], talk) == ("the user's last message",)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("messages", ("malformed arguments",)),
        ("openai", ()),
        ("responses", ()),
        ("atif", ("malformed arguments",)),
        ("hermes", ("reasoning", "malformed arguments")),
        ("tau2", ("reasoning", "malformed arguments")),
    ],
)
def test_each_format_names_what_it_has_no_place_for(
    name: str, lost: tuple[str, ...]
) -> None:
    """And what it has a place for is in the row."""
    assert losses(FORMATS[name], _talk()) == lost
    text = orjson.dumps(FORMATS[name].write(_talk())).decode()
    assert ("Hm." in text) is ("reasoning" not in lost)


def test_what_no_event_says_is_lost_to_another_format() -> None:
    """Images, refusals, and what a model said after its calls."""
    row = deepcopy(HF)
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    row["messages"][1]["content"] = [{"type": "text", "text": "Hm?"}, image]
    row["messages"][4]["refusal"] = "No."
    said = read("messages", row)
    kept = rest_of(row, written("messages", said))
    assert losses_of_row(said.style, kept) == ("images", "refusals")
    row = deepcopy(ROWS["hermes"])
    row["conversations"][2]["value"] += "\nWait for it."
    said = read("hermes", row)
    assert losses_of_row(said.style, ()) == ("text after a call",)


def test_a_row_of_an_earlier_release_comes_back() -> None:
    """What its style did not say is written as it was then."""
    row = deepcopy(ROWS["sharegpt"])
    call = '{"name": "f", "arguments": "{\\"a\\":  1}"}'
    row["conversations"][1]["value"] = f"[{call}, {call}]"
    row["conversations"].insert(3, {"from": "observation", "value": "B"})
    said = read("sharegpt", row)
    older = {k: v for k, v in said.style.items() if k in _STYLE_OF_0}
    messages = fold(said.events).messages
    transcript = Transcript("x", said.system, said.tools, messages, style=older)
    assert rest_of(row, FORMATS["sharegpt"].write(transcript)) == ()


_STYLE_OF_0 = ("system", "calls", "tools", "dialect", "wrapped")
