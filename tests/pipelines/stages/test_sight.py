"""What the stages that make tools never show: where models are, what else is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eventsim.config import Endpoint, ModelChoice, Roles, RunConfig
from eventsim.core.tools import ToolDefinition
from eventsim.pipelines.stages.registry import STAGES
from tests.pipelines.stages.staging import Story, everything, function, given, number

HIDDEN = {
    "endpoint": "models.internal.example",
    "variable": "LAMP_SHOP_KEY",
    "model": "some-large-model",
    "parameter": "0.4242",
    "blob": "f00dfeed" * 8,
    "folder": "private/mara/seeds.json",
    "row of a database": "Zanzibar",
    "table": "CREATE TABLE secret",
    "tool of another toolset": "get_other_thing",
    "seed": "987654321",
}
TOOL = function("get_price", "Look up a price.", lamp_id=number("The lamp's id."))
ANSWERS: dict[str, Any] = {
    "questions": {"questions": ["How much is the lamp Aurora today?"]},
    "tool_specifications": {"tools": [TOOL]},
    "expansion": {"tools": []},
    "output_schemas": {
        "returns": {"type": "object", "properties": {"price": {"type": "number"}}}
    },
}


@pytest.mark.parametrize("names", [("questions",), (*ANSWERS,)[1:]])
def test_requests_show_nothing_beside_their_input(names: tuple[str, ...]) -> None:
    """No endpoint, key, parameter, file, database or other toolset stands in them."""
    params: Any = {"temperature": float(HIDDEN["parameter"])}
    config = RunConfig(
        seed=int(HIDDEN["seed"]),
        count=1,
        questions=2,
        endpoints={
            "hosted": Endpoint(
                base_url=f"https://{HIDDEN['endpoint']}/v1", key_env=HIDDEN["variable"]
            )
        },
        roles=Roles(
            tool_designer=ModelChoice(
                endpoint="hosted", model=HIDDEN["model"], params=params
            )
        ),
    )
    plain = given("How much is the lamp Aurora?")
    other = ToolDefinition(
        name=HIDDEN["tool of another toolset"],
        description="Look it up.",
        parameters={},
        returns={},
    )
    shown = replace(
        plain,
        config=config,
        source=plain.source.model_copy(
            update={"name": HIDDEN["folder"], "seed_tools": HIDDEN["blob"]}
        ),
        tools=(other,),
        schema_text=HIDDEN["table"],
        data_view=HIDDEN["row of a database"],
    )
    story = Story(STAGES[names[0]], shown)
    for name in names:
        story.stage = STAGES[name]
        story.state = story.state._replace(answers=(), settled=())
        story.play(lambda asked: ANSWERS[asked.name])
    assert {asked.name for asked in story.asked} == set(names)
    text = "\n".join(everything(asked) for asked in story.asked)
    found = [what for what, value in HIDDEN.items() if value in text]
    assert found == []
