"""`eventsim note`: put a remark or labels on a position."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

__all__ = ["command"]


@click.command(
    "note",
    epilog='Example: eventsim note bodume-3@15 --label tone=rude "It repeats itself."',
)
@click.argument("place", type=TRAJECTORY, metavar="T@N")
@click.argument("text", required=False, default="", metavar="[TEXT]")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="K=V",
    help="A label by name; repeatable. A later one of that name stands.",
)
@click.option("--author", default="", metavar="NAME", help="Who says so.")
@json_option
@store_option
def command(
    *,
    place: str,
    text: str,
    labels: tuple[str, ...],
    author: str,
    as_json: bool,
    store: Path,
) -> int:
    """Add a remark or labels to position N of T, for people and for exports.

    A note is an event of its own; what it is about is never touched. `show` prints it
    where it belongs, `export` writes it into the manifest.
    """
    from eventsim.cli.session import launch

    if not text.strip() and not labels:
        raise click.UsageError("say something: a TEXT, or --label K=V")
    named = {}
    for label in labels:
        name, equals, value = label.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--label {label!r}: write K=V")
        named[name.strip()] = value
    return launch(
        _note,
        place=place,
        text=text,
        labels=named,
        author=author,
        as_json=as_json,
        path=store,
    )


async def _note(
    *,
    place: str,
    text: str,
    labels: dict[str, str],
    author: str,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.session import existing, open_store, out, say_json
    from eventsim.run.notes import add_note
    from eventsim.run.places import locate

    async with open_store(existing(path), "write") as store:
        found = await locate(store, place)
        record = (await store.path(found.info.stream))[found.end]
        note = await add_note(store, record, text=text, labels=labels, author=author)
    where = f"{found.info.label}@{found.end}"
    if as_json:
        say_json({"trajectory": found.info.label, **note.model_dump(mode="json")})
    else:
        out().print(f"noted at {where}, on {record.kind}", soft_wrap=True)
