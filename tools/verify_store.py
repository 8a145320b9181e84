"""Verify a store, or a bundle, with nothing but Python's standard library.

    python tools/verify_store.py [--heads] STORE_OR_BUNDLE

Shares no code with eventsim, so that neither a mistake nor a change in it can hide
damage. Checked are: the segments' headers and frames; every record's place in its
stream and its hash

    payload digest = SHA-256(salt + payload bytes)
    record hash    = SHA-256(previous hash + payload digest + envelope bytes)

with 32 zero bytes before a stream's first record, or the hash of the record that a
fork continues; that what is referred to exists with that hash; every blob against its
name. Bytes after the last whole frame that were never acknowledged are reported and
are no error. `--heads` prints each stream's version and hash, to sign or to compare.

Exit code 0: whole; 1: damaged, with file, offset, stream and position of each place;
2: no store or bundle of a format that is known here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

ZERO = "0" * 64
STORE_MAJOR = 1
MAJOR = 2  # of segments and bundles

# `position` stands only where it is not the version less one. Format 1 had it always,
# the kind's version in a field of its own, and hash and salt in hex.
RECORD = re.compile(
    rb'(?P<envelope>\{"stream":"(?P<stream>[0-9a-f]*)","version":(?P<version>\d+)'
    rb'(?:,"position":(?P<position>\d+))?,"kind":"(?P<kind>[^"/]+)(?:/\d+)?"'
    rb'(?:,"kind_version":\d+)?,"time_us":\d+),"hash":"(?P<hash>[\w+/]{43,64})",'
    rb'"salt":"(?P<salt>[\w+/]{22,32})","payload":(?P<payload>\{.*\})\}',
    re.DOTALL,
)
CHECKED = re.compile(rb'(\{"(segment|frame)":\{.*),"check":"([0-9a-f]{16})"\}\}')
FRAME = b'{"frame":{"durable":'
REF = {"stream", "version", "hash"}


class NotKnown(Exception):
    """Not a store or bundle, or one of a newer format."""


@dataclass(frozen=True)
class Place:
    """Where bytes stand."""

    file: str
    offset: int


@dataclass
class Chain:
    """A stream as far as it was read; `hashes[n]` is that of version n + 1."""

    first_position: int
    hashes: list[str] = field(default_factory=list)
    broken: bool = False


@dataclass(frozen=True)
class Wanted:
    """A reference met in a record, to be looked up when all records are read."""

    place: Place
    stream: str
    position: int
    target: dict[str, Any]
    is_parent: bool


def sha256(data: bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def bytes_of(text: bytes) -> bytes:
    """Of hex (format 1), or of base64 without its padding."""
    if len(text) in (64, 32):
        return bytes.fromhex(text.decode())
    data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if base64.b64encode(data).rstrip(b"=") != text:
        raise ValueError("the unused bits are not zero")
    return data


def checked_line(data: bytes, at: int) -> tuple[dict[str, Any], int] | None:
    """The fields of a header line that starts at `at`, and where the next begins."""
    end = data.find(b"\n", at)
    match = CHECKED.fullmatch(data, at, end) if end >= 0 else None
    if match is None or sha256(match[1])[:16].encode() != match[3]:
        return None
    fields: dict[str, Any] = json.loads(match[0])[match[2].decode()]
    return fields, end + 1


def blobs_in(kind: str, payload: dict[str, Any]) -> Iterator[str]:
    """The names of the blobs that a payload refers to."""
    if kind == "run.started":
        yield from payload["prompts"].values()
        yield from (source["image"] for source in payload["sources"])
    elif kind == "preparation.started":
        yield payload["source"]["image"]
    elif kind == "environment.mounted":
        yield payload["image"]


class Verifier:
    """Reads records in the order of a log and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.chains: dict[str, Chain] = {}
        self.records = 0
        self.blobs: set[str] = set()
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._wanted: list[Wanted] = []
        self._wanted_blobs: dict[str, Place] = {}

    def problem(
        self, place: Place, what: str, of: tuple[str, int] | None = None
    ) -> None:
        """Keep one finding; `of` is the stream and the position."""
        where = f"{place.file} at byte {place.offset}"
        if of is not None:
            where += f", stream {of[0]}, position {of[1]}"
        self.problems.append(f"{where}: {what}")

    def take_record(self, raw: bytes, place: Place) -> None:
        """Check one line and add it to its stream; what follows a break is not read."""
        match = RECORD.fullmatch(raw)
        try:
            stated = bytes_of(match["hash"]).hex() if match else ""
            salt = bytes_of(match["salt"]) if match else b""
        except ValueError:
            match = None
        if match is None:
            self.problem(place, "not a whole record")
            return
        version, kind, payload = int(match["version"]), match["kind"], match["payload"]
        position = int(match["position"] or version - 1)
        stream = match["stream"].decode() or stated[:32]
        chain = self.chains.get(stream)
        if chain is None:
            chain = self.chains[stream] = Chain(position)
        if chain.broken:
            return
        due = len(chain.hashes) + 1
        expected = chain.first_position + due - 1
        digest = hashlib.sha256(salt + payload)
        previous = chain.hashes[-1] if chain.hashes else self._root(kind, payload)
        hashed = sha256(bytes.fromhex(previous) + digest.digest() + match["envelope"])
        begins = match["stream"] == b""
        if (version, position, begins) != (due, expected, due == 1):
            what = f"version {version} where version {due} is due"
        elif hashed != stated:
            what = "the record does not match its hash, or not the one before it"
        else:
            chain.hashes.append(stated)
            self.records += 1
            self._references(kind.decode(), payload, place, stream, position)
            return
        chain.broken = True
        self.problem(place, what, (stream, expected))

    def take_blob(self, line: bytes, place: Place) -> None:
        """A blob within a bundle."""
        try:
            blob = json.loads(line)["blob"]
            data = zlib.decompress(base64.b64decode(blob["data"], validate=True))
        except (ValueError, KeyError, zlib.error):
            self.problem(place, "not a whole blob")
            return
        self.blobs.add(blob["sha256"])
        if sha256(data) != blob["sha256"]:
            self.problem(place, "the bytes of the blob do not match its name")

    def _root(self, kind: bytes, payload: bytes) -> str:
        """What the first record of a stream is chained to."""
        if kind != b"trajectory.forked":
            return ZERO
        try:
            return bytes.fromhex(json.loads(payload)["parent"]["hash"]).hex()
        except (ValueError, KeyError, TypeError):
            return ZERO

    def _references(
        self, kind: str, payload: bytes, place: Place, stream: str, position: int
    ) -> None:
        fields = json.loads(payload)
        for name, value in fields.items():
            if isinstance(value, dict) and value.keys() == REF:
                is_parent = kind == "trajectory.forked" and name == "parent"
                self._wanted.append(Wanted(place, stream, position, value, is_parent))
        for blob in blobs_in(kind, fields):
            self._wanted_blobs.setdefault(blob, place)

    def finish(self, left_out: frozenset[str] = frozenset()) -> None:
        """Look up all references, when every record and blob has been read."""
        for wanted in self._wanted:
            target = wanted.target
            chain = self.chains.get(target["stream"])
            first, hashes = (chain.first_position, chain.hashes) if chain else (0, [])
            version = target["version"]
            name = f"version {version} of stream {target['stream']}"
            what = None
            if not 0 < version <= len(hashes):
                what = f"refers to {name}, which is not there"
            elif hashes[version - 1] != target["hash"]:
                what = f"refers to {name} by another hash"
            elif wanted.is_parent and wanted.position != first + version:
                what = f"continues {name} at the wrong position"
            if what:
                self.problem(wanted.place, what, (wanted.stream, wanted.position))
        for blob, place in self._wanted_blobs.items():
            if blob not in self.blobs | left_out:
                self.problem(place, f"refers to blob {blob}, which is not there")


class SegmentReader:
    """Goes through the bytes of one segment."""

    def __init__(
        self, verifier: Verifier, file: str, data: bytes, durable: int
    ) -> None:
        self.verifier = verifier
        self.file = file
        self.data = data
        self.durable = durable

    def read(self) -> None:
        """Every frame; damage is reported and passed over."""
        header = checked_line(self.data, 0)
        at = 0
        if header is not None and "series" in header[0]:
            if header[0]["major"] > MAJOR:
                raise NotKnown(f"{self.file} has a newer format than is known here")
            at = header[1]
        while at < len(self.data):
            end = self._frame(at)
            if end is None:
                return
            at = end
        if len(self.data) < self.durable:
            missing = self.durable - len(self.data)
            self._problem(len(self.data), f"{missing} bytes are missing at the end")

    def _frame(self, at: int) -> int | None:
        """The end of the frame at `at`; None if the rest was never acknowledged."""
        header = checked_line(self.data, at)
        if header is not None and "durable" in header[0]:
            fields, start = header
            body = self.data[start : start + fields["bytes"]]
            whole = len(body) == fields["bytes"] and len(fields["sha256"]) >= 32
            if whole and sha256(body).startswith(fields["sha256"]):
                self._records(start, body)
                records = sum(fields["streams"].values())
                if body.count(b"\n") != records or fields["durable"] > at:
                    self._problem(at, "the frame's header does not fit the frame")
                return start + len(body)
        following = self._next_header(at + 1)
        durable = max([self.durable, *(stated for _, stated in following)])
        if durable <= at:
            left = len(self.data) - at
            self.verifier.notes.append(
                f"{self.file} at byte {at}: {left} bytes that were never acknowledged"
            )
            return None
        end = following[0][0] if following else min(durable, len(self.data))
        self._damaged(at, end, whole_header=header is not None)
        return end

    def _next_header(self, start: int) -> list[tuple[int, int]]:
        """(offset, durable offset) of every whole frame header from `start` on."""
        found, at = [], self.data.find(FRAME, start)
        while at >= 0:
            header = checked_line(self.data, at)
            if header is not None:
                found.append((at, header[0]["durable"]))
            at = self.data.find(FRAME, at + 1)
        return found

    def _damaged(self, at: int, end: int, *, whole_header: bool) -> None:
        """Name the records that are damaged, or the frame if it is none of them."""
        start = self.data.find(b"\n", at, end) + 1 or end
        known = len(self.verifier.problems)
        if not whole_header:
            self._problem(at, "the header of a frame is damaged")
        self._records(start, self.data[start:end])
        if len(self.verifier.problems) == known:
            self._problem(at, "the frame does not match its digest")

    def _records(self, start: int, body: bytes) -> None:
        offset = start
        for line in body.removesuffix(b"\n").split(b"\n") if body else ():
            self.verifier.take_record(line, Place(self.file, offset))
            offset += len(line) + 1

    def _problem(self, offset: int, what: str) -> None:
        self.verifier.problem(Place(self.file, offset), what)


def verify_store(path: Path) -> Verifier:
    """Every segment and blob of a store."""
    marker = json.loads((path / "store.json").read_bytes())
    if marker["format"] != "eventsim-store" or marker["major"] > STORE_MAJOR:
        raise NotKnown(f"{path} is not a store of format {STORE_MAJOR}")
    verifier = Verifier()
    paths = sorted(path.glob("segments/*-????????.jsonl"))
    contents = [segment.read_bytes() for segment in paths]
    for number, (segment, data) in enumerate(zip(paths, contents, strict=True)):
        file = f"segments/{segment.name}"
        header = checked_line(data, 0)
        if number == 0 and header and header[0].get("after"):
            verifier.problem(Place(file, 0), "the segment before this one is missing")
        following = contents[number + 1] if number + 1 < len(contents) else b""
        after = checked_line(following, 0)
        SegmentReader(verifier, file, data, after[0]["after"] if after else 0).read()
    numbers = [int(segment.stem.rpartition("-")[2]) for segment in paths]
    for before, number in pairwise(numbers):
        if number != before + 1:
            verifier.problem(Place("segments", 0), f"segment {before + 1} is missing")
    for blob in sorted(path.glob("blobs/" + 64 * "[0-9a-f]")):
        verifier.blobs.add(blob.name)
        if sha256(blob.read_bytes()) != blob.name:
            place = Place(f"blobs/{blob.name}", 0)
            verifier.problem(place, "the bytes of the blob do not match its name")
    verifier.finish()
    return verifier


def verify_bundle(path: Path) -> Verifier:
    """Every line of a bundle."""
    data = path.read_bytes()
    lines = data.split(b"\n")
    header = json.loads(lines[0])["bundle"]
    if header["format"] != "eventsim-bundle" or header["major"] > MAJOR:
        raise NotKnown(f"{path} is not a bundle of format {MAJOR}")
    verifier, offset = Verifier(), len(lines[0]) + 1
    end = re.fullmatch(rb'\{"end":\{"lines":(\d+),"sha256":"(\w{64})"\}\}', lines[-2])
    if end is None or lines[-1]:
        verifier.problem(Place(path.name, len(data)), "the bundle is cut")
    inside = lines[1:-2] if end else lines[1:-1]
    for line in inside:
        place = Place(path.name, offset)
        if line.startswith(b'{"blob":{'):
            verifier.take_blob(line, place)
        else:
            verifier.take_record(line, place)
        offset += len(line) + 1
    whole = (len(inside) + 1, sha256(data[:offset]))
    if end and (int(end[1]), end[2].decode()) != whole:
        verifier.problem(Place(path.name, offset), "the digest at the end is another")
    verifier.finish(frozenset(header["left_out"]))
    head = verifier.chains.get(header["head"]["stream"])
    if not head or head.hashes[-1:] != [header["head"]["hash"]]:
        verifier.problem(Place(path.name, 0), "the bundle does not hold its head")
    return verifier


def main(arguments: list[str]) -> int:
    """Verify and report."""
    named = [argument for argument in arguments if argument != "--heads"]
    if len(named) != 1 or named[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        path = Path(named[0])
        verifier = verify_store(path) if path.is_dir() else verify_bundle(path)
    except (NotKnown, OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"{path}: not a store or bundle that is known here: {error}")
        return 2
    if "--heads" in arguments:
        for stream, chain in sorted(verifier.chains.items()):
            print(stream, len(chain.hashes), *chain.hashes[-1:])
    for line in (*verifier.notes, *verifier.problems):
        print(line)
    failed = len(verifier.problems)
    counts = f"{len(verifier.chains)} streams, {verifier.records} records, "
    counts += f"{len(verifier.blobs)} blobs"
    print(f"{counts}: {f'{failed} problems' if failed else 'whole'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
