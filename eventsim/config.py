"""One frozen configuration of a run: all that decides what is generated.

It is recorded whole in `run.started`. How fast the work is done (concurrency, where the
store is) is no part of it: the same configuration gives the same events. Keys are named
by the variable that holds them, never by value.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from eventsim.core.values import FrozenDict, JsonObject, Value, freeze

__all__ = [
    "BY_PYTHON",
    "EMBEDDED",
    "Endpoint",
    "EndpointProfile",
    "FlawRates",
    "Limits",
    "ModelChoice",
    "Price",
    "Role",
    "Roles",
    "RunConfig",
    "Timeouts",
    "ToolFaults",
]

EMBEDDED = "rule-based"
"""The endpoint that needs none: answers by rule, in this process."""

BY_PYTHON = "python:"
"""What the base URL of a provider begins with that is `package.module:name`."""

Role = Literal["user", "assistant", "tool", "judge", "tool_designer", "task_writer"]
Rate = Annotated[float, Field(ge=0, le=1)]


class Limits(Value):
    """What ends a trajectory early, with that as its reason.

    Turns and steps are those of PAPER.md: a turn is a user message, an assistant
    reply, a tool call or its output; a step is one round of tool calls within one user
    request. `attempts` bounds the tries of one model call that bring no answer,
    `samples` the answers that were rejected. `max_seconds` counts recorded latencies
    of model calls; `max_context_tokens` the input of one call, as the endpoint counted
    it.
    """

    max_turns: int = Field(default=200, ge=1)
    max_steps: int = Field(default=30, ge=1)
    attempts: int = Field(default=5, ge=1)
    samples: int = Field(default=4, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_seconds: float | None = Field(default=None, gt=0)
    max_context_tokens: int | None = Field(default=None, ge=1)


class FlawRates(Value):
    """How often the rule-based assistant errs, as probabilities a user request."""

    needless_question: Rate = 0.10
    half_done: Rate = 0.05
    wrong_row: Rate = 0.03
    misreported_value: Rate = 0.03


class ToolFaults(Value):
    """How often a tool call is made to fail on purpose, as probabilities a call.

    The first four replace the call, which is not executed; the others change what the
    assistant sees of a read that was executed.
    """

    timeout: Rate = 0.0
    rate_limit: Rate = 0.0
    server_error: Rate = 0.0
    permission_denied: Rate = 0.0
    stale: Rate = 0.0
    partial: Rate = 0.0
    schema_drift: Rate = 0.0
    empty: Rate = 0.0


class Timeouts(Value):
    """How long a model call may take: to connect, until its first byte, in all."""

    connect_s: float = Field(default=10.0, gt=0)
    first_byte_s: float = Field(default=300.0, gt=0)
    total_s: float = Field(default=600.0, gt=0)


class Price(Value):
    """US dollars a million tokens; cached input counts as input where not given."""

    input_usd: float = Field(ge=0)
    output_usd: float = Field(ge=0)
    cached_input_usd: float | None = Field(default=None, ge=0)


class EndpointProfile(Value):
    """What an endpoint can do with one model; requests are shaped by it.

    `tools`: native, or *prompted* (tools in the prompt, the next action as structured
    output). `structured`: how a JSON answer is asked for: by `response_format` of type
    json_schema, by one of type json_object that holds the schema too
    (`json_object_schema`), by one without, or (`prompt`) by words alone.
    `reasoning_back`: the field in which reasoning goes back inside a tool loop, or "".
    """

    tools: Literal["native", "prompted"] = "native"
    structured: Literal[
        "json_schema", "json_object_schema", "json_object", "prompt"
    ] = "json_schema"
    reasoning_back: Literal["", "reasoning", "reasoning_content"] = ""
    seed: bool = True
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


class Endpoint(Value):
    """Where models answer: a URL, or `python:package.module:name`, a provider that
    somebody else wrote. `key_env` names the variable that holds the key; an empty
    name sends none. `profile` fixes fields of `EndpointProfile`; the others are probed.
    `prices` are by model, before the price list's. `concurrency` is the most calls at
    a time.
    """

    base_url: str
    key_env: str = "OPENAI_API_KEY"
    profile: JsonObject = freeze({})
    timeouts: Timeouts = Timeouts()
    prices: Annotated[dict[str, Price], AfterValidator(freeze)] = freeze({})
    concurrency: int = Field(default=64, ge=1)

    @field_validator("base_url")
    @classmethod
    def _plain(cls, url: str) -> str:
        if url.startswith(BY_PYTHON):
            return url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("base_url must be an http or https URL")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(
                "base_url must hold no user, password or query: it is recorded; "
                "put the key into the variable that key_env names"
            )
        return url.rstrip("/")

    @field_validator("profile")
    @classmethod
    def _known(cls, fields: FrozenDict) -> FrozenDict:
        EndpointProfile.model_validate(fields)
        return fields


class ModelChoice(Value):
    """What answers a role's calls. `params` go into the request as they are:
    temperature, top_p, max_tokens, reasoning_effort, and whatever else the endpoint
    takes. `seed`: drawn for each call, fixed, or (None) not sent.
    """

    endpoint: str = EMBEDDED
    model: str = EMBEDDED
    params: JsonObject = freeze({})
    seed: int | Literal["drawn"] | None = "drawn"


class Roles(Value):
    """Each role's model: they may all differ."""

    user: ModelChoice = ModelChoice()
    assistant: ModelChoice = ModelChoice()
    tool: ModelChoice = ModelChoice()
    judge: ModelChoice = ModelChoice()
    tool_designer: ModelChoice = ModelChoice()
    task_writer: ModelChoice = ModelChoice()

    def of(self, role: Role) -> ModelChoice:
        """The choice for a role."""
        choice: ModelChoice = getattr(self, role)
        return choice

    def all(self) -> dict[str, ModelChoice]:
        """Every role with its choice."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class RunConfig(Value):
    """What a run generates. `tasks` is the number of tasks a trajectory; a run whose
    `count` is 0 is what forks stand on whose configuration was changed.

    `tools_by` and `tasks_by` choose, for databases, between generators by rule (each
    task proven) and the stages of PAPER.md; tools that are played by a model always
    come from the stages. `stages` replaces single stages: name to `package.module:name`
    or to the name of a plug-in. A run that goes on from a conversation may write
    `more_tools` that fit it. `questions` is how many are asked for at a time,
    `toolsets` how many toolsets a run prepares (one for every four trajectories if
    None). `behaviours`, `personas` and `languages` are weights by name. `keep` asks for
    what some endpoints return beside the answer.
    """

    seed: int = Field(ge=0)
    count: int = Field(ge=0)
    tasks: int = Field(default=2, ge=1, le=20)
    pipeline: str = "user-oriented+execution"
    limits: Limits = Limits()
    flaws: FlawRates = FlawRates()
    faults: ToolFaults = ToolFaults()
    endpoints: Annotated[dict[str, Endpoint], AfterValidator(freeze)] = freeze({})
    roles: Roles = Roles()
    tools_by: Literal["rules", "models"] = "rules"
    tasks_by: Literal["rules", "models"] = "rules"
    stages: JsonObject = freeze({})
    more_tools: bool = False
    questions: int = Field(default=20, ge=1, le=100)
    toolsets: int | None = Field(default=None, ge=1)
    difficulty: Literal["easy", "medium", "hard", "mixed"] = "mixed"
    behaviours: JsonObject = freeze({})
    personas: JsonObject = freeze({})
    languages: JsonObject = freeze({})
    user_sees_tool_results: bool = False
    keep: tuple[Literal["logprobs", "token_ids", "fingerprint"], ...] = ()
