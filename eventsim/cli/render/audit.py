"""An audit on one page: facts first, the chain of causes, then the exact request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.requests import print_body, request_as_json
from eventsim.cli.render.words import payload_in_words, shortened, visible
from eventsim.core.events import Answer, TrajectoryImported
from eventsim.core.values import encode
from eventsim.run.audit import Audit, Link
from eventsim.run.paths import OpenedPath
from eventsim.run.transcripts import Origin

__all__ = ["audit_as_json", "print_audit"]

_OUTCOMES = {
    "user.messaged": "answered",
    "assistant.replied": "answered",
    "model.failed": "failed",
    "model.rejected": "rejected",
    "model.abandoned": "abandoned, its outcome is unknown",
    "open": "open: no outcome is recorded",
}


def audit_as_json(
    found: Audit, opened: OpenedPath, labels: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that is known, with the request as it was sent."""
    record, answer = found.record, _answer(found)
    return {
        "trajectory": opened.label,
        "position": record.position,
        "kind": record.kind,
        "stream": record.stream,
        "version": record.version,
        "hash": record.hash,
        "time": _time(record.time_us),
        "event": found.event,
        "producer": found.producer,
        "answer": answer,
        "attempts": [
            {"position": position, "outcome": outcome}
            for position, outcome in found.attempts
        ],
        "behaviours": list(found.behaviours),
        "imported": _origin_as_json(found.origin),
        "request": request_as_json(found.request) if found.request else None,
        "causes": [
            {
                "position": link.position if link.position >= 0 else None,
                "what": link.what,
                "label": labels.get(link.stream),
                "stream": link.stream,
                "version": link.version,
                "hash": link.hash,
            }
            for link in found.causes
        ],
    }


def print_audit(
    console: Console, found: Audit, opened: OpenedPath, labels: Mapping[str, str]
) -> None:
    """One page."""
    record = found.record
    title = Text(f"{opened.label}@{record.position}  {record.kind}", style="bold")
    console.print(title, soft_wrap=True)
    _fact(console, "says", shortened(payload_in_words(record)))
    _fact(console, "made by", found.producer)
    _print_origin(console, found)
    _fact(console, "when", _time(record.time_us))
    stream = f"version {record.version} of {labels.get(record.stream)}"
    _fact(console, "stands in", f"{stream}, stream {record.stream}")
    _fact(console, "hash", record.hash)
    _print_call(console, found)
    for drawn in found.behaviours:
        _fact(console, "behaviour", f"{drawn.rule}: {drawn.instruction}")
    _heading(console, "What led to it")
    for link in found.causes:
        _print_link(console, link, labels)
    if found.request is not None:
        _heading(console, "The request, rebuilt")
        print_body(console, found.request.json)


def _print_origin(console: Console, found: Audit) -> None:
    """Where an imported event comes from, with all that the import knows of it."""
    origin = found.origin
    given = getattr(found.event, "by", "") in ("import", "copy")
    if origin is None or not (given or isinstance(found.event, TrajectoryImported)):
        return
    file, root = origin.file, origin.root
    named = f" ({root.row_id})" if root.row_id else ""
    row = f"{file.file}, row {root.row}{named}, format {file.format}"
    _fact(console, "imported", f"from {row}")
    _fact(console, "file", f"sha256 {file.file_sha256}")
    _fact(console, "licence", file.licence or "not known")
    if file.benchmark:
        _fact(console, "benchmark", f"{file.benchmark}: no training data")
    if file.masked:
        masked = ", ".join(file.masked)
        _fact(console, "masked", f"{masked}, before anything was written")


def _origin_as_json(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    file, root = origin.file, origin.root
    return {
        "file": file.file,
        "file_sha256": file.file_sha256,
        "row": root.row,
        "row_id": root.row_id,
        "format": file.format,
        "licence": file.licence,
        "benchmark": file.benchmark,
        "masked": list(file.masked),
    }


def _print_call(console: Console, found: Audit) -> None:
    request = found.request
    if request is None:
        return
    intent, answer = request.intent, _answer(found)
    _fact(console, "model", f"{intent.model}, provider {intent.provider}")
    params = encode(intent.params).decode()
    _fact(console, "asked with", f"seed {intent.seed}, parameters {params}")
    for number, (position, outcome) in enumerate(found.attempts, start=1):
        words = _OUTCOMES.get(outcome, outcome)
        _fact(console, f"attempt {number}", f"at position {position}: {words}")
    if answer is not None:
        usage = answer.usage
        tokens = f"{usage.input_tokens} tokens in, {usage.output_tokens} out"
        _fact(console, "usage", f"{tokens}, {answer.latency_ms} ms")
        if answer.finish_reason:
            _fact(console, "finished", answer.finish_reason)
        if answer.notes:
            _fact(console, "notes", encode(answer.notes).decode())
    sha = f"sha256 {intent.request_sha256}"
    if request.matches:
        _fact(console, "request", f"{sha}, rebuilt: matches", "green")
    else:
        _fact(console, "request", f"{sha}, rebuilt: DOES NOT MATCH", "bold red")


def _print_link(console: Console, link: Link, labels: Mapping[str, str]) -> None:
    number = f"@{link.position}" if link.position >= 0 else ""
    line = Text(f"{number:>6}  {link.what:<21} ")
    name = labels.get(link.stream, link.stream[:12])
    line.append(f"{name} v{link.version}  {link.hash[:16]}", style="dim")
    console.print(line, soft_wrap=True)


def _fact(console: Console, name: str, value: str, style: str = "default") -> None:
    line = Text(f"{name:<11}", style="bold")
    console.print(line + Text(visible(value), style=style), soft_wrap=True)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))


def _answer(found: Audit) -> Answer | None:
    answer = getattr(found.event, "answer", None)
    return answer if isinstance(answer, Answer) else None


def _time(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1_000_000, UTC).isoformat(sep=" ")
