"""`eventsim import`: take in dialogues and tasks that were made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import json_option, store_option
from eventsim.exchange.formats.registry import FORMATS

if TYPE_CHECKING:
    from eventsim.run.importing.importing import Imported

__all__ = ["command"]

_SHOWN = 8
_BUNDLE = "bundle"
_ABOUT = "\n".join(
    [
        *(f"  {name:<12} {each.about}" for name, each in FORMATS.items()),
        f"  {_BUNDLE:<12} what export bundle wrote: records as they are, with all "
        "that they",
        f"  {'':<12} stand on",
    ]
)


@click.command(
    "import", epilog="Example: eventsim import messages old.jsonl --licence MIT"
)
@click.argument("form", type=click.Choice([*FORMATS, _BUNDLE]), metavar="FORMAT")
@click.argument(
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
)
@click.option("--licence", default="", metavar="NAME", help="Kept with every row.")
@click.option(
    "--benchmark",
    default="",
    metavar="NAME",
    help="Rows of a benchmark are marked, and exported only with --benchmarks.",
)
@click.option(
    "--mask-pii",
    is_flag=True,
    help="Replace e-mail and IP addresses, phone, card and account numbers, in texts, "
    "keys and numbers, before anything is written. Names are not found.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the first N rows; given again without it, it goes on.",
)
@click.option(
    "--max-row-mb",
    type=click.IntRange(1, 512),
    default=32,
    show_default=True,
    help="Larger rows are rejected; given again with more, they are taken.",
)
@json_option
@store_option
def command(
    *,
    form: str,
    file: Path,
    licence: str,
    benchmark: str,
    mask_pii: bool,
    limit: int | None,
    max_row_mb: int,
    as_json: bool,
    store: Path,
) -> int:
    """Make a trajectory of each row of FILE: every message, tool, call and result an
    event, with where it came from.

    JSON lines, or a JSON array; - is the standard input. What events cannot say is kept
    beside them and listed, so that exporting in the same FORMAT gives the same rows;
    --json lists it for each row. A bad row is rejected with its reason and does not
    stop the others. Broken off, it goes on when it is given again, and rejected rows
    are tried again. `eventsim run --from T` continues what was imported.

    \b
    FORMAT is one of
    """
    from eventsim.cli.session import launch

    if form == _BUNDLE:
        from eventsim.cli.taking import take

        if str(file) == "-":
            raise click.UsageError("a bundle is read from a file, not from a pipe")
        if licence or benchmark or mask_pii or limit:
            raise click.UsageError(
                "a bundle is taken as it is: --licence, --benchmark, --mask-pii and "
                "--limit are for rows"
            )
        return launch(take, file=file, as_json=as_json, path=store)
    return launch(
        _import,
        interrupted_as=lambda: "interrupted; the same command goes on with it",
        name=form,
        file=file,
        licence=licence,
        benchmark=benchmark,
        mask_pii=mask_pii,
        limit=limit,
        most_bytes=max_row_mb << 20,
        as_json=as_json,
        path=store,
    )


command.help = f"{command.help}\n{_ABOUT}"


async def _import(
    *,
    name: str,
    file: Path,
    licence: str,
    benchmark: str,
    mask_pii: bool,
    limit: int | None,
    most_bytes: int,
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import open_store, say_json
    from eventsim.run.importing.importing import Importing
    from eventsim.run.importing.rows import open_rows

    form = FORMATS[name]
    mask, masked = _mask() if mask_pii else (None, ())
    rows = await open_rows(file, form, most_bytes=most_bytes)
    async with open_store(path, "write") as store:
        importing = Importing(
            store,
            rows,
            form,
            licence=licence,
            benchmark=benchmark,
            mask=mask,
            masked=masked,
            limit=limit,
        )
        with Bar(f"import {rows.name}", 0) as bar:
            done = await importing.go(bar.advance)
    if as_json:
        say_json(_as_json(done, file, name))
    else:
        _print(done, rows.name)
    return 1 if done.rejected and not (done.imported or done.existing) else 0


def _mask() -> tuple[Any, tuple[str, ...]]:
    from eventsim.run.importing.masking import MASKED, masker

    return masker(), MASKED


def _as_json(done: Imported, file: Path, name: str) -> dict[str, Any]:
    return {
        "import": done.label,
        "file": str(file),
        "format": name,
        "rows": done.rows,
        "whole": done.is_whole,
        "imported": done.imported,
        "existing": done.existing,
        "accepted": done.accepted,
        "rejected": [
            {"row": row, **_line(done, row), "reason": why}
            for row, why in done.rejected
        ],
        "kept_beside": dict(done.beside.most_common()),
        "notes": dict(done.notes.most_common()),
        "by_row": [
            {"row": row, "kept": kept, "notes": notes}
            | ({"more": more} if more else {})
            for row, kept, notes, more in done.told
        ],
        "by_row_left_out": done.untold,
        "remarks": done.remarks,
    }


def _line(done: Imported, row: int) -> dict[str, int]:
    return {"line": done.lines[row]} if row in done.lines else {}


def _print(done: Imported, file: str) -> None:
    from eventsim.cli.session import out

    console = out()
    there = (
        f", {done.existing:,} {_were(done.existing)} there already"
        if done.existing
        else ""
    )
    console.print(
        f"{done.label}: {done.imported:,} of {done.rows:,} rows of {file} "
        f"imported{there}",
        soft_wrap=True,
    )
    if done.accepted:
        console.print(
            f"{done.accepted:,} of them {_were(done.accepted)} rejected before"
        )
    if not done.is_whole:
        console.print(
            f"{done.rows:,} rows were read, as --limit says, and the rest was left"
        )
    for remark in done.remarks:
        console.print(remark, soft_wrap=True)
    bad = [f"{_place(done, row)}: {why}" for row, why in done.rejected[:_SHOWN]]
    _list(console, "rejected", bad, len(done.rejected))
    beside = [f"{at}  in {_rows(n)}" for at, n in done.beside.most_common(_SHOWN)]
    _list(
        console, "kept beside the events, as no event says it", beside, len(done.beside)
    )
    noted = [f"{what}  in {_rows(n)}" for what, n in done.notes.most_common(_SHOWN)]
    _list(console, "noted", noted, len(done.notes))
    if beside or noted:
        console.print("(--json lists both for each row)", style="dim")
    if done.first:
        console.print(
            f"go on from one: eventsim run --from {done.label}-{done.first}",
            style="dim",
        )


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _place(done: Imported, row: int) -> str:
    """Where the row stands: its line too, where blank lines came before it."""
    return f"row {row:,}" + (
        f" (line {done.lines[row]:,})" if row in done.lines else ""
    )


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _list(console: Any, title: str, lines: list[str], count: int) -> None:
    if not lines:
        return
    console.print(f"{title}:")
    for line in lines:
        console.print(f"  {line}", soft_wrap=True)
    if count > len(lines):
        more = count - len(lines)
        console.print(f"  and {more:,} more (--json lists all)", style="dim")
