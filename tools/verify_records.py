"""Records, their chains and what they refer to, with Python's standard library alone.

Part of `verify_store.py`, which says what is checked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ZERO = "0" * 64
# `position` stands only where it is not the version less one. Format 1 had it always,
# the kind's version in a field of its own, and hash and salt in hex.
RECORD = re.compile(
    rb'(?P<envelope>\{"stream":"(?P<stream>[0-9a-f]*)","version":(?P<version>\d+)'
    rb'(?:,"position":(?P<position>\d+))?,"kind":"(?P<kind>[^"/]+)(?:/\d+)?"'
    rb'(?:,"kind_version":\d+)?,"time_us":\d+),"hash":"(?P<hash>[\w+/]{43,64})",'
    rb'(?:"salt":"(?P<salt>[\w+/]{22,32})","payload":(?P<payload>\{.*\})'
    rb'|"digest":"(?P<digest>[\w+/]{43})" *)\}',
    re.DOTALL,
)
CHECKED = re.compile(rb'(\{"(segment|frame)":\{.*),"check":"([0-9a-f]{16})"\}\}')
REF = {"stream", "version", "hash"}


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


def digest_of(match: re.Match[bytes]) -> bytes:
    """Of a payload, or in place of one. Raises: ValueError."""
    if match["digest"]:
        return bytes_of(match["digest"])
    return hashlib.sha256(bytes_of(match["salt"]) + match["payload"]).digest()


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
    named: list[str] = []
    if kind == "run.started":
        named += payload["prompts"].values()
        for source in payload["sources"]:
            named += (source["image"], source.get("seed_tools", ""))
    elif kind == "preparation.started":
        source = payload["source"]
        named += (source["image"], source.get("seed_tools", ""))
    elif kind == "environment.mounted":
        named.append(payload.get("image", ""))
    named.append((payload.get("answer") or {}).get("extras") or "")
    yield from filter(None, named)


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
        self._absent: set[str] = set()

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
            digest = digest_of(match) if match else b""
        except ValueError:
            match = None
        if match is None:
            self.problem(place, "not a whole record")
            return
        version, kind = int(match["version"]), match["kind"]
        payload = match["payload"] or b"{}"
        position = int(match["position"] or version - 1)
        stream = match["stream"].decode() or stated[:32]
        chain = self.chains.get(stream)
        if chain is None:
            chain = self.chains[stream] = Chain(position)
        if chain.broken:
            return
        due = len(chain.hashes) + 1
        expected = chain.first_position + due - 1
        previous = chain.hashes[-1] if chain.hashes else self._root(kind, payload)
        hashed = sha256(bytes.fromhex(previous) + digest + match["envelope"])
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
        if kind == "payload.redacted":
            return  # in a bundle it may tell of more than the bundle holds
        fields = json.loads(payload)
        for name, value in fields.items():
            if isinstance(value, dict) and value.keys() == REF:
                is_parent = kind == "trajectory.forked" and name == "parent"
                self._wanted.append(Wanted(place, stream, position, value, is_parent))
        if kind == "bundle.taken":
            self._absent.update(fields.get("absent", ()))
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
            if blob not in self.blobs | left_out | self._absent:
                self.problem(place, f"refers to blob {blob}, which is not there")
