"""`eventsim verify`: check every byte of the store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.log.checkpoint import Checkpoint

__all__ = ["command"]


@click.command("verify", epilog="Example: eventsim verify --json")
@click.option(
    "--trajectory",
    type=TRAJECTORY,
    metavar="T",
    help="Only this one, with all that it stands on: runs, tools, tasks, parents.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also against what eventsim log checkpoint signed.",
)
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The key that must have signed it.",
)
@json_option
@store_option
def command(
    *,
    trajectory: str | None,
    checkpoint: Path | None,
    public_key: Path | None,
    as_json: bool,
    store: Path,
) -> int:
    """Check the whole store: frames, hash chains, payloads, references, blobs.

    Every problem is named with its stream, position and field; other streams stay
    readable. The exit code is 1 if there is any. A check-point finds a history that
    was rewritten with all its hashes.
    """
    from eventsim.cli.session import launch
    from eventsim.errors import UsageError

    if trajectory and checkpoint:
        raise UsageError("--trajectory and --checkpoint do not go together")
    if public_key and not checkpoint:
        raise UsageError("--public-key says who signed a --checkpoint; give that too")
    signed = _signed(checkpoint, public_key) if checkpoint else None
    return launch(
        _verify, trajectory=trajectory, signed=signed, as_json=as_json, path=store
    )


def _signed(file: Path, public_key: Path | None) -> Checkpoint:
    """Raises: BadInput if another key signed it."""
    from eventsim.errors import BadInput
    from eventsim.log.checkpoint import fingerprint, read_checkpoint, read_public_key

    found = read_checkpoint(file)
    if public_key is not None and read_public_key(public_key) != found.public_key:
        raise BadInput(
            f"{file} is signed with key {fingerprint(found.public_key)}, which is not "
            f"that of {public_key}"
        )
    return found


async def _verify(
    *, trajectory: str | None, signed: Checkpoint | None, as_json: bool, path: Path
) -> int:
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import note, open_store, out, say_json
    from eventsim.log.checkpoint import fingerprint
    from eventsim.log.verify import verify, verify_trajectory

    async with open_store(path) as store:
        if trajectory is not None:
            report = await verify_trajectory(store, trajectory)
        else:
            report = await verify(store, checkpoint=signed)
    if signed is not None:
        when = datetime.fromtimestamp(signed.time_us / 1e6, UTC)
        of = f"{counted(len(signed.heads), 'stream')} at {when:%Y-%m-%d %H:%M:%S} UTC"
        key = fingerprint(signed.public_key)
        note(f"the check-point of {of} is signed with key {key}")
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
