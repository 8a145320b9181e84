"""The vocabulary: every event that a log can hold, in one union and one registry.

The classes stand in `kinds/`, by what they are about; other modules take them from
here. Adding a kind is its class there and its place in a union here.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from eventsim.core.event import By, Event, Origin, Ref, Withheld, content_digest
from eventsim.core.kinds.dialogue import (
    AssistantReplied,
    Finding,
    ToolAbandoned,
    ToolCall,
    ToolCalled,
    ToolReturned,
    UserMessaged,
    VerdictGiven,
    asked_calls,
)
from eventsim.core.kinds.imports import ImportEnded, ImportStarted, RowRejected
from eventsim.core.kinds.models import (
    Answer,
    EndpointProfiled,
    ModelAbandoned,
    ModelAnswered,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    Usage,
)
from eventsim.core.kinds.notes import NoteAdded
from eventsim.core.kinds.preparation import (
    PolicyWritten,
    PreparationEnded,
    PreparationStarted,
    QuestionsGenerated,
    StageEnded,
    TaskCreated,
    TaskRejected,
    ToolDefined,
    ToolOutputPredicted,
    ToolRejected,
)
from eventsim.core.kinds.runs import (
    EnvironmentSpec,
    RunEnded,
    RunStarted,
    Source,
    Start,
)
from eventsim.core.kinds.trajectory import (
    Behaviour,
    BehaviourDrawn,
    ClockSet,
    EnvironmentMounted,
    Kept,
    PersonaAssigned,
    PolicySet,
    TaskAssigned,
    ToolsetMounted,
    TrajectoryEnded,
    TrajectoryForked,
    TrajectoryImported,
    TrajectoryStarted,
)
from eventsim.core.kinds.upkeep import (
    BundleTaken,
    PayloadRedacted,
    Pruned,
    StreamsPruned,
)

__all__ = [
    "DIALOGUE_KINDS",
    "KINDS",
    "Answer",
    "AnyEvent",
    "AssistantReplied",
    "Behaviour",
    "BehaviourDrawn",
    "BundleTaken",
    "By",
    "ClockSet",
    "DialogueEvent",
    "EndpointProfiled",
    "EnvironmentMounted",
    "EnvironmentSpec",
    "Event",
    "Finding",
    "ImportEnded",
    "ImportStarted",
    "Kept",
    "ModelAbandoned",
    "ModelAnswered",
    "ModelCalled",
    "ModelEvent",
    "ModelFailed",
    "ModelRejected",
    "NoteAdded",
    "Origin",
    "PayloadRedacted",
    "PersonaAssigned",
    "PolicySet",
    "PolicyWritten",
    "PreparationEnded",
    "PreparationEvent",
    "PreparationStarted",
    "Pruned",
    "QuestionsGenerated",
    "Ref",
    "RowRejected",
    "RunEnded",
    "RunEvent",
    "RunStarted",
    "Source",
    "StageEnded",
    "Start",
    "StreamsPruned",
    "TaskAssigned",
    "TaskCreated",
    "TaskRejected",
    "ToolAbandoned",
    "ToolCall",
    "ToolCalled",
    "ToolDefined",
    "ToolOutputPredicted",
    "ToolRejected",
    "ToolReturned",
    "ToolsetMounted",
    "TrajectoryEnded",
    "TrajectoryForked",
    "TrajectoryImported",
    "TrajectoryStarted",
    "UpkeepEvent",
    "Usage",
    "UserMessaged",
    "VerdictGiven",
    "Withheld",
    "asked_calls",
    "content_digest",
    "origin_of",
]

RunEvent = RunStarted | EndpointProfiled | RunEnded
ImportEvent = ImportStarted | RowRejected | ImportEnded
ModelEvent = ModelCalled | ModelFailed | ModelRejected | ModelAbandoned
PreparationEvent = (
    PreparationStarted
    | QuestionsGenerated
    | ToolDefined
    | ToolOutputPredicted
    | ToolRejected
    | PolicyWritten
    | TaskCreated
    | TaskRejected
    | StageEnded
    | PreparationEnded
    | ModelAnswered
    | ModelEvent
)
DialogueEvent = (
    TrajectoryStarted
    | TrajectoryImported
    | TrajectoryForked
    | TrajectoryEnded
    | EnvironmentMounted
    | ToolsetMounted
    | PolicySet
    | PersonaAssigned
    | ClockSet
    | TaskAssigned
    | BehaviourDrawn
    | ModelEvent
    | UserMessaged
    | AssistantReplied
    | ToolCalled
    | ToolReturned
    | ToolAbandoned
    | VerdictGiven
)
UpkeepEvent = PayloadRedacted | StreamsPruned | BundleTaken
AnyEvent = Annotated[
    RunEvent | ImportEvent | PreparationEvent | DialogueEvent | NoteAdded | UpkeepEvent,
    Field(discriminator="kind"),
]


def origin_of(event: Event) -> Origin:
    """How replay treats this very event: a person's words are given, a task's question
    is decided, a judge's verdict is an outcome.
    """
    match event:
        case UserMessaged(given=True) | ToolDefined(given=True):
            return "given"
        case (
            AssistantReplied()
            | ToolCalled()
            | ToolReturned()
            | TaskAssigned()
            | PersonaAssigned()
        ) if event.by:
            return "given"
        case UserMessaged(asked=True):
            return "decided"
        case VerdictGiven(basis="judged"):
            return "outcome"
    return event.origin


def _by_kind(*classes: Any) -> dict[str, type[Event]]:
    return {cls.model_fields["kind"].default: cls for cls in classes}


DIALOGUE_KINDS = _by_kind(*DialogueEvent.__args__)
KINDS: dict[str, type[Event]] = {
    **_by_kind(*RunEvent.__args__),
    **_by_kind(*ImportEvent.__args__),
    **_by_kind(*PreparationEvent.__args__),
    **DIALOGUE_KINDS,
    **_by_kind(NoteAdded, *UpkeepEvent.__args__),
}
