"""What a configuration may say: the shape of the YAML file, and every default.

The environment and flags fill the same shape. Numbers, texts and truth values are taken
as what they are and never converted, so that a slip is an error and not another value.
What it comes to for a run is made in `wiring.py`; what a setting means stands in
`explanations.py`.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from eventsim.config import EMBEDDED, FlawRates, Limits, Price, Timeouts, ToolFaults

__all__ = [
    "KEY_ENV",
    "Budget",
    "Document",
    "EndpointSettings",
    "EnvironmentSettings",
    "Kind",
    "Prepared",
    "ProfileSettings",
    "RoleSettings",
    "RolesSettings",
    "Sampling",
    "SourceChoice",
    "annotation_of",
    "kind_of",
    "names_in",
    "section_of",
]

KEY_ENV = "OPENAI_API_KEY"
"""The variable of the key where none is named."""

_MOST_SEED = 2**63 - 1


def _seed(value: Any) -> int | str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value in ("drawn", "none") or (whole and 0 <= value <= _MOST_SEED):
        return value  # type: ignore[no-any-return]
    raise ValueError("must be drawn, none, or a whole number from 0")


Text = Annotated[str, Field(min_length=1)]
ModelSeed = Annotated[int | str, PlainValidator(_seed)]
Weights = dict[str, Annotated[float, Field(ge=0)]]
Chances = dict[str, Annotated[float, Field(ge=0, le=1)]]


class _Shape(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )


class Sampling(_Shape):
    """The parameters of model calls; None is not sent, so that the endpoint decides."""

    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: Text | None = None
    seed: ModelSeed = "drawn"
    extra_body: dict[str, Any] = {}


class RoleSettings(_Shape):
    """What is particular to one role; None is as for every role."""

    model: Text | None = None
    endpoint: Text | None = None
    base_url: Text | None = None
    key_env: str | None = None
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: Text | None = None
    seed: ModelSeed | None = None
    extra_body: dict[str, Any] = {}


class RolesSettings(_Shape):
    """The roles by name, as in `eventsim.config.Roles`."""

    user: RoleSettings = RoleSettings()
    assistant: RoleSettings = RoleSettings()
    tool: RoleSettings = RoleSettings()
    judge: RoleSettings = RoleSettings()
    tool_designer: RoleSettings = RoleSettings()
    task_writer: RoleSettings = RoleSettings()


class ProfileSettings(_Shape):
    """Fields of `eventsim.config.EndpointProfile` that are known; None is probed."""

    tools: Literal["native", "prompted"] | None = None
    structured: (
        Literal["json_schema", "json_object_schema", "json_object", "prompt"] | None
    ) = None
    reasoning_back: Literal["", "reasoning", "reasoning_content"] | None = None
    seed: bool | None = None
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = None


class EndpointSettings(_Shape):
    """One endpoint by name; `default` is the one that `base_url` says."""

    base_url: Text | None = None
    key_env: str | None = None
    timeouts: Timeouts = Timeouts()
    concurrency: Annotated[int, Field(ge=1)] = 64
    prices: dict[str, Price] = {}
    profile: ProfileSettings = ProfileSettings()


class SourceChoice(_Shape):
    """What to generate from: one of these, or all that is built in and fits."""

    db: Text | None = None
    domain: Text | None = None
    seeds: Text | None = None
    description: Text | None = None


class EnvironmentSettings(_Shape):
    """An external environment; see `eventsim.core.events.EnvironmentSpec`.

    Of a URL `keeps_state` must be said: with true no call is ever repeated, which would
    have real effects on a service that lives on. An MCP server that keeps its state by
    session may say false: it is rebuilt in a new one.
    """

    target: Text
    settings: dict[str, Any] = {}
    requestor: Literal["assistant", "user"] = "assistant"
    prefix: str = ""
    exclude: list[Text] = []
    pass_env: list[Text] = []
    key_env: str = ""
    keeps_state: bool | None = None
    seconds: Annotated[float, Field(gt=0)] = 30.0
    characters: Annotated[int, Field(ge=1)] = 200_000


class Budget(_Shape):
    """The most that a run may take; it stops cleanly there, and can be resumed."""

    usd: Annotated[float, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None


class Prepared(_Shape):
    """Runs whose preparations are taken instead of made again."""

    questions: Text | None = None
    tools: Text | None = None
    tasks: Text | None = None


class Document(_Shape):
    """The whole configuration, as the file holds it."""

    preset: Text | None = None
    pipeline: Text = "user-oriented+execution"
    count: Annotated[int, Field(ge=1)] = 12
    tasks: Annotated[int, Field(ge=1, le=20)] = 2
    seed: Annotated[int, Field(ge=0, le=_MOST_SEED)] | None = None
    source: SourceChoice = SourceChoice()
    environments: dict[str, EnvironmentSettings] = {}
    model: Text | None = None
    base_url: Text | None = None
    key_env: str = KEY_ENV
    sampling: Sampling = Sampling()
    roles: RolesSettings = RolesSettings()
    endpoints: dict[str, EndpointSettings] = {}
    budget: Budget = Budget()
    tools_by: Literal["rules", "models"] = "rules"
    tasks_by: Literal["rules", "models"] = "rules"
    difficulty: Literal["easy", "medium", "hard", "mixed"] = "mixed"
    more_tools: bool = False
    questions: Annotated[int, Field(ge=1, le=100)] = 20
    toolsets: Annotated[int, Field(ge=1)] | None = None
    prepared: Prepared = Prepared()
    stages: dict[str, Text] = {}
    prompts: dict[str, Text] = {}
    user_sees_tool_results: bool = False
    personas: Weights = {}
    languages: Weights = {}
    behaviours: Chances = {}
    limits: Limits = Limits()
    flaws: FlawRates = FlawRates()
    faults: ToolFaults = ToolFaults()
    keep: list[Literal["logprobs", "token_ids", "fingerprint"]] = []
    tags: list[Text] = []
    store: Text = "runs"
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 16

    @property
    def calls_models(self) -> bool:
        """Whether any role was given a model, or an endpoint other than ours."""
        roles = [getattr(self.roles, name) for name in RolesSettings.model_fields]
        return self.model is not None or any(
            role.model or role.base_url or role.endpoint not in (None, EMBEDDED)
            for role in roles
        )


# --- what stands where --------------------------------------------------------------

Kind = Literal["section", "map", "text", "other"]
"""A section has names of its own, a map names that the user chooses."""


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The model class behind an annotation, if it is one."""
    plain = _plain(annotation)
    is_model = isinstance(plain, type) and issubclass(plain, BaseModel)
    return plain if is_model else None


def annotation_of(path: tuple[str, ...]) -> Any:
    """The annotation of a setting, None where there is no such setting."""
    current: Any = Document
    for name in path:
        section = section_of(current)
        if section is not None:
            field = section.model_fields.get(name)
            if field is None:
                return None
            current = field.annotation
        elif get_origin(_plain(current)) is dict:
            current = get_args(_plain(current))[1]
        else:
            return None if current is not Any else Any
    return current


def kind_of(path: tuple[str, ...]) -> Kind | None:
    """What stands at a path, None where there is no such setting."""
    annotation = annotation_of(path)
    if annotation is None:
        return None
    if section_of(annotation) is not None:
        return "section"
    plain = _plain(annotation)
    if get_origin(plain) is dict:
        return "map"
    literal_text = get_origin(plain) is Literal and all(
        isinstance(each, str) for each in get_args(plain)
    )
    return "text" if plain is str or literal_text else "other"


def names_in(path: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a section, empty where the user chooses them or none follow."""
    section = section_of(annotation_of(path)) if path else Document
    return tuple(section.model_fields) if section is not None else ()


def _plain(annotation: Any) -> Any:
    """Without `Annotated` and without None."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        some = [each for each in get_args(annotation) if each is not type(None)]
        return _plain(some[0]) if len(some) == 1 else annotation
    return annotation
