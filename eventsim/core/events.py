"""The vocabulary: every event that a log can hold, one frozen class a kind.

An event is a fact in the past tense. Its `kind` is a stored literal, its payload is
everything else. `origin` says how replay treats it: *decided* events are computed
again and compared, *outcome* and *given* ones are taken as they were recorded.
`volatile` names the fields that a content digest leaves out: clocks, and references
whose hashes are salted. Adding a kind is its class here and one line in `KINDS`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from eventsim.core.changes import RowChange
from eventsim.core.tasks import Task, Witness
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import JsonObject, Value, canonical, freeze, sha256_hex

__all__ = [
    "DIALOGUE_KINDS",
    "KINDS",
    "AnyEvent",
    "Event",
    "Ref",
    "content_digest",
    "origin_of",
]

Origin = Literal["decided", "outcome", "given"]


class Ref(Value):
    """Points at the state of a stream after `version` records, `hash` its head."""

    stream: str
    version: int
    hash: str


class Event(Value):
    """Base of all kinds. Subclasses fix `kind`; payloads never repeat it."""

    kind_version: ClassVar[int] = 1
    origin: ClassVar[Origin] = "decided"
    volatile: ClassVar[frozenset[str]] = frozenset()
    kind: str

    def payload(self) -> bytes:
        """The stored JSON bytes: every field that is not at its default."""
        return self.__pydantic_serializer__.to_json(
            self, exclude={"kind"}, exclude_defaults=True
        )


def content_digest(event: Event) -> str:
    """SHA-256 of kind and payload without the volatile fields, in hex."""
    fields = event.model_dump(
        mode="json", exclude=set(event.volatile) | {"kind"}, exclude_defaults=True
    )
    return sha256_hex(event.kind.encode() + b"\0" + canonical(fields))


# --- runs ---------------------------------------------------------------------------


class RunStarted(Event):
    """What was planned: everything that is needed to go on with the run.

    `config` is the whole configuration; `prompts` maps each role to the blob of its
    template; `sources` names the databases, each with the blob of its image.
    `identity` is the digest of these: equal plans are one run.
    """

    kind: Literal["run.started"] = "run.started"
    origin = "given"
    volatile = frozenset({"versions"})
    label: str
    identity: str
    config: JsonObject
    prompts: Annotated[dict[str, str], AfterValidator(freeze)]
    sources: tuple[Source, ...]
    versions: JsonObject = freeze({})
    tags: tuple[str, ...] = ()


class RunEnded(Event):
    """Every planned trajectory has ended."""

    kind: Literal["run.ended"] = "run.ended"
    origin = "given"
    ended: int
    valid: int


class Source(Value):
    """A database: `image` is the blob of its bytes, `rows_digest` its identity."""

    name: str
    title: str
    image: str
    rows_digest: str
    sqlite_version: str
    about: str = ""


# --- preparation --------------------------------------------------------------------


class PreparationStarted(Event):
    """The head of a stream of tools (`purpose` tools) or of tasks for one trajectory.

    A stream of tasks refers to the stream its tools come from, and lists the digests
    of the tools that the trajectory is offered, in the order of the request; `policy`
    is a blob, `now` the time inside the dialogue.
    """

    kind: Literal["preparation.started"] = "preparation.started"
    origin = "given"
    volatile = frozenset({"run", "tools_from"})
    label: str
    purpose: Literal["tools", "tasks"]
    source: Source
    run: Ref | None = None
    index: int | None = None
    tools_from: Ref | None = None
    toolset: tuple[str, ...] = ()
    policy: str | None = None
    now: str = ""


class ToolDefined(Event):
    """A tool that was prepared and run once against the database."""

    kind: Literal["tool.defined"] = "tool.defined"
    origin = "given"
    tool: ToolDefinition


class ToolRejected(Event):
    """Something in the schema got no tool, and why."""

    kind: Literal["tool.rejected"] = "tool.rejected"
    origin = "given"
    name: str
    reason: str


class TaskCreated(Event):
    """A task that its witness proved possible and not trivial."""

    kind: Literal["task.created"] = "task.created"
    origin = "given"
    task: Task
    witness: Witness


class TaskRejected(Event):
    """A task that was drafted and not accepted, and why."""

    kind: Literal["task.rejected"] = "task.rejected"
    origin = "given"
    title: str
    reason: str


class PreparationEnded(Event):
    """The preparation is complete and may be mounted."""

    kind: Literal["preparation.ended"] = "preparation.ended"
    origin = "given"


# --- the ends of a trajectory -------------------------------------------------------


class TrajectoryStarted(Event):
    """The root of a dialogue; `preparation` is the stream of its tasks."""

    kind: Literal["trajectory.started"] = "trajectory.started"
    origin = "given"
    volatile = frozenset({"run", "preparation"})
    label: str
    index: int
    seed: int
    lineage: str
    pipeline: str
    run: Ref
    preparation: Ref


class TrajectoryForked(Event):
    """A new stream that continues another after `position` of its path."""

    kind: Literal["trajectory.forked"] = "trajectory.forked"
    origin = "given"
    volatile = frozenset({"parent"})
    label: str
    parent: Ref
    position: int
    seed: int
    lineage: str


class TrajectoryEnded(Event):
    """Nothing more happens on this path, unless it is forked."""

    kind: Literal["trajectory.ended"] = "trajectory.ended"
    reason: Literal[
        "completed", "turn_limit", "step_limit", "model_failed", "model_rejected"
    ]
    detail: str = ""


# --- what a dialogue works with -----------------------------------------------------


class EnvironmentMounted(Event):
    """A private copy of a database, identified by the digest of its rows."""

    kind: Literal["environment.mounted"] = "environment.mounted"
    volatile = frozenset({"preparation"})
    name: str
    image: str
    rows_digest: str
    sqlite_version: str
    preparation: Ref


class ToolsetMounted(Event):
    """The tools on offer, by digest, in the order of the request."""

    kind: Literal["toolset.mounted"] = "toolset.mounted"
    volatile = frozenset({"preparation"})
    names: tuple[str, ...]
    digests: tuple[str, ...]
    preparation: Ref


class PolicySet(Event):
    """The assistant's instructions; `text` is a blob."""

    kind: Literal["policy.set"] = "policy.set"
    text: str


class PersonaAssigned(Event):
    """How the user is and speaks."""

    kind: Literal["persona.assigned"] = "persona.assigned"
    name: str
    description: str


class ClockSet(Event):
    """The time inside the dialogue, ISO 8601, UTC; tools see it as the current one."""

    kind: Literal["clock.set"] = "clock.set"
    now: str


class TaskAssigned(Event):
    """The user's next goal: task number `number` (from 1) of the preparation."""

    kind: Literal["task.assigned"] = "task.assigned"
    volatile = frozenset({"preparation"})
    number: int
    title: str
    digest: str
    preparation: Ref


class BehaviourDrawn(Event):
    """A rule that shapes the user's next message."""

    kind: Literal["behaviour.drawn"] = "behaviour.drawn"
    rule: str
    instruction: str


# --- model calls --------------------------------------------------------------------


class Usage(Value):
    """Tokens, as the endpoint counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


class Answer(Value):
    """What came with an answer besides its text.

    `raw` is kept only where rendering the parsed answer does not give it back.
    `notes` are remarks of the provider that no other role may see.
    """

    model: str = ""
    response_id: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    latency_ms: int = 0
    raw: str | None = None
    notes: JsonObject = freeze({})


class ModelCalled(Event):
    """The intent to call a model; the request is rebuilt from the path before it.

    `ordinal` counts the role's calls on the path, `attempt` the tries of this one.
    """

    kind: Literal["model.called"] = "model.called"
    role: Literal["user", "assistant"]
    provider: str
    model: str
    request_sha256: str
    ordinal: int
    attempt: int
    seed: int
    params: JsonObject = freeze({})
    idempotency_key: str


class ModelFailed(Event):
    """No answer came; the attempt may be repeated."""

    kind: Literal["model.failed"] = "model.failed"
    origin = "outcome"
    volatile = frozenset({"latency_ms"})
    role: Literal["user", "assistant"]
    reason: str
    detail: str
    retryable: bool
    latency_ms: int = 0


class ModelRejected(Event):
    """An answer came that cannot enter the dialogue."""

    kind: Literal["model.rejected"] = "model.rejected"
    origin = "outcome"
    volatile = frozenset({"answer"})
    role: Literal["user", "assistant"]
    reason: str
    raw: str
    answer: Answer = Answer()


class ModelAbandoned(Event):
    """A call whose outcome will never be known; it may have been billed."""

    kind: Literal["model.abandoned"] = "model.abandoned"
    role: Literal["user", "assistant"]
    possibly_billed: bool


# --- the dialogue -------------------------------------------------------------------


class ToolCall(Value):
    """A call that the assistant asked for. `id` is ours, unique on the path;
    `given_id` is the endpoint's, `raw_arguments` its text where that differs from
    the canonical rendering of `arguments`.
    """

    id: str
    name: str
    arguments: JsonObject
    given_id: str | None = None
    raw_arguments: str | None = None


class UserMessaged(Event):
    """The user said something. `given` marks a person's or an edit's words."""

    kind: Literal["user.messaged"] = "user.messaged"
    origin = "outcome"
    volatile = frozenset({"answer"})
    text: str
    is_task_complete: bool = False
    given: bool = False
    answer: Answer = Answer()


class AssistantReplied(Event):
    """The assistant answered the user, or asked for tool calls, or both."""

    kind: Literal["assistant.replied"] = "assistant.replied"
    origin = "outcome"
    volatile = frozenset({"answer"})
    text: str = ""
    reasoning: str | None = None
    calls: tuple[ToolCall, ...] = ()
    answer: Answer = Answer()


class ToolCalled(Event):
    """Call `index` of the path's reply number `reply` (both from 0) is executed.

    Replies are counted, not placed, so that a resumed path says the same as one that
    was never interrupted.
    """

    kind: Literal["tool.called"] = "tool.called"
    reply: int
    index: int
    name: str
    tool: str | None


class ToolReturned(Event):
    """The result, verbatim as the assistant sees it, and what it did to rows."""

    kind: Literal["tool.returned"] = "tool.returned"
    origin = "outcome"
    volatile = frozenset({"duration_us"})
    reply: int
    index: int
    content: str
    is_error: bool = False
    changes: tuple[RowChange, ...] = ()
    duration_us: int = 0


class ToolAbandoned(Event):
    """A call whose outcome will never be known on this path; it is made again."""

    kind: Literal["tool.abandoned"] = "tool.abandoned"
    reply: int
    index: int


class Finding(Value):
    """One check and whether it held; `objective` is None for the frame."""

    check: str
    passed: bool
    objective: int | None = None
    detail: str = ""


class VerdictGiven(Event):
    """Whether a task was done. `proven` by its checks alone."""

    kind: Literal["verdict.given"] = "verdict.given"
    task: int
    judgment: Literal["valid", "invalid"]
    basis: Literal["proven", "judged"]
    findings: tuple[Finding, ...]


RunStarted.model_rebuild()

RunEvent = RunStarted | RunEnded
PreparationEvent = (
    PreparationStarted
    | ToolDefined
    | ToolRejected
    | TaskCreated
    | TaskRejected
    | PreparationEnded
)
DialogueEvent = (
    TrajectoryStarted
    | TrajectoryForked
    | TrajectoryEnded
    | EnvironmentMounted
    | ToolsetMounted
    | PolicySet
    | PersonaAssigned
    | ClockSet
    | TaskAssigned
    | BehaviourDrawn
    | ModelCalled
    | ModelFailed
    | ModelRejected
    | ModelAbandoned
    | UserMessaged
    | AssistantReplied
    | ToolCalled
    | ToolReturned
    | ToolAbandoned
    | VerdictGiven
)
AnyEvent = Annotated[
    RunEvent | PreparationEvent | DialogueEvent, Field(discriminator="kind")
]


def origin_of(event: Event) -> Origin:
    """How replay treats this very event: a person's words are given, not an outcome."""
    if isinstance(event, UserMessaged) and event.given:
        return "given"
    return event.origin


def _by_kind(*classes: Any) -> dict[str, type[Event]]:
    return {cls.model_fields["kind"].default: cls for cls in classes}


DIALOGUE_KINDS = _by_kind(*DialogueEvent.__args__)
KINDS: dict[str, type[Event]] = {
    **_by_kind(*RunEvent.__args__),
    **_by_kind(*PreparationEvent.__args__),
    **DIALOGUE_KINDS,
}
