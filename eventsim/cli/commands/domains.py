"""`eventsim domains`: the built-in databases."""

from __future__ import annotations

import click

from eventsim.cli.options import json_option, unused_store_option

__all__ = ["command"]


@click.command("domains", epilog="Example: eventsim domains --json")
@json_option
@unused_store_option
def command(*, as_json: bool) -> None:
    """List the built-in databases, which `run --domain NAME` generates from."""
    from eventsim.cli.render.columns import print_table
    from eventsim.cli.session import out, say_json
    from eventsim.environments.domains.registry import DOMAINS

    if as_json:
        for domain in DOMAINS.values():
            say_json(
                {"domain": domain.name, "title": domain.title, "about": domain.about}
            )
        return
    rows = [(domain.name, domain.title, domain.about) for domain in DOMAINS.values()]
    print_table(out(), ["domain", "title", "about"], rows)
