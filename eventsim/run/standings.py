"""What trajectories and runs stand on, and what came of many of them. Pure.

Configuration, prompts, tools and the rest are facts by name, so that any number of
sides can be compared fact by fact; many trajectories are also rows of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from eventsim.config import EndpointProfile, RunConfig
from eventsim.core.changes import net
from eventsim.core.events import ImportStarted, RunStarted, Source, ToolReturned
from eventsim.core.tasks import Task
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of, encode, freeze, sha256_hex
from eventsim.run.compare import common_length, lines_of
from eventsim.run.paths import Opened
from eventsim.run.statistics import outcome

__all__ = [
    "Difference",
    "Fact",
    "Row",
    "differing",
    "facts_of",
    "facts_of_run",
    "rows_of",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """`value` says it in a few words; `parts` are the texts behind it, by name. An
    `opaque` value is a digest, which tells people only whether it is the same.
    """

    value: str
    parts: Mapping[str, str] = freeze({})
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that is not the same on all sides: a value a side, None where it has none.

    Of two sides that both have it, `changed` names the parts that differ and `lines`
    says how: a unified diff of each, after `@@` and its name if it has one.
    """

    what: str
    values: tuple[str | None, ...]
    versions: tuple[int, ...]
    opaque: bool = False
    changed: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether the values alone do not say what differs."""
        there = [v for v in self.values if v is not None]
        return self.opaque or len(set(there)) < len({v for v in self.versions if v})


Facts = Mapping[str, Fact]


def differing(*sides: Facts) -> list[Difference]:
    """What is not the same on all sides, in the order in which the first has it."""
    names = dict.fromkeys(name for side in sides for name in side)
    found = []
    for name in names:
        facts = [side.get(name) for side in sides]
        if any(fact != facts[0] for fact in facts):
            found.append(_difference(name, facts))
    return found


def _difference(name: str, facts: Sequence[Fact | None]) -> Difference:
    kinds: list[Fact] = []
    for fact in facts:
        if fact is not None and fact not in kinds:
            kinds.append(fact)
    changed: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    if len(facts) == 2 and len(kinds) == 2:
        left, right = kinds[0].parts, kinds[1].parts
        parts = [p for p in {**left, **right} if left.get(p) != right.get(p)]
        changed = tuple(part for part in parts if part)
        lines = tuple(_lines(left, right, parts))
    return Difference(
        what=name,
        values=tuple(None if fact is None else fact.value for fact in facts),
        versions=tuple(0 if f is None else kinds.index(f) + 1 for f in facts),
        opaque=any(kind.opaque for kind in kinds),
        changed=changed,
        lines=lines,
    )


def _lines(
    left: Mapping[str, str], right: Mapping[str, str], parts: Sequence[str]
) -> Iterator[str]:
    for part in parts:
        if part:
            yield f"@@ {part}"
        old, new = left.get(part, ""), right.get(part, "")
        diff = unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")
        for number, line in enumerate(diff):
            if number > 2:
                yield "@@ …" if line.startswith("@@") else line


# --- what a trajectory stands on ----------------------------------------------------


def facts_of(opened: Opened) -> dict[str, Fact]:
    """What the end of a path stands on. One that was imported, and goes on from
    nothing, has no configuration.
    """
    state, materials = opened.state, opened.materials
    facts = _source_facts([materials.source])
    root = state.root
    imported = root is not None and root.kind == "trajectory.imported"
    if imported and root is not None and root.run == opened.footing.run:
        facts["configuration"] = Fact("none, for it was imported")
    else:
        facts["pipeline"] = Fact(opened.footing.pipeline)
        facts |= _model_facts(materials.config)
        facts |= _profile_facts(materials.config, materials.profiles)
        facts |= _prompt_facts(materials.prompts)
    facts["policy"] = _text(materials.policy)
    facts |= {f"tool {tool.name}": _tool(tool) for tool in materials.toolset}
    if state.persona is not None:
        about = f"{state.persona.name}: {state.persona.description}"
        facts["persona"] = Fact(about)
        facts["language"] = Fact(state.persona.language)
    facts["clock"] = Fact(state.clock or "")
    facts |= {f"task {n}": _task(t) for n, t in enumerate(materials.tasks, 1)}
    facts["seed"] = Fact(str(state.seed))
    if "configuration" not in facts:
        facts |= _setting_facts(materials.config, without={"count"})
    return facts


def facts_of_run(
    started: RunStarted | ImportStarted,
    prompts: Mapping[str, str],
    profiles: Mapping[tuple[str, str], EndpointProfile],
) -> dict[str, Fact]:
    """What a run was planned with, or which file an import took."""
    if isinstance(started, ImportStarted):
        return {
            "file": Fact(f"{started.file} ({started.file_sha256[:12]})"),
            "format": Fact(started.format),
            "configuration": Fact("none, for it was imported"),
        }
    config = RunConfig.model_validate(started.config)
    facts = _source_facts(started.sources)
    facts["pipeline"] = Fact(config.pipeline)
    facts |= _model_facts(config)
    facts |= _profile_facts(config, profiles)
    facts |= _prompt_facts(prompts)
    facts["seed"] = Fact(str(config.seed))
    facts |= _setting_facts(config, without=set())
    if started.starts:
        places = [f"{each.label}@{each.position}" for each in started.starts]
        facts["goes on from"] = Fact(", ".join(places))
    for what, ref in started.prepared.items():
        facts[f"{what} taken from"] = Fact(ref.stream[:12])
    return facts


def _source_facts(sources: Sequence[Source]) -> dict[str, Fact]:
    """Its databases or seeds, and the external environments beside them."""
    named = [f"{s.name} ({s.identity[:8]})" if s.identity else s.name for s in sources]
    facts = {"source": Fact(", ".join(named))}
    for source in sources:
        for each in source.environments:
            about = {"settings": encode(each.model_dump(mode="json")).decode()}
            facts[f"environment {each.name}"] = Fact(each.target, freeze(about))
    return facts


def _model_facts(config: RunConfig) -> dict[str, Fact]:
    facts = {}
    for role, choice in config.roles.all().items():
        endpoint = config.endpoints.get(choice.endpoint)
        place = f" at {endpoint.base_url}" if endpoint is not None else ""
        facts[f"model of {role}"] = Fact(choice.model + place)
    for role, choice in config.roles.all().items():
        for name, value in choice.params.items():
            facts[f"{name} of {role}"] = Fact(encode(value).decode())
        seed = "not sent" if choice.seed is None else str(choice.seed)
        facts[f"seed of {role}"] = Fact(seed)
    return facts


def _profile_facts(
    config: RunConfig, profiles: Mapping[tuple[str, str], EndpointProfile]
) -> dict[str, Fact]:
    """What the endpoints can do, by which requests are shaped."""
    usual = EndpointProfile()
    facts = {}
    for role, choice in config.roles.all().items():
        known = profiles.get((choice.endpoint, choice.model), usual)
        for name, value in known.model_dump(mode="json").items():
            facts[f"profile.{name} of {role}"] = Fact(encode(value).decode())
    return facts


def _prompt_facts(prompts: Mapping[str, str]) -> dict[str, Fact]:
    return {f"prompt {name}": _text(text) for name, text in prompts.items()}


def _setting_facts(config: RunConfig, *, without: set[str]) -> dict[str, Fact]:
    """The rest of the configuration, under the names that --set takes."""
    elsewhere = {"seed", "pipeline", "endpoints", "roles", *without}
    plain = config.model_dump(mode="json", exclude=elsewhere)
    return {name: Fact(value) for name, value in _leaves(plain, "")}


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else key)
    elif isinstance(value, str):
        yield name, value
    elif value is not None:
        yield name, encode(value).decode()


def _text(text: str) -> Fact:
    return Fact(sha256_hex(text.encode())[:12], freeze({"": text}), opaque=True)


def _tool(tool: ToolDefinition) -> Fact:
    """Description, each parameter, and how it is executed."""
    schema = tool.parameters
    properties = schema.get("properties")
    named = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required") or ()
    parts = {"description": tool.description}
    for name, value in named.items():
        needed = " (required)" if name in required else ""
        parts[f"parameter {name}"] = encode(value).decode() + needed
    rest = {k: v for k, v in schema.items() if k not in ("properties", "required")}
    parts["parameters"] = encode(rest).decode()
    parts["result"] = encode(tool.returns).decode()
    executed = tool.model_dump(
        mode="json",
        exclude={"name", "description", "parameters", "returns"},
        exclude_defaults=True,
    )
    parts["execution"] = encode(executed).decode() if executed else ""
    return Fact(tool.digest[:12], freeze(parts), opaque=True)


def _task(task: Task) -> Fact:
    """Its title, and all that stands behind it."""
    plain = task.model_dump(mode="json", exclude={"title", "goal", "objectives"})
    parts = {
        "goal": task.goal,
        "objectives": "\n".join(f"{o.number}. {o.text}" for o in task.objectives),
        **{name: encode(value).decode() for name, value in plain.items()},
    }
    return Fact(task.title or task.question or digest_of(plain)[:12], freeze(parts))


# --- many trajectories --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One of many trajectories: `common` counts the records that it shares with the
    first, `parts_at` is where it first says something else. `changes` counts the rows
    of the database that its whole path changed.
    """

    label: str
    common: int
    parts_at: int | None
    messages: int
    calls: int
    errors: int
    changes: int
    tokens: int
    cost_usd: float
    verdict: str
    tasks: tuple[str, ...]


def rows_of(paths: Sequence[Opened]) -> list[Row]:
    """A row for each; the first is what the others are compared with."""
    first = paths[0]
    said = [(line.speaker, line.text) for line in lines_of(first.events)]
    rows = []
    for opened in paths:
        lines = lines_of(opened.events)
        state = opened.state
        parts = next(
            (
                line.position
                for number, line in enumerate(lines)
                if number >= len(said) or (line.speaker, line.text) != said[number]
            ),
            None,
        )
        returned = [e for e in opened.events if isinstance(e, ToolReturned)]
        rows.append(
            Row(
                label=state.label,
                common=common_length(first.records, opened.records),
                parts_at=parts,
                messages=sum(bool(m.text) and m.call is None for m in state.messages),
                calls=len(returned),
                errors=sum(each.is_error for each in returned),
                changes=len(net(c for each in returned for c in each.changes)),
                tokens=state.tokens,
                cost_usd=state.cost_usd,
                verdict=outcome(state),
                tasks=tuple(v.judgment for v in state.verdicts),
            )
        )
    return rows
