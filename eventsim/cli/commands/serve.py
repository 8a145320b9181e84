"""`eventsim serve`: the rule-based provider as a local OpenAI-compatible endpoint."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import json_option
from eventsim.errors import UsageError

if TYPE_CHECKING:
    from eventsim.web.endpoint import LocalEndpoint
    from eventsim.web.faults import Rates

__all__ = ["command"]

_RATE = click.FloatRange(0, 1)


@click.command("serve", epilog="Example: eventsim serve --port 8000 --error-rate 0.2")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option("--latency-ms", type=click.IntRange(0), default=0, help="Wait so long.")
@click.option(
    "--role-latency-ms", multiple=True, metavar="ROLE=MS", help="For one role."
)
@click.option(
    "--error-rate", type=_RATE, default=0.0, help="Share of calls that fail, 0 to 1."
)
@click.option(
    "--role-error-rate", multiple=True, metavar="ROLE=R", help="For one role."
)
@click.option(
    "--malformed-rate", type=_RATE, default=0.0, help="Share of malformed answers."
)
@click.option(
    "--role-malformed-rate", multiple=True, metavar="ROLE=R", help="For one role."
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Only these.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Draws the faults.")
@click.option("--no-flaws", is_flag=True, help="An assistant that never errs.")
@click.option(
    "--tools",
    type=click.Choice(["native", "text", "none"]),
    default="native",
    show_default=True,
    help="Calls in their field, as text, or not understood.",
)
@click.option(
    "--structured",
    type=click.Choice(["schema", "object", "none"]),
    default="schema",
    show_default=True,
    help="Which response_format it takes.",
)
@json_option
def command(*, host: str, port: int, as_json: bool, **options: Any) -> int:
    """Answer /v1/chat/completions and /v1/models by rule, with faults on purpose.

    For trying pipelines and the client without a key. Point a run at it with
    --model rule-based --base-url http://127.0.0.1:8000/v1. Faults are drawn from the
    seed and the request, so that a run against it can be repeated. GET /stats counts
    requests and faults. Ctrl-C ends it.
    """
    from eventsim.cli.session import launch

    return launch(
        _serve,
        endless=True,
        host=host,
        port=port,
        as_json=as_json,
        endpoint=_endpoint(options),
    )


def _endpoint(options: dict[str, Any]) -> LocalEndpoint:
    from eventsim.config import FlawRates
    from eventsim.web.endpoint import Abilities, LocalEndpoint
    from eventsim.web.faults import ERRORS, MALFORMED, Faults

    known = [*ERRORS, *MALFORMED]
    for name in options["faults"]:
        if name not in known:
            raise click.UsageError(
                f"there is no fault {name!r}; the faults are {', '.join(known)}"
            )
    none = dict.fromkeys(FlawRates.model_fields, 0.0)
    latencies = _by_role(options["role_latency_ms"], "--role-latency-ms", 1e9)
    return LocalEndpoint(
        flaws=FlawRates(**none) if options["no_flaws"] else FlawRates(),
        faults=Faults(
            seed=options["seed"],
            errors=_rates(options, "error_rate"),
            malformed=_rates(options, "malformed_rate"),
            only=options["faults"],
        ),
        abilities=Abilities(options["tools"], options["structured"]),
        latency_ms={
            "": options["latency_ms"],
            **{role: int(wait) for role, wait in latencies.items()},
        },
    )


def _rates(options: dict[str, Any], name: str) -> Rates:
    from eventsim.web.faults import Rates

    option = f"--role-{name.replace('_', '-')}"
    return Rates(options[name], _by_role(options[f"role_{name}"], option, 1.0))


def _by_role(given: tuple[str, ...], option: str, most: float) -> dict[str, float]:
    """`ROLE=NUMBER` pairs. Raises: click.UsageError."""
    from eventsim.providers.rule_based.parts import PARTS

    known = ("assistant", *PARTS)
    found = {}
    for pair in given:
        role, _, number = pair.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if role not in known:
            raise click.UsageError(
                f"{option}: nobody plays {role!r}; the roles are {', '.join(known)}"
            )
        if not 0 <= value <= most:
            raise click.UsageError(
                f"{option} takes ROLE=NUMBER with a number from 0 to {most:g}, "
                f"not {pair!r}"
            )
        found[role] = value
    return found


def _why(error: OSError) -> str:
    """What the system says, without the address that the line names already."""
    if error.errno == errno.EADDRINUSE:
        return "something else listens there"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address"
    return (error.strerror or "the address cannot be used").lower()


async def _serve(
    *, host: str, port: int, as_json: bool, endpoint: LocalEndpoint
) -> None:
    import anyio
    from aiohttp import web

    from eventsim.cli.session import say_json

    runner = web.AppRunner(
        endpoint.application(), access_log=None, handler_cancellation=True
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{port}: {_why(error)}; choose another --port "
                "(0 takes any that is free) or --host"
            ) from None
        taken = runner.addresses[0][1]
        url = f"http://{host}:{taken}/v1"
        if as_json:
            say_json({"url": url})
        else:
            click.echo(f"serving {url} by rule; Ctrl-C ends it")
        sys.stdout.flush()
        await anyio.sleep_forever()
    finally:
        await runner.cleanup()
