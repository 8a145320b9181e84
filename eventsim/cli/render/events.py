"""The events of a path as they are stored, one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import orjson
from rich.text import Text

from eventsim.cli.render.columns import clip
from eventsim.cli.render.words import payload_in_words, visible
from eventsim.cli.session import out, say_json
from eventsim.core.events import Ref
from eventsim.core.records import Record

__all__ = ["show_events"]

_KIND_WIDTH = 21


def show_events(
    records: Sequence[Record], why: Mapping[Ref, str], *, as_json: bool
) -> None:
    """Print them; kinds that this release does not know are printed as they are. `why`
    payloads were redacted is told by record.
    """
    if as_json:
        for record in records:
            say_json(_as_json(record, why))
        return
    console = out()
    digits = len(str(len(records)))
    stream = ""
    for record in records:
        if record.stream != stream:
            stream = record.stream
            console.print(f"stream {stream}", style="dim", soft_wrap=True)
        lead = Text.assemble(
            (f"{record.position:>{digits}}  ", "dim"),
            (f"{record.kind:<{_KIND_WIDTH}} ", "bold"),
        )
        words = payload_in_words(record)
        if record.redacted:
            words = f"redacted: {visible(why.get(record.ref, 'nothing says why'))}"
        if console.is_terminal:
            words = clip(words, max(console.width - lead.cell_len, 20))
        console.print(lead + Text(words), soft_wrap=True)


def _as_json(record: Record, why: Mapping[Ref, str]) -> dict[str, object]:
    time = datetime.fromtimestamp(record.time_us / 1_000_000, UTC)
    return {
        "position": record.position,
        "stream": record.stream,
        "version": record.version,
        "kind": record.kind,
        "kind_version": record.kind_version,
        "time": time.isoformat(timespec="microseconds"),
        "hash": record.hash,
        "redacted": why.get(record.ref, "") if record.redacted else None,
        "payload": orjson.loads(record.line).get("payload"),
    }
