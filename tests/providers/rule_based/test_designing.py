"""The rule-based designer: questions and toolsets of every shipped domain.

The stages make the requests, the embedded provider answers their bytes, the stages
read the answers: nothing between them is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import jsonschema_rs
import orjson
import pytest

from eventsim.config import EndpointProfile, FlawRates, ModelChoice, RunConfig
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.preparation import Preparation, evolve_preparation
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode
from eventsim.environments.seeds.reading import Seeds, described
from eventsim.environments.seeds.registry import SEED_DOMAINS, seed_domain
from eventsim.pipelines.stage import Ask, Input
from eventsim.pipelines.stages.registry import STAGES
from eventsim.prompts.render import installed
from eventsim.providers.rule_based.provider import RuleBased
from eventsim.roles.chat import encode_request

pytestmark = pytest.mark.anyio

FLAWLESS = FlawRates(needless_question=0, half_done=0, wrong_row=0, misreported_value=0)
TOOL_STAGES = ("tool_specifications", "expansion", "output_schemas")
WANTED = 25
DESCRIBED = described("Bike rental: people ask about bikes, rentals and repairs.")
SYSTEM = (
    "# Your part\nYou are the assistant of a shop. The current time is "
    "2026-03-02T09:00:00Z (UTC).\n\n# Policy\n1. Do what the person asks for.\n"
)


def _given(seeds: Seeds, question: str = "", seed: int = 1) -> Input:
    return Input(
        config=RunConfig(seed=seed, count=1, questions=WANTED),
        prompts=installed(),
        profiles={},
        source=e.Source(name=seeds.name, title=seeds.title, about=seeds.about),
        draws=Draws(seed, "a"),
        seed_tools=seeds.tools,
        question=question,
    )


async def _answered(body: bytes) -> dict[str, Any]:
    response = await RuleBased(FLAWLESS).complete(body, idempotency_key="k")
    message = orjson.loads(response)["choices"][0]["message"]
    assert isinstance(message, dict)
    return message


def _body(
    asked: Ask,
    seed: int = 1,
    more: Sequence[tuple[str, str]] = (),
    profile: EndpointProfile | None = None,
) -> bytes:
    lines = [("system", asked.system), *asked.turns, *more]
    return encode_request(
        ModelChoice(),
        profile or EndpointProfile(),
        [encode({"role": role, "content": text}) for role, text in lines],
        seed=seed,
        answer=(asked.name, asked.schema),
    )


async def _play(
    given: Input, stages: tuple[str, ...], profile: EndpointProfile | None = None
) -> tuple[Preparation, list[e.Event]]:
    """A stream that the embedded provider fills; no answer may be rejected."""
    state, events = Preparation(), list[e.Event]()
    for stage in (STAGES[name] for name in stages):
        while (asked := stage.ask(state, given)) is not None:
            message = await _answered(_body(asked, state.calls, profile=profile))
            value = json.loads(message["content"])
            assert jsonschema_rs.is_valid(dict(asked.schema), value)
            assert stage.check(value, state, given) == ""
            answered = e.ModelAnswered(
                role=stage.role, stage=stage.name, text=message["content"]
            )
            state = evolve_preparation(state, answered)
            for event in stage.derive(value, state, given, None):
                state = evolve_preparation(state, event)
                events.append(event)
        state = evolve_preparation(state, e.StageEnded(stage=stage.name))
    return state, events


async def _questions(seeds: Seeds, seed: int = 1) -> tuple[str, ...]:
    state, _ = await _play(_given(seeds, seed=seed), ("questions",))
    return state.questions


def _skeleton(question: str) -> str:
    """A question without its values."""
    return re.sub(r"\"[^\"]*\"|\d[\d-]*", "#", question)


def _seeds(name: str) -> Seeds:
    return seed_domain(name) if name in SEED_DOMAINS else DESCRIBED


@pytest.mark.parametrize("name", [*SEED_DOMAINS, "described"])
async def test_every_domain_gets_as_many_different_questions_as_are_wanted(
    name: str,
) -> None:
    """They differ in more than values, grow from one step to four, and are concrete."""
    questions = await _questions(_seeds(name))
    assert len(set(questions)) == WANTED
    assert len({_skeleton(question) for question in questions}) >= 20
    assert all(re.search(r"\d|\"", q) for q in questions if "all " not in q)
    assert max(map(len, questions[-5:])) > max(map(len, questions[:5]))
    assert not any("_" in question for question in questions)


@pytest.mark.parametrize("name", SEED_DOMAINS)
async def test_questions_touch_every_seed_tools_kind_of_thing(name: str) -> None:
    """What the domain is about is asked about."""
    said = " ".join(await _questions(_seeds(name))).lower()
    nouns = {tool["function"]["name"].split("_")[1] for tool in _seeds(name).tools}
    missing = [noun for noun in nouns if noun.rstrip("s")[:-1] not in said]
    assert missing == []


async def test_another_seed_brings_other_questions() -> None:
    """The same request has the same answer; another seed has another."""
    one = await _questions(_seeds("airline"), seed=1)
    assert one == await _questions(_seeds("airline"), seed=1)
    given = _given(_seeds("airline"))
    asked = STAGES["questions"].ask(Preparation(), given)
    assert asked is not None
    first, other = await _answered(_body(asked, 1)), await _answered(_body(asked, 2))
    assert first != other


async def test_what_is_there_is_not_asked_again() -> None:
    """A second request gets other questions than those that it lists."""
    given = _given(_seeds("hotel"))
    state = Preparation(questions=(await _questions(_seeds("hotel")))[:5])
    asked = STAGES["questions"].ask(state, given)
    assert asked is not None
    value = json.loads((await _answered(_body(asked)))["content"])
    assert len(value["questions"]) == WANTED - 5
    assert not set(value["questions"]) & set(state.questions)


@pytest.mark.parametrize("name", [*SEED_DOMAINS, "described"])
async def test_every_question_gets_a_sound_toolset(name: str) -> None:
    """No tool is rejected, no type repaired, and each output is predicted."""
    for question in await _questions(_seeds(name)):
        state, events = await _play(_given(_seeds(name), question), TOOL_STAGES)
        kinds = {event.kind for event in events}
        assert kinds == {"tool.defined", "tool.output_predicted"}
        assert not any(getattr(event, "repaired", ()) for event in events)
        assert 3 <= len(state.tools) <= 20
        assert state.predicted == {tool.name for tool in state.tools}
        for tool in state.tools:
            _check_output(tool)


def _check_output(tool: ToolDefinition) -> None:
    """Lists return arrays of records, everything else one record."""
    listing = tool.name.startswith(("search_", "list_"))
    assert tool.returns["type"] == ("array" if listing else "object")
    record = tool.returns["items"] if listing else tool.returns
    assert record["properties"]


@pytest.mark.parametrize("name", SEED_DOMAINS)
async def test_the_assistant_acts_on_every_question_with_its_toolset(name: str) -> None:
    """The rule-based assistant, which sees tools and question alone, makes a call."""
    for question in await _questions(_seeds(name)):
        state, _ = await _play(_given(_seeds(name), question), TOOL_STAGES)
        request = {
            "model": "rule-based",
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": question},
            ],
            "seed": 1,
            "tools": [tool.as_function() for tool in state.tools],
        }
        message = await _answered(encode(request))
        assert message.get("tool_calls"), (question, message["content"])


@pytest.mark.parametrize("structured", ["json_object", "prompt"])
async def test_a_schema_in_words_changes_nothing(structured: Any) -> None:
    """Endpoints without structured output are told the schema in the last message."""
    question = 'Find the gate of flight 12, then change the seat of booking 7 to "2A".'
    given = _given(_seeds("airline"), question)
    state, _ = await _play(given, TOOL_STAGES, EndpointProfile(structured=structured))
    names = {tool.name for tool in state.tools}
    assert {"get_flight", "update_booking"} <= names


async def test_an_answer_that_was_given_back_is_written_again() -> None:
    """The request stands before the complaint about the last answer."""
    given = _given(_seeds("airline"), "Find the gate of flight 12.")
    asked = STAGES["tool_specifications"].ask(Preparation(), given)
    assert asked is not None
    again = (
        ("assistant", "{}"),
        ("user", "Your last answer could not be used: it is empty. Answer again."),
    )
    message = await _answered(_body(asked, more=again))
    names = [t["function"]["name"] for t in json.loads(message["content"])["tools"]]
    assert "get_flight" in names


async def test_a_complete_toolset_needs_no_more() -> None:
    """Where every sibling is there, the list of missing tools is empty."""
    given = _given(_seeds("airline"), "Cancel booking 12.")
    state, _ = await _play(given, ("tool_specifications",))
    for _ in range(20):
        asked = STAGES["expansion"].ask(state, given)
        assert asked is not None
        value = json.loads((await _answered(_body(asked)))["content"])
        if not value["tools"]:
            break
        for event in STAGES["expansion"].derive(value, state, given, None):
            state = evolve_preparation(state, event)
    else:
        pytest.fail("the toolset never was complete")


@pytest.mark.parametrize(
    "question",
    [
        "My flight from JFK to SFO on May 3 was cancelled; would you rebook me?",
        "What's the weather like?",
        "J'ai perdu ma carte bancaire, que faire ?",
        "",
        '"" of the "" 12 "',
        "？" * 300,
    ],
)
@pytest.mark.parametrize("name", ["airline", "described"])
async def test_any_question_gets_some_tools(question: str, name: str) -> None:
    """Whatever people write, the answer is a toolset that passes the checks."""
    state, _ = await _play(_given(_seeds(name), question), TOOL_STAGES)
    assert state.tools
