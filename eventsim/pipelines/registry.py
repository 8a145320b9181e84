"""The pipelines by the name that a configuration gives them."""

from __future__ import annotations

from eventsim.config import Role, RunConfig
from eventsim.errors import UsageError
from eventsim.pipelines import task_oriented, user_oriented
from eventsim.pipelines.pipeline import Pipeline

__all__ = ["PIPELINES", "pipeline", "roles_of"]

PIPELINES: dict[str, Pipeline] = {
    each.name: each
    for each in (
        task_oriented.PIPELINE,
        user_oriented.SIMULATED,
        user_oriented.EXECUTED,
    )
}


def pipeline(name: str) -> Pipeline:
    """The pipeline of that name. Raises: UsageError naming the ones there are."""
    if name not in PIPELINES:
        raise UsageError(
            f"there is no pipeline {name!r}; the pipelines are {', '.join(PIPELINES)}"
        )
    return PIPELINES[name]


def roles_of(config: RunConfig) -> tuple[Role, ...]:
    """The roles whose models a run of this configuration calls."""
    chosen = pipeline(config.pipeline)
    judged = not chosen.executes or config.tasks_by == "models"
    roles: dict[Role, bool] = {
        "user": chosen.simulates_user,
        "assistant": True,
        "tool": not chosen.executes,
        "judge": judged,
        "tool_designer": not chosen.executes or config.tools_by == "models",
        "task_writer": not chosen.executes or config.tasks_by == "models",
    }
    return tuple(role for role, used in roles.items() if used)
