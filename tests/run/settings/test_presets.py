"""The paper's pipelines as presets: what each says, and that it yields."""

from __future__ import annotations

import pytest

from eventsim.errors import UsageError
from eventsim.pipelines.registry import PIPELINES, roles_of
from eventsim.run.settings.presets import PRESETS
from tests.run.settings.conftest import Read

PIPELINE_OF = {
    "paper-task": "task-oriented",
    "paper-user": "user-oriented",
    "paper-exec": "user-oriented+execution",
}


def test_there_is_a_preset_for_each_pipeline_of_the_paper() -> None:
    """And no other."""
    assert set(PIPELINE_OF) == set(PRESETS)
    assert set(PIPELINE_OF.values()) == set(PIPELINES)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_prepares_all_by_models(read: Read, name: str) -> None:
    """Tools and tasks come from the stages, in the pipeline of that name, with
    several tasks a trajectory.
    """
    config = read(flags={"preset": name}).run_config
    assert config.pipeline == PIPELINE_OF[name]
    assert config.tools_by == config.tasks_by == "models"
    assert config.tasks > 1
    assert {"tool_designer", "task_writer"} <= set(roles_of(config))


@pytest.mark.parametrize("name", PRESETS)
def test_the_judge_of_a_preset_draws_nothing(read: Read, name: str) -> None:
    """The same dialogue shall get the same verdict; the user varies."""
    url = {"model": "m", "base_url": "http://localhost:8000/v1"}
    roles = read(flags={"preset": name, **url}).run_config.roles
    assert roles.judge.params["temperature"] == 0.0
    assert roles.user.params["temperature"] == 1.0


def test_a_preset_is_the_lowest_layer(read: Read) -> None:
    """Whoever names it, everything else that is said wins."""
    config = read("tasks: 5", flags={"preset": "paper-exec"}).run_config
    assert config.tasks == 5
    assert config.tools_by == "models"


def test_a_preset_that_is_not_there_is_refused_with_a_close_one(read: Read) -> None:
    """And all there are."""
    with pytest.raises(UsageError) as caught:
        read("count: 3\npreset: paper-usr")
    assert str(caught.value) == (
        "eventsim.yaml, line 2: there is no such preset; did you mean paper-user? the "
        "presets are paper-task, paper-user, paper-exec"
    )
