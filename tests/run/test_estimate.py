"""What a run is expected to take follows from its configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.config import Endpoint, Limits, ModelChoice, Roles, RunConfig
from eventsim.core.events import Usage
from eventsim.prompts.render import installed
from eventsim.run.beds import choose_beds
from eventsim.run.estimate import estimate
from eventsim.run.expected import Estimate
from eventsim.run.grounds import grounds_of

PIPELINES = ("task-oriented", "user-oriented", "user-oriented+execution")
HERE = Endpoint(base_url="http://localhost:8000/v1")


def config(name: str, **fields: object) -> RunConfig:
    """A plan of which all is prepared by models."""
    whole = {"seed": 1, "count": 10, "tools_by": "models", "tasks_by": "models"}
    return RunConfig.model_validate({**whole, "pipeline": name, **fields})


def expect(plan: RunConfig, taken: tuple[str, ...] = ()) -> Estimate:
    """Over one built-in source, five toolsets; a token in costs 1, one out 2."""
    executes = plan.pipeline == "user-oriented+execution"
    name = "clinic" if executes else "hotel"
    beds = choose_beds(name=name, executes=executes)

    def price(_: str, __: Endpoint, usage: Usage) -> float | None:
        fresh = usage.input_tokens - usage.cached_tokens
        return fresh + 2 * usage.output_tokens

    return estimate(plan, installed(), grounds_of(beds), 5, frozenset(taken), price)


def calls(expected: Estimate) -> dict[str, int]:
    """By stage, or by role where there is none."""
    return {each.stage or each.role: each.calls for each in expected.lines}


@pytest.mark.parametrize("name", PIPELINES)
def test_each_trajectory_adds_the_same_and_each_toolset_is_made_once(name: str) -> None:
    """Twice as many trajectories over the same toolsets."""
    once, twice = calls(expect(config(name))), calls(expect(config(name, count=20)))
    for stage in ("policy", "assistant"):
        assert twice[stage] == pytest.approx(2 * once[stage], abs=1)
    shared = {"questions", "tool_specifications", "expansion", "sql_tools"}
    assert all(once[each] == twice[each] for each in shared & set(once))


def test_what_is_taken_from_another_run_is_not_asked_again() -> None:
    """Questions for toolsets, toolsets for tasks, tasks for dialogues."""
    plan = config("user-oriented")
    assert "questions" not in calls(expect(plan, ("questions",)))
    of_tools = calls(expect(plan, ("tools",)))
    assert not {"questions", "tool_specifications", "output_schemas"} & set(of_tools)
    assert "policy" in of_tools
    assert set(calls(expect(plan, ("tasks",)))) == {
        "user",
        "assistant",
        "tool",
        "judge",
    }


def test_what_rules_prepare_takes_no_call() -> None:
    """Over databases, and where only the tools are theirs, the tasks are asked for."""
    name = "user-oriented+execution"
    by_rule = calls(expect(config(name, tools_by="rules", tasks_by="rules")))
    assert set(by_rule) == {"user", "assistant"}
    mixed = calls(expect(config(name, tools_by="rules")))
    assert set(mixed) == {"policy", "descriptive_tasks", "user", "assistant"}


def test_harder_and_more_tasks_take_more_calls_and_longer_requests() -> None:
    """A dialogue is read again with each call, so tokens grow faster than calls."""
    easy, hard = (
        expect(config("user-oriented", difficulty=each)).lines[-3]
        for each in ("easy", "hard")
    )
    assert easy.role == hard.role == "assistant"
    assert hard.calls > 1.5 * easy.calls
    assert hard.input_tokens / hard.calls > 1.1 * easy.input_tokens / easy.calls


def test_a_limit_of_turns_bounds_what_is_expected() -> None:
    """And that is said."""
    plan = config("user-oriented", tasks=10, limits=Limits(max_turns=20))
    bounded, free = expect(plan), expect(config("user-oriented", tasks=10))
    assert calls(bounded)["assistant"] < calls(free)["assistant"] / 4
    assert any("limits.max_turns" in sentence for sentence in bounded.assumed)


def test_each_model_of_an_endpoint_is_probed_unless_its_profile_is_given() -> None:
    """Two models at one endpoint are two probes; by rule there is none."""
    chosen = [ModelChoice(endpoint="default", model=each) for each in ("big", "small")]
    roles = Roles(user=chosen[1], assistant=chosen[0], tool=chosen[0])
    plan = config("user-oriented", roles=roles, endpoints={"default": HERE})
    probes = [each.model for each in expect(plan).lines if each.role == "probe"]
    assert probes == ["small", "big"]
    profile = {
        "tools": "native",
        "structured": "prompt",
        "reasoning_back": "",
        "seed": True,
        "max_tokens_field": "max_tokens",
    }
    known = HERE.model_copy(update={"profile": profile})
    fixed = config("user-oriented", roles=roles, endpoints={"default": known})
    assert "probe" not in {each.role for each in expect(fixed).lines}


def test_only_calls_that_leave_the_process_cost_anything() -> None:
    """With its price by the tokens; what repeats may be cached, and costs less."""
    roles = Roles(assistant=ModelChoice(endpoint="default", model="m"))
    plan = config("user-oriented", roles=roles, endpoints={"default": HERE})
    for each in expect(plan).lines:
        if each.role not in ("assistant", "probe"):
            assert each.cost_usd == 0
            continue
        assert each.cost_usd == pytest.approx(
            each.input_tokens + 2 * each.output_tokens, rel=0.01
        )
        assert each.cached_cost_usd is not None
        assert each.cached_cost_usd <= each.cost_usd
        assert 0 <= each.repeated_tokens < each.input_tokens


def test_prompts_of_ones_own_are_measured() -> None:
    """A longer one takes more tokens with each call, by four letters a token."""
    beds = choose_beds(name="hotel", executes=False)
    plan, longer = config("task-oriented"), dict(installed())
    longer["tool"] += "Keep to it. " * 100
    before, after = (
        estimate(plan, each, grounds_of(beds), 5, frozenset(), lambda *_: None)
        for each in (installed(), longer)
    )
    (was,), (now,) = (
        [line for line in each.lines if line.role == "tool"] for each in (before, after)
    )
    assert now.input_tokens - was.input_tokens == pytest.approx(
        now.calls * 300, rel=0.02
    )


def test_a_database_is_only_read(tmp_path: Path) -> None:
    """The grounds hold its tables and some rows in words, and no file is made."""
    (ground,) = grounds_of(choose_beds(name="clinic"))
    assert "patients" in ground.schema_text or "CREATE" in ground.schema_text
    assert ground.data_view
    assert len(ground.tools) == 40
    assert list(tmp_path.iterdir()) == []
