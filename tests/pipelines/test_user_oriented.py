"""What the pipeline decides, told as given, when, then over scripted dialogues."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eventsim.behaviour.registry import RULES
from eventsim.config import Limits
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.values import freeze
from eventsim.pipelines.user_oriented import EXECUTED
from tests.builders import (
    assistant_calls,
    assistant_says,
    materials,
    started,
    user_says,
)
from tests.run.scripted import Scripted, play

pytestmark = pytest.mark.anyio

ASK = user_says("Where does customer 1 live?")
CALL = assistant_calls(("get_customer", {"customer_id": 1}))
TELL = assistant_says("Customer 1 lives in Oslo.")
THANK = user_says("Thanks.", complete=True)
FAILED = e.ModelFailed(
    role="assistant", reason="timeout", detail="no answer in 60 s", retryable=True
)


def _kinds(world: Scripted) -> list[str]:
    return [event.kind for event in world.events if event.kind != "behaviour.drawn"]


async def test_a_task_runs_from_its_opening_to_its_verdict() -> None:
    """Mount, assign, ask, call, return, tell, thank, judge, end."""
    world = Scripted([ASK, CALL, TELL, THANK])
    state = await play(world, materials(), [started()])
    assert _kinds(world) == [
        "trajectory.started",
        "environment.mounted",
        "toolset.mounted",
        "policy.set",
        "clock.set",
        "persona.assigned",
        "task.assigned",
        *("model.called", "user.messaged"),
        *("model.called", "assistant.replied", "tool.called", "tool.returned"),
        *("model.called", "assistant.replied"),
        *("model.called", "user.messaged"),
        *("verdict.given", "trajectory.ended"),
    ]
    assert state.valid is True


async def test_an_answer_without_the_fact_is_invalid() -> None:
    """The verdict names what was never said."""
    world = Scripted([ASK, assistant_says("I see."), THANK])
    state = await play(world, materials(), [started()])
    assert state.valid is False
    failed = [f for f in state.verdicts[0].findings if not f.passed]
    assert failed
    assert "city" in failed[0].detail


async def test_between_tasks_the_assistant_answers_the_thanks() -> None:
    """Never two user messages in a row while the dialogue goes on."""
    world = Scripted([ASK, TELL, THANK, assistant_says("Gladly."), ASK, TELL, THANK])
    state = await play(world, materials(tasks=2), [started()])
    speakers = [message.speaker for message in state.messages]
    assert speakers == [
        *("user", "assistant", "user", "assistant"),
        *("user", "assistant", "user"),
    ]
    assert len(state.verdicts) == 2
    kinds = _kinds(world)
    verdict = kinds.index("verdict.given")
    assert kinds[verdict + 1 : verdict + 4] == [
        "model.called",
        "assistant.replied",
        "task.assigned",
    ]


async def test_a_person_who_speaks_after_the_end_is_answered() -> None:
    """A fork of an ended path opens it again."""
    world = Scripted([ASK, TELL, THANK])
    await play(world, materials(), [started()])
    forked = e.TrajectoryForked(
        label="bodume-1.1",
        parent=e.Ref(stream="a" * 32, version=9, hash="b" * 64),
        position=len(world.events) - 1,
        seed=5,
        lineage="1" * 16,
    )
    again = Scripted([assistant_says("Anything else is fine too.")], said="And now?")
    state = await play(again, materials(), [*world.events, forked])
    assert [m.text for m in state.messages][-2:] == [
        "And now?",
        "Anything else is fine too.",
    ]
    assert state.ended is not None


async def test_a_failed_call_is_repeated_with_the_same_request() -> None:
    """Failures are events; the retry asks the very same thing."""
    world = Scripted([ASK, FAILED, FAILED, TELL, THANK])
    state = await play(world, materials(), [started()])
    assert state.valid is True
    asked = [body for role, body in world.bodies if role == "assistant"]
    assert asked[0] == asked[1] == asked[2]
    intents = [event for event in world.events if isinstance(event, e.ModelCalled)]
    assert [i.attempt for i in intents if i.role == "assistant"] == [0, 1, 2]


async def test_too_many_failures_end_the_path_with_the_reason() -> None:
    """The open task gets a verdict, and the end says what happened."""
    world = Scripted([ASK, *[FAILED] * 5])
    state = await play(world, materials(), [started()])
    assert state.ended is not None
    assert state.ended.reason == "model_failed"
    assert "no answer in 60 s" in state.ended.detail
    assert [v.judgment for v in state.verdicts] == ["invalid"]


async def test_a_dialogue_too_long_for_the_model_ends_with_that_reason() -> None:
    """The limit of context may be the model's own: the endpoint then refuses."""
    refused = e.ModelFailed(
        role="assistant",
        reason="context_length",
        detail="maximum context length is 4096 tokens",
        retryable=False,
    )
    state = await play(Scripted([ASK, refused]), materials(), [started()])
    assert state.ended is not None
    assert state.ended.reason == "context_limit"
    assert "4096" in state.ended.detail
    assert [v.judgment for v in state.verdicts] == ["invalid"]


async def test_a_rejected_answer_is_sampled_again_with_another_seed() -> None:
    """What was rejected stays in the log and never enters the dialogue."""
    world = Scripted([b"<html>", ASK, TELL, THANK])
    state = await play(world, materials(), [started()])
    intents = [event for event in world.events if isinstance(event, e.ModelCalled)]
    assert intents[0].seed != intents[1].seed
    assert intents[0].ordinal == intents[1].ordinal == 0
    assert any(isinstance(event, e.ModelRejected) for event in world.events)
    assert state.valid is True


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(max_turns=4), "turn_limit"), (Limits(max_steps=2), "step_limit")],
)
async def test_a_limit_ends_the_path_with_its_reason(
    limits: Limits, reason: str
) -> None:
    """Nothing is cut silently."""
    world = Scripted([ASK, *[CALL] * 20])
    state = await play(world, materials(limits=limits), [started()])
    assert state.ended is not None
    assert state.ended.reason == reason
    assert state.valid is False


async def test_an_open_model_call_is_abandoned_before_anything_else() -> None:
    """An intent without an outcome is recorded as possibly unknown, once."""
    world = Scripted([ASK, TELL, THANK])
    await play(world, materials(), [started()])
    asked = next(
        at
        for at, event in enumerate(world.events)
        if isinstance(event, e.ModelCalled) and event.role == "assistant"
    )
    again = Scripted([TELL, THANK])
    state = await play(again, materials(), world.events[: asked + 1])
    assert again.events[asked + 1].kind == "model.abandoned"
    assert state.valid is True


async def test_an_open_tool_call_is_abandoned_and_made_again() -> None:
    """The result that the assistant sees belongs to a call on its own path."""
    world = Scripted([ASK, CALL, TELL, THANK])
    await play(world, materials(), [started()])
    called = next(
        at for at, event in enumerate(world.events) if event.kind == "tool.called"
    )
    step = EXECUTED.decide(fold(world.events[: called + 1]), materials())
    assert [event.kind for event in step.events] == ["tool.abandoned"]
    state = fold([*world.events[: called + 1], *step.events])
    again = EXECUTED.decide(state, materials())
    assert [event.kind for event in again.events] == ["tool.called"]


async def test_intent_comes_before_effect_unless_nothing_leaves_the_process() -> None:
    """A call that leaves the process is recorded in a batch before its outcome."""
    outside = Scripted([ASK, TELL, THANK], batched=False)
    inside = Scripted([ASK, TELL, THANK], batched=True)
    await play(outside, materials(), [started()])
    await play(inside, materials(), [started()])
    assert [x.kind for x in outside.events] == [x.kind for x in inside.events]
    assert len(outside.batch_sizes) == len(inside.batch_sizes) + 3


async def test_a_call_of_an_unknown_tool_goes_to_the_world_without_a_tool() -> None:
    """It is the world that says so, as a result the assistant can read."""
    world = Scripted([ASK, assistant_calls(("no_such_tool", {})), TELL, THANK])
    await play(world, materials(), [started()])
    called = next(x for x in world.events if isinstance(x, e.ToolCalled))
    assert called.name == "no_such_tool"


async def test_the_rules_of_one_message_are_one_event_and_shape_the_next() -> None:
    """A wrong detail is put right in the message after it, and only there."""
    drawn_alone = {"wrong_detail": 1.0, "corrects_detail": 1.0}
    world = Scripted([ASK, TELL, user_says("Tromsø, I mean."), TELL, THANK])
    mounted = materials()
    weights = {rule: drawn_alone.get(rule, 0.0) for rule in RULES}
    config = mounted.config.model_copy(update={"behaviours": freeze(weights)})
    await play(world, replace(mounted, config=config), [started()])
    drawn = [event for event in world.events if isinstance(event, e.BehaviourDrawn)]
    assert [[rule.rule for rule in event.rules] for event in drawn] == [
        ["wrong_detail"],
        ["wrong_detail", "corrects_detail"],
        ["wrong_detail", "corrects_detail"],
    ]
