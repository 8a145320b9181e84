"""One frozen configuration of a run: all that decides what is generated.

It is recorded whole in `run.started`. How fast the work is done (concurrency, where the
store is) is no part of it: the same configuration gives the same events.
"""

from __future__ import annotations

from pydantic import Field

from eventsim.core.values import JsonObject, Value, freeze

__all__ = ["FlawRates", "Limits", "ModelChoice", "RunConfig"]


class Limits(Value):
    """What ends a trajectory early, with that as its reason.

    Turns and steps are those of PAPER.md: a turn is a user message, an assistant
    reply, a tool call or its output; a step is one round of tool calls within one user
    request. `attempts` bounds the tries of one model call.
    """

    max_turns: int = Field(default=200, ge=1)
    max_steps: int = Field(default=30, ge=1)
    attempts: int = Field(default=3, ge=1)


class FlawRates(Value):
    """How often the rule-based assistant errs, as probabilities a user request."""

    needless_question: float = Field(default=0.10, ge=0, le=1)
    half_done: float = Field(default=0.05, ge=0, le=1)
    wrong_row: float = Field(default=0.03, ge=0, le=1)
    misreported_value: float = Field(default=0.03, ge=0, le=1)


class ModelChoice(Value):
    """What answers a role's calls. `params` go into the request as they are."""

    provider: str = "rule-based"
    model: str = "rule-based"
    params: JsonObject = freeze({})


class RunConfig(Value):
    """What a run generates. `tasks` is the number of tasks a trajectory."""

    seed: int = Field(ge=0)
    count: int = Field(ge=1)
    tasks: int = Field(default=2, ge=1, le=20)
    pipeline: str = "user-oriented+execution"
    limits: Limits = Limits()
    flaws: FlawRates = FlawRates()
    user: ModelChoice = ModelChoice()
    assistant: ModelChoice = ModelChoice()
    behaviours: JsonObject = freeze({})
