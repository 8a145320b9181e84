"""`eventsim plan`: what a run would do and take, without a call."""

from __future__ import annotations

from typing import Any

import click

from eventsim.cli.flags import resolved
from eventsim.cli.grouped import GroupedCommand
from eventsim.cli.model_options import settings_options
from eventsim.cli.options import json_option

__all__ = ["command"]


@click.command(
    "plan",
    cls=GroupedCommand,
    epilog="Example: eventsim plan --preset paper-user -n 500 --seed 7",
)
@settings_options
@json_option
def command(*, as_json: bool, **options: Any) -> None:
    """Show the configuration of a run, where each setting comes from, and how many
    calls, tokens and dollars to expect.

    Takes the options of run. Nothing is called and nothing is written; what is
    expected is an estimate, and what it assumes is said.
    """
    from eventsim.cli.render.plan import plan_as_json, print_plan
    from eventsim.cli.session import note, out, say_json
    from eventsim.errors import UsageError
    from eventsim.prompts.render import installed
    from eventsim.providers.openai_compatible.prices import cost_usd
    from eventsim.run.estimate import estimate
    from eventsim.run.grounds import grounds_of
    from eventsim.run.preparations import toolsets_of
    from eventsim.run.settings.starting import beds_of, check_keys
    from eventsim.run.starts import config_over

    settings = resolved(options)
    beds = beds_of(settings)
    config = config_over(settings.run_config, beds)
    expected = estimate(
        config,
        {**installed(), **settings.prompts},
        grounds_of(beds),
        toolsets_of(config, len(beds)),
        frozenset(settings.prepared),
        cost_usd,
    )
    if as_json:
        say_json(plan_as_json(settings, expected))
    else:
        print_plan(out(), settings, expected)
    try:
        check_keys(settings)
    except UsageError as problem:
        note(f"as it is, run would stop at once: {problem}")
