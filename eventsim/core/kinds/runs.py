"""What was planned: the kinds of a run's stream.

A run knows everything that is needed to go on with it: what was planned and never
begun is found by comparing its first event with the trajectories that are there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from eventsim.core.event import Event, Ref
from eventsim.core.tools import Requestor
from eventsim.core.values import JsonObject, Value, digest_of, freeze

__all__ = [
    "EnvironmentSpec",
    "RunEnded",
    "RunStarted",
    "Source",
    "Start",
]


class EnvironmentSpec(Value):
    """An external environment, and how it is made anew: everything but where.

    `target` is `package.module:Class`, or the command line or URL of an MCP server.
    `settings` are the class's arguments, `setup` calls that follow, each a method with
    its arguments. `exclude` names tools that are not offered, `prefix` stands before
    those that are, `pass_env` names variables that its process may see, `key_env` the
    one that holds the bearer token of a URL. `version` is what it said of itself.
    `requestor` is whose tools these are. One that `keeps_state` by itself is mounted
    without repeating calls. A call may take `seconds` and answer with `characters`.
    """

    name: str
    kind: Literal["python", "mcp"]
    target: str
    settings: JsonObject = freeze({})
    setup: Annotated[tuple[Any, ...], AfterValidator(freeze)] = ()
    exclude: tuple[str, ...] = ()
    prefix: str = ""
    pass_env: tuple[str, ...] = ()
    version: str = ""
    key_env: str = ""
    requestor: Requestor = "assistant"
    keeps_state: bool = False
    seconds: float = 30.0
    characters: int = 200_000


class Source(Value):
    """What a run generates from: a database, seed tools of a domain, or (beside it or
    alone) external environments.

    Of a database, `image` is the blob of its bytes and `rows_digest` its identity. Of
    seeds, `seed_tools` is the blob of a JSON array of OpenAI function tools; it may
    hold none, when the domain's description in `about` is all there is.
    """

    name: str
    title: str
    image: str = ""
    rows_digest: str = ""
    sqlite_version: str = ""
    seed_tools: str = ""
    about: str = ""
    environments: tuple[EnvironmentSpec, ...] = ()

    @property
    def called(self) -> str:
        """What prompts call it, also where a conversation came without a title."""
        return self.title or "the service of this conversation"

    @property
    def identity(self) -> str:
        """What two sources of the same content share."""
        beside = self.environments_digest
        return "".join(filter(None, (self.rows_digest or self.seed_tools, beside)))

    @property
    def lasting(self) -> frozenset[str]:
        """The names of its environments that keep their state by themselves, and whose
        calls are never repeated.
        """
        return frozenset(each.name for each in self.environments if each.keeps_state)

    @property
    def environments_digest(self) -> str:
        """Of its external environments, "" where it has none."""
        if not self.environments:
            return ""
        return digest_of([each.model_dump(mode="json") for each in self.environments])


class Start(Value):
    """Where a trajectory begins that goes on from another: after `position` of its
    path, which ends in `parent`.
    """

    parent: Ref
    position: int
    label: str


class RunStarted(Event):
    """What was planned: everything that is needed to go on with the run.

    `config` is the whole configuration; `prompts` maps each role to the blob of its
    template; `sources` names the databases, each with the blob of its image.
    `identity` is the digest of these: equal plans are one run. `prepared` names, for
    each purpose, the run whose preparations are taken instead of new ones. `starts`
    are what its trajectories go on from, in turns; with `adds_tasks` they get more
    tasks than they had.
    """

    kind: Literal["run.started"] = "run.started"
    kind_version = 2
    origin = "given"
    volatile = frozenset({"versions", "prepared", "starts"})
    label: str
    identity: str
    config: JsonObject
    prompts: Annotated[dict[str, str], AfterValidator(freeze)]
    sources: tuple[Source, ...]
    prepared: Annotated[dict[str, Ref], AfterValidator(freeze)] = freeze({})
    starts: tuple[Start, ...] = ()
    adds_tasks: bool = False
    versions: JsonObject = freeze({})
    tags: tuple[str, ...] = ()


class RunEnded(Event):
    """Every planned trajectory has ended; what came of them is a fold."""

    kind: Literal["run.ended"] = "run.ended"
    origin = "given"
