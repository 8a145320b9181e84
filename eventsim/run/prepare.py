"""Preparation by rule: from a database to tools, and from tools to proven tasks.

Each such preparation is one stream, appended in one batch, so that it is there whole
or not at all. Tools are prepared once a database and shared by every run in the store;
tasks are prepared as their trajectory begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from eventsim.config import RunConfig
from eventsim.core.draws import Draws, lineage_of
from eventsim.core.events import (
    EnvironmentSpec,
    Event,
    PreparationEnded,
    PreparationStarted,
    Ref,
    Source,
    TaskCreated,
    TaskRejected,
    ToolDefined,
    ToolRejected,
)
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.policy import Policy, write_policy
from eventsim.environments.sql.schema import Schema, read_schema
from eventsim.environments.sql.tasks.writer import TaskPlan, write_tasks
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools
from eventsim.environments.sql.toolset import choose_toolset
from eventsim.errors import BadInput
from eventsim.log.store import Store
from eventsim.run.images import Images

__all__ = [
    "ByRule",
    "GoingOn",
    "Prepared",
    "Seedbed",
    "draft_tasks",
    "policy_of",
    "prepare_tasks",
    "prepare_tools",
    "reference_time",
    "source_of",
]

_EARLIEST = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seedbed:
    """What to generate from, and how the assistant is told of it: a database, or
    (without an image) the seed tools of a domain, OpenAI function tools; beside these
    or alone, external environments.
    """

    image: Image | None
    title: str
    about: str
    name: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()
    environments: tuple[EnvironmentSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database with its tools; `tools` is the stream that holds them."""

    source: Source
    image: Image
    schema: Schema
    generated: GeneratedTools
    tools: Ref


async def source_of(store: Store, bed: Seedbed) -> Source:
    """Keep the image or the seed tools in the store and say what they are."""
    image, beside = bed.image, bed.environments
    if image is None:
        alone = beside and not bed.tools
        return Source(
            name=bed.name,
            title=bed.title,
            about=bed.about,
            seed_tools="" if alone else await store.put_blob(encode(bed.tools)),
            environments=beside,
        )
    return Source(
        name=image.name,
        title=bed.title,
        about=bed.about,
        image=await store.put_blob(image.data),
        rows_digest=image.rows_digest,
        sqlite_version=image.sqlite_version,
        environments=beside,
    )


async def prepare_tools(store: Store, source: Source, image: Image) -> Prepared:
    """Make the tools of a database, or find the stream that already holds them."""
    schema = read_schema(image)
    generated = generate_tools(image, schema)
    digest = lineage_of(source.rows_digest, *(t.digest for t in generated.tools))
    label = f"tools-{digest[:12]}"
    for info in store.streams(family="preparation"):
        if info.label == label:
            return Prepared(source, image, schema, generated, store.head(info.stream))
    events: list[Event] = [
        PreparationStarted(label=label, purpose="tools", source=source),
        *(ToolRejected(name=name, reason=why) for name, why in generated.rejected),
        *(ToolDefined(tool=tool) for tool in generated.tools),
        PreparationEnded(),
    ]
    records = await store.append(None, events, expected_version=0)
    return Prepared(source, image, schema, generated, records[-1].ref)


class ByRule:
    """The tools of databases, made once a process and found in the store if there."""

    def __init__(self, store: Store, images: Images) -> None:
        self._store = store
        self._images = images
        self._prepared: dict[str, Prepared] = {}
        self._lock = anyio.Lock()

    async def of(self, source: Source) -> Prepared:
        """The tools of a source."""
        async with self._lock:
            if source.image not in self._prepared:
                image = await self._images.get(source)
                prepared = await prepare_tools(self._store, source, image)
                self._prepared[source.image] = prepared
        return self._prepared[source.image]


@dataclass(frozen=True, slots=True)
class Draft:
    """The tasks of one trajectory before they are recorded."""

    draws: Draws
    policy: Policy
    plan: TaskPlan
    now: str


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What a trajectory has that goes on: its preparation, and (over the same
    database) its tools and the time. `beside` are tools that it is offered as well,
    `policy` are its instructions; `rules` are what these mean, if that is known. Of
    the words that were `said` some name tools that it may want.
    """

    preparation: Ref
    toolset: tuple[ToolDefinition, ...] = ()
    now: str = ""
    beside: tuple[ToolDefinition, ...] = ()
    policy: str = ""
    rules: Policy | None = None
    said: frozenset[str] = frozenset()


def draft_tasks(
    index: int,
    config: RunConfig,
    of: Prepared,
    now: str = "",
    policy: Policy | None = None,
) -> Draft:
    """Write the tasks of trajectory `index`, always the same; `now` and `policy` where
    they are not drawn. Raises: BadInput when the database allows no task.
    """
    draws = Draws(config.seed, lineage_of("tasks", index))
    now = now or reference_time(draws)
    policy = policy or policy_of(of, draws)
    try:
        plan = write_tasks(
            of.image,
            of.schema,
            of.generated,
            draws=draws,
            count=config.tasks,
            policy=policy,
            now=now,
        )
    except BadInput as problem:
        raise BadInput(f"{of.source.name}: {problem}") from problem
    return Draft(draws, policy, plan, now)


async def prepare_tasks(
    store: Store,
    run: Ref,
    run_label: str,
    index: int,
    config: RunConfig,
    of: Prepared,
    *,
    going_on: GoingOn | None = None,
) -> Ref:
    """Write the tasks of trajectory `index` and choose the tools it is offered. One
    that is `going_on` keeps what it has and is offered what the new tasks need.

    Raises: BadInput when the database allows no task.
    """
    now, rules = ("", None) if going_on is None else (going_on.now, going_on.rules)
    draft = draft_tasks(index, config, of, now, rules)
    draws, policy, plan, now = draft.draws, draft.policy, draft.plan, draft.now
    said = going_on.said if going_on is not None else frozenset[str]()
    toolset = choose_toolset(of.generated, (*plan.needed, *_named(of, said)), draws)
    if going_on is not None and going_on.toolset:
        had = {tool.digest for tool in going_on.toolset}
        needed = [t for t in toolset if t.name in plan.needed and t.digest not in had]
        toolset = (*going_on.toolset, *needed)
    if going_on is not None:
        names = {tool.name for tool in going_on.beside}
        toolset = (*(t for t in toolset if t.name not in names), *going_on.beside)
    started = PreparationStarted(
        label=f"tasks-{run_label}-{index}",
        purpose="tasks",
        source=of.source,
        run=run,
        index=index,
        tools_from=of.tools,
        toolset=tuple(tool.digest for tool in toolset),
        policy=_together(going_on.policy if going_on else "", policy.text),
        now=now,
        continues=going_on.preparation if going_on else None,
    )
    events: list[Event] = [
        started,
        *(TaskRejected(title=title, reason=why) for title, why in plan.rejected),
        *(TaskCreated(task=task, witness=proof) for task, proof in plan.tasks),
        PreparationEnded(),
    ]
    records = await store.append(None, events, expected_version=0)
    return records[-1].ref


def policy_of(of: Prepared, draws: Draws) -> Policy:
    """The policy that a trajectory of these draws has."""
    return write_policy(of.schema, of.generated, draws, of.source.title)


def _together(before: str, policy: str) -> str:
    """Instructions stay what they were; what is new comes after them."""
    if not before or before == policy:
        return policy
    return f"{before}\n\n{policy}" if policy else before


def _named(of: Prepared, said: frozenset[str]) -> list[str]:
    """A few tools to look things up whose tables were spoken of."""
    found = []
    for name, purpose in of.generated.purposes.items():
        table = of.schema.by_name.get(purpose.table)
        looks = table is not None and purpose.family in ("search", "get", "list")
        if looks and table is not None and said & {table.words, table.plural}:
            found.append(name)
    return found[:_MOST_NAMED]


_MOST_NAMED = 6


def reference_time(draws: Draws) -> str:
    """The time inside a dialogue: a working hour of the first half of 2026."""
    day = _EARLIEST + timedelta(days=draws.integer("clock.day", below=170))
    minutes = 8 * 60 + draws.integer("clock.minute", below=9 * 60)
    return (day + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
