"""The worlds of a preparation: the live one, and what was recorded of it.

An answer and what it means are one outcome, appended at once: a preparation is never
found half read.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.effects import CallModel, Effect
from eventsim.core.events import (
    Event,
    ModelAnswered,
    ModelFailed,
    ModelRejected,
    PolicyWritten,
    QuestionsGenerated,
    TaskCreated,
    TaskRejected,
    ToolDefined,
    ToolOutputPredicted,
    ToolRejected,
)
from eventsim.core.preparation import Preparation
from eventsim.errors import Diverged
from eventsim.pipelines.preparing import StageMaterials, derive, read_answer
from eventsim.pipelines.stage import Workbench
from eventsim.run.calling import Caller
from eventsim.run.recorded import Recorded, compare

__all__ = ["RecordedStages", "StageWorld"]

_DERIVED = (
    PolicyWritten,
    QuestionsGenerated,
    TaskCreated,
    TaskRejected,
    ToolDefined,
    ToolOutputPredicted,
    ToolRejected,
)


class StageWorld:
    """The models of the stages, and a trial copy of the database where there is one."""

    def __init__(
        self, caller: Caller, materials: StageMaterials, bench: Workbench | None
    ) -> None:
        self._caller = caller
        self._materials = materials
        self._bench = bench

    def given(self, _: Preparation) -> Sequence[Event]:
        """Nothing is given in the midst of a preparation."""
        return ()

    async def played(self, _effect: Effect, _: Preparation) -> Sequence[Event]:
        """Nobody plays a part of it."""
        return ()

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        """Raises: BudgetSpent."""
        await self._caller.admit(effect, wait_ms)

    def batches(self, effect: Effect) -> bool:
        """True where nothing leaves the process."""
        return self._caller.batches(effect)

    async def perform(self, effect: Effect, state: Preparation) -> Sequence[Event]:
        """Ask, read, and say what follows. Raises: EndpointDown."""
        assert isinstance(effect, CallModel)
        response = await self._caller.send(effect)
        if isinstance(response, ModelFailed):
            return (response,)
        stage = self._materials.stages[effect.intent.stage]
        event = read_answer(response.body, stage, state, self._materials)
        answer = await self._caller.complete(effect, event.answer, response)
        event = event.model_copy(update={"answer": answer})
        if isinstance(event, ModelRejected):
            return (event,)
        follows = derive(event, stage, state, self._materials, self._bench)
        return (event, *follows)


class RecordedStages(Recorded[Preparation]):
    """Answers are taken as they were; what follows from them is computed again and
    compared, where no database is needed for it or a `bench` is there.
    """

    def __init__(
        self,
        events: Sequence[Event],
        materials: StageMaterials,
        bench: Workbench | None = None,
    ) -> None:
        super().__init__(events)
        self._materials = materials
        self._bench = bench

    async def perform(self, effect: Effect, state: Preparation) -> Sequence[Event]:
        """The recorded outcome. Raises: Diverged, PathEnds."""
        assert isinstance(effect, CallModel)
        outcome = self.next_event
        if not isinstance(outcome, ModelAnswered | ModelFailed | ModelRejected):
            return ()
        if not isinstance(outcome, ModelAnswered):
            return (outcome,)
        recorded = self._following()
        stage = self._materials.stages[effect.intent.stage]
        if stage.needs_database and self._bench is None:
            return (outcome, *recorded)
        computed = derive(outcome, stage, state, self._materials, self._bench)
        for offset, (was, now) in enumerate(zip(recorded, computed, strict=False), 1):
            compare(self.position + offset, was, now)
        if len(recorded) != len(computed):
            lengths = str(len(recorded)), str(len(computed))
            raise Diverged(self.position, outcome.kind, "follows.length", *lengths)
        return (outcome, *computed)

    def _following(self) -> list[Event]:
        found: list[Event] = []
        for event in self.after_next:
            if not isinstance(event, _DERIVED):
                break
            found.append(event)
        return found
