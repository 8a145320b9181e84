"""`eventsim domains`: what is built in, databases and seed tools."""

from __future__ import annotations

import click

from eventsim.cli.options import json_option, unused_store_option

__all__ = ["command"]


@click.command("domains", epilog="Example: eventsim domains --json")
@json_option
@unused_store_option
def command(*, as_json: bool) -> None:
    """List what is built in: databases, whose tools are executed, and seed tools, from
    which a run makes questions and, for each, a toolset that a model plays.
    """
    from eventsim.cli.render.columns import counted, print_table
    from eventsim.cli.session import out, say_json
    from eventsim.environments.domains.registry import DOMAINS
    from eventsim.environments.seeds.registry import SEED_DOMAINS, seed_domain

    seeds = [seed_domain(name) for name in SEED_DOMAINS]
    if as_json:
        for domain in DOMAINS.values():
            say_json(
                {
                    "domain": domain.name,
                    "kind": "database",
                    "title": domain.title,
                    "about": domain.about,
                }
            )
        for seed in seeds:
            say_json(
                {
                    "domain": seed.name,
                    "kind": "seed tools",
                    "title": seed.title,
                    "about": seed.about,
                    "tools": [tool["function"]["name"] for tool in seed.tools],
                }
            )
        return
    rows = [(d.name, "database", d.title, d.about) for d in DOMAINS.values()]
    rows += [
        (s.name, counted(len(s.tools), "seed tool"), s.title, s.about) for s in seeds
    ]
    print_table(out(), ["domain", "made of", "title", "about"], rows)
