"""A plan: settings with their origins, models, and what a run is expected to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console

from eventsim.cli.render.columns import counted, print_table
from eventsim.config import EMBEDDED
from eventsim.core.values import encode
from eventsim.pipelines.registry import roles_of
from eventsim.run.expected import Estimate, Line
from eventsim.run.settings.layers import dotted
from eventsim.run.settings.resolving import Setting, Settings

__all__ = ["plan_as_json", "print_plan"]


def print_plan(console: Console, settings: Settings, expected: Estimate) -> None:
    """Settings that are no defaults, models, the estimate, and what it assumes."""
    _settings(console, settings)
    console.print()
    _models(console, settings)
    console.print()
    _expected(console, expected.lines)
    console.print()
    console.print(
        "An estimate; nothing was called. It assumes:", style="bold", soft_wrap=True
    )
    for sentence in expected.assumed:
        console.print(f"- {sentence}", soft_wrap=True)


def _settings(console: Console, settings: Settings) -> None:
    said = [each for each in settings.every if each.origin is not None]
    rows = [
        (
            dotted(each.path),
            _value(each.value),
            each.origin.place if each.origin else "",
        )
        for each in said
    ]
    if settings.seed_drawn:
        rows.append(("seed", "drawn", "anew for each run"))
    print_table(console, ["setting", "value", "from"], rows)
    left = len(settings.every) - len(said)
    console.print(f"and {counted(left, 'default')}; --json lists them all", style="dim")


def _models(console: Console, settings: Settings) -> None:
    config = settings.run_config
    rows = []
    for role in roles_of(config):
        choice = config.roles.of(role)
        if choice.endpoint == EMBEDDED:
            rows.append((role, "by rule", "in this process", ""))
            continue
        where = config.endpoints[choice.endpoint].base_url
        params = ", ".join(f"{k} {_value(v)}" for k, v in choice.params.items())
        rows.append((role, choice.model, where, params))
    print_table(console, ["role", "model", "at", "parameters"], rows)


def _expected(console: Console, lines: Sequence[Line]) -> None:
    headings = ["expected", "stage", "calls", "input", "repeated", "output", "cost"]
    rows = [_row(each.role, each.stage, [each]) for each in lines]
    paid = [each for each in lines if each.is_paid]
    if len(paid) < len(lines):
        rows.append(_row("in all", "", lines))
    if paid:
        name = "in all" if len(paid) == len(lines) else "over endpoints"
        rows.append(_row(name, "", paid))
    print_table(console, headings, rows, right=headings[2:])
    less = _sum(each.cached_cost_usd for each in paid)
    most = _sum(each.cost_usd for each in paid)
    if most and less is not None and less < most:
        console.print()
        console.print(
            f"The cost is without a cache; with all that is repeated cached, "
            f"{_dollars(less)}.",
            soft_wrap=True,
        )


def _row(name: str, stage: str, lines: Sequence[Line]) -> tuple[str, ...]:
    return (
        name,
        stage,
        f"{sum(each.calls for each in lines):,}",
        f"{sum(each.input_tokens for each in lines):,}",
        f"{sum(each.repeated_tokens for each in lines):,}",
        f"{sum(each.output_tokens for each in lines):,}",
        _cost(lines),
    )


def _cost(lines: Sequence[Line]) -> str:
    paid = [each for each in lines if each.is_paid]
    if not paid:
        return "none"
    known = [each.cost_usd for each in paid if each.cost_usd is not None]
    if not known:
        return "no price known"
    more = " and more, of unknown price" if len(known) < len(paid) else ""
    return f"{_dollars(sum(known))}{more}"


def _dollars(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}"


def _sum(costs: Iterable[float | None]) -> float | None:
    """None if one of them is not known."""
    total = 0.0
    for each in costs:
        if each is None:
            return None
        total += each
    return total


def _value(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


# --- JSON ---------------------------------------------------------------------------


def plan_as_json(settings: Settings, expected: Estimate) -> dict[str, Any]:
    """Every setting with its origin, the configuration as a run would record it, and
    the estimate.
    """
    paid = [each for each in expected.lines if each.is_paid]
    return {
        "settings": [_setting(each) for each in settings.every],
        "seed_drawn": settings.seed_drawn,
        "config": settings.run_config.model_dump(mode="json"),
        "expected": [_line(each) for each in expected.lines],
        "in_all": _total(expected.lines),
        "over_endpoints": {
            **_total(paid),
            "cost_usd": _sum(each.cost_usd for each in paid),
            "cached_cost_usd": _sum(each.cached_cost_usd for each in paid),
        },
        "assumed": list(expected.assumed),
    }


def _setting(each: Setting) -> dict[str, Any]:
    origin = each.origin._asdict() if each.origin is not None else None
    value = orjson.loads(encode(each.value))
    return {"name": dotted(each.path), "value": value, "origin": origin}


def _total(lines: Sequence[Line]) -> dict[str, Any]:
    names = ("calls", "input_tokens", "repeated_tokens", "output_tokens")
    return {name: sum(getattr(each, name) for each in lines) for name in names}


def _line(each: Line) -> dict[str, Any]:
    return {name: getattr(each, name) for name in Line.__dataclass_fields__}
