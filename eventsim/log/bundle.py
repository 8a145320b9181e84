"""A bundle: one path with all it stands on, as one self-contained JSONL file.

    {"bundle":{"format":"eventsim-bundle","major":2,"minor":0,"head":{…},…}}
    {"blob":{"sha256":"…","bytes":N,"encoding":"zlib+base64","data":"…"}}     …
    record lines, byte for byte as in the log, streams before what refers to them
    {"end":{"lines":N,"sha256":"…"}}        of every line before it

The images of databases that the path does not use are left out, by name. A bundle is
checked while it is read: each record against its chain, each blob against its name,
the whole against its end, so that one cut in the middle is found.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiofiles
import orjson

from eventsim.core.events import Ref, RunStarted
from eventsim.core.records import Record
from eventsim.errors import BadInput, LogTooNew, NotFound
from eventsim.log import naming
from eventsim.log.checking import join_path, proven
from eventsim.log.codec import linked, split, to_record
from eventsim.log.disk import explained
from eventsim.log.foundation import standing_on
from eventsim.log.index import Index
from eventsim.log.reader import Family, Reader, StreamInfo
from eventsim.log.reading import Lines, Place
from eventsim.log.references import blobs_of
from eventsim.log.upcasters import UPCASTERS, Upcasters

__all__ = ["Bundle", "parse_bundle", "read_bundle", "write_bundle"]

FORMAT = "eventsim-bundle"
MAJOR = 2
_LINES = 256


class Bundle:
    """A bundle in memory; satisfies `Reader`. `ref` is the end of its path, `sha256`
    the digest that its last line states, `left_out` names the blobs that it is without.
    """

    def __init__(
        self,
        file: str,
        ref: Ref,
        upcasters: Upcasters,
        *,
        sha256: str = "",
        left_out: Sequence[str] = (),
    ) -> None:
        self.file = file
        self.ref = ref
        self.sha256 = sha256
        self.left_out = tuple(left_out)
        self._upcasters = upcasters
        self._index = Index()
        self._places: dict[str, list[Place]] = {}
        self._blobs: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"<Bundle {self.file} streams={len(self._index.streams)}>"

    @property
    def in_order(self) -> tuple[str, ...]:
        """Its streams, each before what refers to it."""
        return tuple(self._places)

    @property
    def blobs(self) -> tuple[str, ...]:
        """The names of its blobs."""
        return tuple(self._blobs)

    async def read(
        self, stream: str, *, start: int = 0, stop: int | None = None
    ) -> list[Record]:
        """Records with `start < version <= stop`, gapless, ascending; a `stop` past
        the end means the end.

        Raises: NotFound, LogCorrupt.
        """
        known = self._index.require(stream)
        start = max(start, 0)
        stop = known.version if stop is None else min(stop, known.version)
        if start >= stop:
            return []
        places = self._places[stream][max(start - 1, 0) : stop]
        found = [Lines(p.file, p.offset, p.version, [p.line]) for p in places]
        return proven(known, found, start, stop, self._upcasters)

    async def path(
        self, stream: str | Ref | None = None, version: int | None = None
    ) -> list[Record]:
        """The whole path from its root across forks; without arguments, the one that
        the bundle was made of. Raises: NotFound, LogCorrupt.
        """
        return await join_path(self._index, self.read, stream or self.ref, version)

    def head(self, stream: str) -> Ref:
        """The state after the last record in the bundle. Raises: NotFound."""
        known = self._index.require(stream)
        return Ref(stream=stream, version=known.version, hash=known.hash)

    def info(self, stream: str) -> StreamInfo:
        """The stream at a glance. Raises: NotFound."""
        return self._index.info(self._index.require(stream))

    def find(self, name: str, *, family: Family | None = None) -> StreamInfo:
        """As in a store. Raises: NotFound."""
        return naming.find(self._index, name, family=family)

    def streams(
        self, *, family: Family | None = None, run: str | None = None
    ) -> list[StreamInfo]:
        """In the order in which they began."""
        return naming.listed(self._index, family=family, run=run)

    async def get_blob(self, sha256: str) -> bytes:
        """Raises: NotFound."""
        try:
            return self._blobs[sha256]
        except KeyError:
            raise NotFound(f"blob {sha256} is not in the bundle {self.file}") from None

    def take_blob(self, fields: dict[str, str]) -> None:
        """Raises: ValueError."""
        if fields["encoding"] != "zlib+base64":
            raise ValueError(f"unknown encoding {fields['encoding']}")
        data = zlib.decompress(base64.b64decode(fields["data"], validate=True))
        if hashlib.sha256(data).hexdigest() != fields["sha256"]:
            raise ValueError("the bytes of a blob do not match its name")
        self._blobs[fields["sha256"]] = data

    def take_record(self, raw: bytes, offset: int) -> None:
        """Raises: ValueError."""
        line = split(raw)
        known = self._index.streams.get(line.stream)
        version, previous = (known.version, known.hash) if known else (0, None)
        if line.version != version + 1:
            raise ValueError(f"version {line.version} comes after {version}")
        self._index.add(to_record(line, None), 0, offset)
        stream = self._index.streams[line.stream]
        if previous is None:
            previous = stream.root
            if stream.parent is not None:
                self._check_parent(stream.parent, line.position)
        if not linked(line, previous):
            raise ValueError("the bytes of a record do not match its hash")
        place = Place(self.file, offset, line.version, raw)
        self._places.setdefault(line.stream, []).append(place)

    def _check_parent(self, parent: Ref, position: int) -> None:
        places = self._places.get(parent.stream, [])
        if 0 < parent.version <= len(places):
            found = split(places[parent.version - 1].line)
            if found.hash == parent.hash and found.position + 1 == position:
                return
        raise ValueError("the record that a fork continues is missing")


async def write_bundle(reader: Reader, stream: str | Ref, file: str | Path) -> int:
    """Write the path of a stream, up to a state if a Ref is given; the file's bytes.

    The file appears whole or not at all. Raises: NotFound, LogCorrupt, LogError.
    """
    ref = stream if isinstance(stream, Ref) else reader.head(stream)
    records = await standing_on(reader, ref)
    blobs, left_out = _needed_blobs(records)
    info = reader.find(ref.stream)
    header = {
        "format": FORMAT,
        "major": MAJOR,
        "minor": 0,
        "label": info.label,
        "head": ref.model_dump(),
        "streams": len({record.stream for record in records}),
        "records": len(records),
        "blobs": len(blobs),
        "left_out": left_out,
    }
    path = Path(file)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    digest, size, lines = hashlib.sha256(), 0, 0
    with explained("write the bundle", path):
        try:
            async with aiofiles.open(aside, "wb") as target:
                async for chunk in _chunks(reader, header, blobs, records):
                    digest.update(chunk)
                    size += await target.write(chunk)
                    lines += chunk.count(b"\n")
                end = {"lines": lines, "sha256": digest.hexdigest()}
                size += await target.write(orjson.dumps({"end": end}) + b"\n")
                await target.flush()
                await asyncio.to_thread(os.fsync, target.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise
    return size


async def _chunks(
    reader: Reader,
    header: dict[str, object],
    blobs: Sequence[str],
    records: Sequence[Record],
) -> AsyncIterator[bytes]:
    """Whole lines, as many at once as a write is worth."""
    yield orjson.dumps({"bundle": header}) + b"\n"
    for name in blobs:
        data = await reader.get_blob(name)
        blob = {
            "sha256": name,
            "bytes": len(data),
            "encoding": "zlib+base64",
            "data": base64.b64encode(zlib.compress(data, 9)).decode(),
        }
        yield orjson.dumps({"blob": blob}) + b"\n"
    for at in range(0, len(records), _LINES):
        yield b"".join([record.line + b"\n" for record in records[at : at + _LINES]])


def _needed_blobs(records: Sequence[Record]) -> tuple[list[str], list[str]]:
    """(blobs to take along, images of databases that the path does not use)."""
    needed: dict[str, None] = {}
    images: dict[str, None] = {}
    for record in records:
        for field, blob in blobs_of(record.event) if record.event else ():
            unused = isinstance(record.event, RunStarted) and field.endswith(".image")
            (images if unused else needed)[blob] = None
    return list(needed), [image for image in images if image not in needed]


async def read_bundle(file: str | Path, *, upcasters: Upcasters = UPCASTERS) -> Bundle:
    """The whole bundle, checked. Raises: NotFound, BadInput, LogTooNew."""
    path = Path(file)
    with explained("read the bundle", path):
        try:
            async with aiofiles.open(path, "rb") as source:
                data: bytes = await source.read()
        except FileNotFoundError:
            raise NotFound(f"there is no file {path}") from None
        except IsADirectoryError:
            raise BadInput(f"{path} is a directory, a bundle is a file") from None
    return parse_bundle(str(path), data, upcasters)


def parse_bundle(file: str, data: bytes, upcasters: Upcasters = UPCASTERS) -> Bundle:
    """A bundle by its bytes, checked. Raises: BadInput, LogTooNew."""
    lines = data.split(b"\n")
    header = _header(file, lines[0])
    end = _end(file, len(data), lines)
    bundle = Bundle(
        file,
        header["head"],
        upcasters,
        sha256=end["sha256"],
        left_out=header["left_out"],
    )
    offset, blobs, records = len(lines[0]) + 1, 0, 0
    for number, line in enumerate(lines[1 : end["lines"]], 2):
        try:
            if line.startswith(b'{"blob":{'):
                bundle.take_blob(orjson.loads(line)["blob"])
                blobs += 1
            else:
                bundle.take_record(line, offset)
                records += 1
        except (ValueError, KeyError, zlib.error) as error:
            raise BadInput(
                f"the bundle {file} is damaged in line {number} (byte {offset}): "
                f"{error}"
            ) from None
        offset += len(line) + 1
    if (blobs, records) != (header["blobs"], header["records"]):
        raise BadInput(f"the bundle {file} holds not what its first line says")
    if hashlib.sha256(data[:offset]).hexdigest() != end["sha256"]:
        raise BadInput(f"the bundle {file} does not match the digest at its end")
    if bundle.head(bundle.ref.stream) != bundle.ref:
        raise BadInput(f"the bundle {file} does not end where its first line says")
    return bundle


def _header(file: str, line: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = orjson.loads(line)["bundle"]
        named, major = header["format"], int(header["major"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{file} is not a bundle of eventsim, or is cut") from None
    if named != FORMAT:
        raise BadInput(f"{file} holds {named!r}, not a bundle of eventsim")
    if major > MAJOR:
        raise LogTooNew(
            f"{file} has bundle format {major}, this release reads up to {MAJOR}; "
            "use a newer eventsim"
        )
    try:
        header["head"] = Ref(**header["head"])
        header["blobs"], header["records"], header["left_out"]
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"the bundle {file} is damaged in line 1") from None
    return header


def _end(file: str, size: int, lines: list[bytes]) -> dict[str, Any]:
    """The closing line, if it is there and states how many came before it."""
    last = lines[-2] if len(lines) > 1 and not lines[-1] else b""
    try:
        end: dict[str, Any] = orjson.loads(last)["end"]
        whole = end["lines"] == len(lines) - 2 and bool(end["sha256"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            f"the bundle {file} is cut: it stops after {size} bytes, in line "
            f"{len(lines)}, without its closing line"
        ) from None
    if not whole:
        raise BadInput(
            f"the bundle {file} has {len(lines) - 2} lines, its last line says "
            f"{end['lines']}"
        )
    return end
