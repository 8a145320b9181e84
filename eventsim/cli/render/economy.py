"""What model calls took by role, and what came to nothing, as tables."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from eventsim.cli.render.columns import print_table
from eventsim.run.spending import Economy, Spending

__all__ = ["economy_as_json", "money", "print_economy"]


def print_economy(console: Console, economy: Economy) -> None:
    """Calls, tokens and cost by role; then failures and rejections."""
    headings = ["model calls", "calls", "in vain", "input", "cached", "output", "cost"]
    rows = [_row(role, spent) for role, spent in sorted(economy.by_role.items())]
    if economy.paid.calls:
        rows.append(_row("in all", economy.paid))
    print_table(console, headings, rows, right=headings[1:])
    for title, counted in (
        ("failed", economy.failures),
        ("rejected", economy.rejections),
    ):
        if counted:
            console.print()
            lines = [(*key, f"{number:,}") for key, number in counted.most_common()]
            print_table(console, [title, "why", "times"], lines, right=["times"])


def _row(name: str, spent: Spending) -> tuple[str, ...]:
    return (
        name,
        f"{spent.calls:,}",
        f"{spent.in_vain:,}",
        f"{spent.input_tokens:,}",
        f"{spent.cached_tokens:,}",
        f"{spent.output_tokens:,}",
        money(spent),
    )


def money(spent: Spending) -> str:
    """A cost in dollars; what has no price is said."""
    if spent.unpriced == 0:
        return f"${spent.cost_usd:.4f}" if spent.cost_usd else "-"
    if spent.cost_usd:
        return f"${spent.cost_usd:.4f} + {spent.unpriced:,} unpriced"
    return "no price known"


def economy_as_json(economy: Economy) -> dict[str, Any]:
    """All that an economy holds."""
    return {
        "by_role": {r: _as_json(spent) for r, spent in economy.by_role.items()},
        "paid": _as_json(economy.paid),
        "failures": _nested(economy.failures),
        "rejections": _nested(economy.rejections),
    }


def _as_json(spent: Spending) -> dict[str, Any]:
    return {
        "calls": spent.calls,
        "in_vain": spent.in_vain,
        "input_tokens": spent.input_tokens,
        "cached_tokens": spent.cached_tokens,
        "output_tokens": spent.output_tokens,
        "reasoning_tokens": spent.reasoning_tokens,
        "cost_usd": round(spent.cost_usd, 6),
        "unpriced": spent.unpriced,
    }


def _nested(counted: Any) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (role, reason), number in counted.most_common():
        nested.setdefault(role, {})[reason] = number
    return nested
