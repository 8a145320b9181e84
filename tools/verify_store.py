"""Verify a store, or a bundle, with nothing but Python's standard library.

    python tools/verify_store.py [--heads] STORE_OR_BUNDLE

Shares no code with eventsim, so that neither a mistake nor a change in it can hide
damage. Checked are: the segments' headers and frames; every record's place in its
stream and its hash

    payload digest = SHA-256(salt + payload bytes)
    record hash    = SHA-256(previous hash + payload digest + envelope bytes)

with 32 zero bytes before a stream's first record, or the hash of the record that a
fork continues; that what is referred to exists with that hash; every blob against its
name. A record that was redacted has its digest in place of salt and payload. Sealed
segments are unpacked first: with Python 3.14, or with the program zstd. Bytes after the
last whole frame that were never acknowledged are reported and are no error. `--heads`
prints each stream's version and hash, to sign or to compare.

Exit code 0: whole; 1: damaged, with file, offset, stream and position of each place;
2: no store or bundle of a format that is known here.
"""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

from verify_records import Place, Verifier, checked_line, sha256
from verify_sealed import Damaged, NoZstandard, plain_bytes

STORE_MAJOR = 1
MAJOR = 2  # of segments and bundles
FRAME = b'{"frame":{"durable":'


class NotKnown(Exception):
    """Not a store or bundle, or one of a newer format."""


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
    series: dict[str, dict[int, Path]] = {}
    for segment in sorted(path.glob("segments/*-????????.*"), reverse=True):
        if segment.suffix in (".jsonl", ".sealed"):  # a plain file comes before it
            name, _, number = segment.stem.rpartition("-")
            series.setdefault(name, {})[int(number)] = segment
    for _, segments in sorted(series.items()):
        verify_series(verifier, dict(sorted(segments.items())))
    for blob in sorted(path.glob("blobs/" + 64 * "[0-9a-f]")):
        verifier.blobs.add(blob.name)
        if sha256(blob.read_bytes()) != blob.name:
            place = Place(f"blobs/{blob.name}", 0)
            verifier.problem(place, "the bytes of the blob do not match its name")
    verifier.finish()
    return verifier


def verify_series(verifier: Verifier, segments: dict[int, Path]) -> None:
    """What one writer after the other has written."""
    contents = {}
    for number, path in segments.items():
        contents[number] = data = path.read_bytes()
        if path.suffix == ".sealed":
            try:
                contents[number] = plain_bytes(data)
            except NoZstandard as reason:
                raise NotKnown(str(reason)) from None
            except Damaged as damage:
                what, at = damage.args
                verifier.problem(Place(f"segments/{path.name}", at), what)
                del contents[number]
    for number, data in contents.items():
        file = f"segments/{segments[number].name}"
        header = checked_line(data, 0)
        if number == min(segments) and header and header[0].get("after"):
            verifier.problem(Place(file, 0), "the segment before this one is missing")
        after = checked_line(contents.get(number + 1, b""), 0)
        SegmentReader(verifier, file, data, after[0]["after"] if after else 0).read()
    for before, number in pairwise(segments):
        if number != before + 1:
            verifier.problem(Place("segments", 0), f"segment {before + 1} is missing")


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
