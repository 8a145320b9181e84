"""`eventsim verify`: check every byte of the store."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import json_option, store_option

__all__ = ["command"]


@click.command("verify", epilog="Example: eventsim verify --json")
@json_option
@store_option
def command(*, as_json: bool, store: Path) -> int:
    """Check the whole store: frames, hash chains, payloads, references, blobs.

    Every problem is named with its stream, position and field; other streams stay
    readable. The exit code is 1 if there is any.
    """
    from eventsim.cli.session import launch

    return launch(_verify, as_json=as_json, path=store)


async def _verify(*, as_json: bool, path: Path) -> int:
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.log.verify import verify

    async with open_store(path) as store:
        report = await verify(store)
    if as_json:
        say_json(
            {
                "checked": report.streams,
                "failed": report.failed,
                "records": report.records,
                "blobs": report.blobs,
                "failures": [
                    {
                        "trajectory": problem.label,
                        "stream": problem.stream,
                        "position": problem.position,
                        "field": problem.field,
                        "what": problem.what,
                        "file": problem.file,
                        "offset": problem.offset,
                    }
                    for problem in report.problems
                ],
            }
        )
        return 1 if report.problems else 0
    console = out()
    for problem in report.problems:
        console.print(str(problem), style="red", soft_wrap=True)
    checked = (
        f"checked {counted(report.streams, 'stream')}, "
        f"{counted(report.records, 'record')}, {counted(report.blobs, 'blob')}"
    )
    if report.problems:
        found = counted(len(report.problems), "problem")
        console.print(f"{checked}: {found}", style="bold red")
        return 1
    console.print(f"{checked}: all as written", style="green")
    return 0
