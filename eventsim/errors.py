"""Every error that eventsim raises on purpose, in one tree.

    EventsimError
    ├── UsageError            the caller asked for something that makes no sense
    ├── NotFound              a trajectory, position, run or file that is not there
    ├── BadInput              a file or database that cannot be used
    ├── BudgetSpent           a run has spent what it may; resume it with more
    ├── PersonLeft            whoever played a role went away; the path stays open
    ├── LogError              the log cannot do what was asked
    │   ├── LogBusy           another process holds the writer's lock
    │   ├── LogConflict       expected_version did not match
    │   ├── LogCorrupt        damage below a durable offset: file, offset, stream
    │   ├── LogPoisoned       a write or fsync failed; reopen the store
    │   ├── Redacted          a payload that is needed was taken out
    │   └── LogTooNew         written by a newer major format
    ├── Diverged              replay computed something else than was recorded
    ├── EndpointDown          an endpoint keeps failing, or refuses our key
    └── ProviderFailure       a model call failed; becomes a `model.failed` event

Each message is one line that says what, where, and what to do. Foreign errors are
translated once, where the foreign call is made.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BadInput",
    "BudgetSpent",
    "Diverged",
    "EndpointDown",
    "EventsimError",
    "LogBusy",
    "LogConflict",
    "LogCorrupt",
    "LogError",
    "LogPoisoned",
    "LogTooNew",
    "NotFound",
    "PersonLeft",
    "ProviderFailure",
    "Redacted",
    "UsageError",
]


class EventsimError(Exception):
    """The root of the tree; its text is one line fit for a terminal."""


class UsageError(EventsimError):
    """The request itself makes no sense; exit code 2."""


class NotFound(EventsimError):
    """A trajectory, position, run or file that does not exist."""


class BadInput(EventsimError):
    """A file or database that cannot be used, and why."""


class BudgetSpent(EventsimError):
    """A run has spent what it may: it stops between calls, and resumes with more."""


class PersonLeft(EventsimError):
    """Whoever played a role went away: the path stays open, and can be resumed."""


class LogError(EventsimError):
    """The log cannot do what was asked."""


class LogBusy(LogError):
    """Another live process writes to this store."""


class LogConflict(LogError):
    """The stream has not the expected version."""


class LogCorrupt(LogError):
    """Damage below a durable offset."""

    def __init__(
        self,
        what: str,
        *,
        file: str,
        offset: int,
        stream: str | None = None,
        position: int | None = None,
    ) -> None:
        where = f"{file} at byte {offset}"
        if stream is not None:
            where += f", stream {stream}"
        if position is not None:
            where += f", position {position}"
        super().__init__(f"damaged log: {what} ({where})")
        self.what = what
        self.file = file
        self.offset = offset
        self.stream = stream
        self.position = position


class LogPoisoned(LogError):
    """A write or fsync failed; nothing more is accepted until the store reopens."""


class LogTooNew(LogError):
    """The store was written by a newer major format."""


class Redacted(LogError):
    """What a payload said is needed, and it was taken out."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"position {position} was redacted (eventsim show T --as events says why); "
            "nothing can be decided after it, a fork before it can"
        )
        self.position = position


class Diverged(EventsimError):
    """Replay computed something else than was recorded."""

    def __init__(
        self, position: int, kind: str, field: str, recorded: str, computed: str
    ) -> None:
        super().__init__(
            f"diverged at position {position} ({kind}), field {field}: "
            f"recorded {recorded}, computed {computed}"
        )
        self.position = position
        self.kind = kind
        self.field = field
        self.recorded = recorded
        self.computed = computed


class Drifted(Diverged):
    """An environment answers otherwise now: a recorded call was made again, to mount
    it where a path stands. `environment` is the external one, "" for a database.
    """

    def __init__(
        self,
        position: int,
        tool: str,
        recorded: str,
        computed: str,
        *,
        environment: str = "",
    ) -> None:
        super().__init__(position, "tool.returned", "content", recorded, computed)
        where = f"the environment {environment}" if environment else "the database"
        advice = (
            "; --on-drift mark goes on all the same, with a note" if environment else ""
        )
        self.args = (
            f"{where} cannot be mounted as it was: {tool} at position {position} gave "
            f"{short(recorded)}, and gives {short(computed)} now{advice}",
        )
        self.tool, self.environment = tool, environment


def short(text: str) -> str:
    """The beginning of a text, as it stands in a line."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 100


class EndpointDown(EventsimError):
    """An endpoint keeps failing, or refuses our key: the run stops, and resumes."""


class ProviderFailure(EventsimError):
    """A model call that brought no answer.

    `status` is HTTP's, `retry_after_ms` what the endpoint asked for, `usage` the
    tokens of the failed call as the endpoint sent them: None where it sent none.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        *,
        retryable: bool,
        status: int | None = None,
        retry_after_ms: int | None = None,
        usage: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.retryable = retryable
        self.status = status
        self.retry_after_ms = retry_after_ms
        self.usage = usage
