"""What trajectories stand on, and what came of many of them: for comparing. Pure.

Configuration, prompts, tools and the rest are facts by name, so that two can be
compared fact by fact; many are rows of a table, and runs are compared task by task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eventsim.core.changes import net
from eventsim.core.events import ToolReturned
from eventsim.core.values import encode, sha256_hex
from eventsim.run.compare import common_length, lines_of
from eventsim.run.paths import Opened
from eventsim.run.statistics import outcome

__all__ = ["Row", "TaskPair", "differing", "facts_of", "rows_of", "tasks_of_runs"]


def facts_of(opened: Opened) -> dict[str, str]:
    """What the end of a path stands on, in words."""
    state, materials = opened.state, opened.materials
    config = materials.config
    facts = {
        "pipeline": opened.footing.pipeline,
        "seed": str(state.seed),
        "policy": materials.policy_sha256[:12],
        "clock": state.clock or "",
        "persona": state.persona.name if state.persona else "",
        "database": materials.source.name,
        "rows": materials.source.rows_digest[:12],
    }
    for role, choice in config.roles.all().items():
        params = encode(choice.params).decode() if choice.params else ""
        endpoint = config.endpoints.get(choice.endpoint)
        place = f"at {endpoint.base_url}" if endpoint is not None else ""
        facts[f"model of {role}"] = " ".join(
            filter(None, (choice.model, place, params))
        )
    for name, text in materials.prompts.items():
        facts[f"prompt {name}"] = sha256_hex(text.encode())[:12]
    for tool in materials.toolset:
        facts[f"tool {tool.name}"] = tool.digest[:12]
    for number, task in enumerate(materials.tasks, 1):
        facts[f"task {number}"] = task.title
    return facts


def differing(
    left: Mapping[str, str], right: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """(name, left, right) of each fact that is not the same; "" where there is none."""
    names = [*left, *(name for name in right if name not in left)]
    return [
        (name, left.get(name, ""), right.get(name, ""))
        for name in names
        if left.get(name, "") != right.get(name, "")
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One of many trajectories: `common` counts the records that it shares with the
    first, `parts_at` is where it first says something else.
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


@dataclass(frozen=True, slots=True)
class TaskPair:
    """A task in two runs: what was made of it on either side, "" where it was not."""

    index: int
    number: int
    title: str
    left: str
    right: str
    same_task: bool
    left_turns: int
    right_turns: int


def tasks_of_runs(left: Iterable[Opened], right: Iterable[Opened]) -> list[TaskPair]:
    """The tasks of two runs, trajectory by trajectory, in their order."""
    mine, yours = _by_index(left), _by_index(right)
    pairs = []
    for index in sorted({*mine, *yours}):
        one, other = mine.get(index), yours.get(index)
        count = max(len(o.materials.tasks) if o else 0 for o in (one, other))
        for number in range(1, count + 1):
            a, b = _title(one, number), _title(other, number)
            pairs.append(
                TaskPair(
                    index=index,
                    number=number,
                    title=a or b,
                    left=_judged(one, number),
                    right=_judged(other, number),
                    same_task=a == b,
                    left_turns=one.state.turns if one else 0,
                    right_turns=other.state.turns if other else 0,
                )
            )
    return pairs


def _by_index(paths: Iterable[Opened]) -> dict[int, Opened]:
    return {o.state.number: o for o in paths if o.state.number is not None}


def _title(opened: Opened | None, number: int) -> str:
    if opened is None or number > len(opened.materials.tasks):
        return ""
    return opened.materials.tasks[number - 1].title


def _judged(opened: Opened | None, number: int) -> str:
    if opened is None:
        return ""
    found = [v.judgment for v in opened.state.verdicts if v.task == number]
    return found[-1] if found else "not reached"
