"""Redaction in a bundle that was written before: the same tombstones as in the log."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path

import orjson

from eventsim.core.events import Ref
from eventsim.log.bundle import parse_bundle
from eventsim.log.codec import decode, split, tombstone
from eventsim.log.disk import Disk, explained
from eventsim.log.references import blobs_of

__all__ = ["redact_bundle"]


def redact_bundle(file: Path, gone: Collection[Ref], disk: Disk | None = None) -> int:
    """Take the payloads of these records out of a bundle; how many it held.

    The file is replaced as a whole. Raises: BadInput, LogTooNew, LogError.
    """
    disk = disk or Disk()
    with explained("read the bundle", file):
        data = file.read_bytes()
    parse_bundle(str(file), data)  # damage is told before anything is written
    due = {(ref.stream, ref.version) for ref in gone}
    lines, count, named = [], 0, set[str]()
    for raw in data.split(b"\n")[:-2]:
        line = raw
        if not raw.startswith((b'{"bundle":', b'{"blob":')):
            record = split(raw)
            if (record.stream, record.version) in due and record.digest is None:
                line, count = tombstone(raw), count + 1
            else:
                event = decode(record.kind, record.kind_version, record.payload)
                named |= {blob for _, blob in blobs_of(event)} if event else set()
        lines.append(line)
    if not count:
        return 0
    _replace(file, _without_blobs(lines, named), disk)
    return count


def _without_blobs(lines: list[bytes], named: set[str]) -> bytes:
    """The bundle with the blobs that are named, and a header and an end that fit."""
    header = orjson.loads(lines[0])["bundle"]
    kept = []
    for line in lines[1:]:
        is_blob = line.startswith(b'{"blob":')
        if not is_blob or orjson.loads(line)["blob"]["sha256"] in named:
            kept.append(line)
    header["blobs"] = sum(line.startswith(b'{"blob":') for line in kept)
    whole = b"".join(x + b"\n" for x in [orjson.dumps({"bundle": header}), *kept])
    end = {"lines": len(kept) + 1, "sha256": hashlib.sha256(whole).hexdigest()}
    return whole + orjson.dumps({"end": end}) + b"\n"


def _replace(file: Path, data: bytes, disk: Disk) -> None:
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}.new")
    with explained("write the bundle", file):
        try:
            descriptor = disk.open_append(aside)
            try:
                disk.write(descriptor, data)
                disk.fsync(descriptor)
            finally:
                os.close(descriptor)
            disk.rename(aside, file)
        except BaseException:
            with contextlib.suppress(OSError):
                disk.remove(aside)
            raise
        disk.fsync_directory(file.parent)
