"""Where a dialogue begins and ends, and what it works with.

What is mounted stands here by digest only; the values themselves are in the streams
of preparation and in blobs.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.event import By, Event, Ref
from eventsim.core.values import Json, JsonObject, Value, freeze

__all__ = [
    "Behaviour",
    "BehaviourDrawn",
    "ClockSet",
    "EnvironmentMounted",
    "Kept",
    "PersonaAssigned",
    "PolicySet",
    "TaskAssigned",
    "ToolsetMounted",
    "TrajectoryEnded",
    "TrajectoryForked",
    "TrajectoryImported",
    "TrajectoryStarted",
]


class TrajectoryStarted(Event):
    """The root of a dialogue; `preparation` is the stream of its tasks. It mounts that
    stream as it is at that version; one that failed ends the dialogue at once.
    """

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


class Kept(Value):
    """A value of an imported row that no event says, at a JSON pointer (RFC 6901) in
    what the events give back; `absent` where they give back more than the row had.
    """

    at: str
    value: Json = None
    absent: bool = False


class TrajectoryImported(Event):
    """The root of a dialogue that was made elsewhere: row `row` (from 1) of the file
    that the import's stream names. The given events after it say what the row says;
    written in its `style`, and with what was `kept`, they give the row back as it was.
    `notes` are remarks of whoever read the row.
    """

    kind: Literal["trajectory.imported"] = "trajectory.imported"
    origin = "given"
    volatile = frozenset({"run", "preparation"})
    label: str
    index: int
    seed: int = 0
    lineage: str
    pipeline: str
    run: Ref
    preparation: Ref
    row: int
    row_id: str = ""
    style: JsonObject = freeze({})
    kept: tuple[Kept, ...] = ()
    notes: tuple[str, ...] = ()


class TrajectoryForked(Event):
    """A new stream that continues another after `position` of its path.

    It stands on what its parent stands on, unless it names another `run` (then it is
    number `index` of that one), `preparation` or `pipeline`.
    """

    kind: Literal["trajectory.forked"] = "trajectory.forked"
    kind_version = 2
    origin = "given"
    volatile = frozenset({"parent", "run", "preparation"})
    label: str
    parent: Ref
    position: int
    seed: int
    lineage: str
    run: Ref | None = None
    index: int | None = None
    preparation: Ref | None = None
    pipeline: str = ""


class TrajectoryEnded(Event):
    """Nothing more happens on this path, unless it is forked."""

    kind: Literal["trajectory.ended"] = "trajectory.ended"
    kind_version = 2
    reason: Literal[
        "completed",
        "turn_limit",
        "step_limit",
        "token_limit",
        "time_limit",
        "context_limit",
        "model_failed",
        "model_rejected",
        "not_prepared",
    ]
    detail: str = ""


class EnvironmentMounted(Event):
    """What executes the calls: a private copy of a database, identified by the digest
    of its rows, or (without an image) tools that a model plays. `external` is the
    digest of the external environments beside it.
    """

    kind: Literal["environment.mounted"] = "environment.mounted"
    kind_version = 2
    volatile = frozenset({"preparation"})
    name: str
    image: str = ""
    rows_digest: str = ""
    sqlite_version: str = ""
    external: str = ""
    preparation: Ref


class ToolsetMounted(Event):
    """The tools on offer, by digest, in the order of the request."""

    kind: Literal["toolset.mounted"] = "toolset.mounted"
    volatile = frozenset({"preparation"})
    names: tuple[str, ...]
    digests: tuple[str, ...]
    preparation: Ref


class PolicySet(Event):
    """The assistant's instructions: SHA-256 of the text that the preparation holds."""

    kind: Literal["policy.set"] = "policy.set"
    sha256: str


class PersonaAssigned(Event):
    """How the user is and speaks, and in which language; `by` as in messages."""

    kind: Literal["persona.assigned"] = "persona.assigned"
    kind_version = 2
    name: str
    description: str
    language: str = "English"
    by: By = ""


class ClockSet(Event):
    """The time inside the dialogue, ISO 8601, UTC; tools see it as the current one."""

    kind: Literal["clock.set"] = "clock.set"
    now: str


class TaskAssigned(Event):
    """The user's next goal: task number `number` (from 1) of the preparation. `begun`
    counts messages before it that are about it: those it was inferred from. `by` says
    who gave it where the pipeline did not.
    """

    kind: Literal["task.assigned"] = "task.assigned"
    kind_version = 2
    volatile = frozenset({"preparation"})
    number: int
    title: str
    digest: str
    begun: int = 0
    by: By = ""
    preparation: Ref


class Behaviour(Value):
    """A rule that shapes a message, and what it tells the user."""

    rule: str
    instruction: str


class BehaviourDrawn(Event):
    """The rules that shape the user's next message, in the order of its prompt."""

    kind: Literal["behaviour.drawn"] = "behaviour.drawn"
    kind_version = 2
    rules: tuple[Behaviour, ...]
