r"""The format of a segment: a header line, then frames; and the scan over one.

    {"segment":{"format":"eventsim-segment","major":2,"minor":0,"series":"0",
     "number":2,"after":67108871,"check":"…"}}
    {"frame":{"durable":N,"bytes":B,"streams":{"id":n,…},"sha256":"…","check":"…"}}
                                                        each on one line, then
    the record lines, B bytes with their newlines, whose SHA-256 begins with `sha256`

`durable` is the offset of this file that was known to be durable before the frame was
written, `after` the final size of the segment before. `check` covers its own line. A
frame without records states an offset only: it closes a segment, or it says with
`"epoch":E` after `durable` that another process goes on from there. Frames of format 1
counted their records and held the whole SHA-256.

Pure: bytes in, findings out. What is done about them is decided in `recovery`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

__all__ = [
    "Damage",
    "Frame",
    "SegmentHeader",
    "Tail",
    "encode_frame",
    "encode_segment_header",
    "parse_frame_header",
    "parse_segment_header",
    "scan",
]

MAJOR = 2
MINOR = 0

_SUM = 32
_CHECK = rb',"check":"([0-9a-f]{16})"\}\}'
_FRAME = re.compile(
    rb'\{"frame":\{"durable":(\d+),(?:"epoch":(\d+),)?"bytes":(\d+),(?:"records":\d+,)?'
    rb'"streams":(\{[^{}]*\}),"sha256":"([0-9a-f]{32}(?:[0-9a-f]{32})?)"' + _CHECK
)
_SEGMENT = re.compile(rb'(\{"segment":\{"format":"eventsim-segment",[^{}\n]*)' + _CHECK)
_STATED = re.compile(rb'\{"frame":\{"durable":(\d+),')


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """The first line of a segment, `size` bytes with its newline."""

    major: int
    series: str
    number: int
    after: int
    size: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Offsets are those of the file. The header line is [start, body)."""

    start: int
    body: int
    end: int
    durable: int
    records: int
    streams: Mapping[str, int]
    sha256: bytes
    check: str
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes [start, end) below a durable offset that are not a whole frame."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tail:
    """From `start` to the end of the file nothing was acknowledged."""

    start: int


def _check_of(prefix: bytes) -> str:
    return hashlib.sha256(prefix).hexdigest()[:16]


def _checked(prefix: bytes) -> bytes:
    return b'%b,"check":"%b"}}\n' % (prefix, _check_of(prefix).encode())


def encode_segment_header(series: str, number: int, after: int) -> bytes:
    """The first line of a segment."""
    fields = {
        "format": "eventsim-segment",
        "major": MAJOR,
        "minor": MINOR,
        "series": series,
        "number": number,
        "after": after,
    }
    return _checked(orjson.dumps({"segment": fields})[:-2])


def parse_segment_header(data: bytes) -> SegmentHeader | None:
    """The header at the start of `data`, or None if it is not whole."""
    match = _SEGMENT.match(data)
    end = match.end() if match else 0
    if not match or match[2].decode() != _check_of(match[1]):
        return None
    if data[end : end + 1] != b"\n":
        return None
    fields = orjson.loads(match[0])["segment"]
    return SegmentHeader(
        fields["major"], fields["series"], fields["number"], fields["after"], end + 1
    )


def encode_frame(
    durable: int, streams: Mapping[str, int], body: bytes, *, epoch: int | None = None
) -> bytes:
    """The header line of a frame; the body follows it."""
    listed = b",".join(b'"%b":%d' % (s.encode(), n) for s, n in streams.items())
    return _checked(
        b'{"frame":{"durable":%d,%b"bytes":%d,"streams":{%b},"sha256":"%b"'
        % (
            durable,
            b"" if epoch is None else b'"epoch":%d,' % epoch,
            len(body),
            listed,
            hashlib.sha256(body).hexdigest()[:_SUM].encode(),
        )
    )


def parse_frame_header(data: bytes, at: int, base: int = 0) -> Frame | None:
    """The frame whose header stands whole at `data[at]`, its body not looked at."""
    match = _FRAME.match(data, at)
    if match is None:
        return None
    prefix = data[at : match.start(6) - len(b',"check":"')]
    check = match[6].decode()
    if check != _check_of(prefix):
        return None
    body = base + match.end() + 1
    streams = orjson.loads(match[4])
    return Frame(
        start=base + at,
        body=body,
        end=body + int(match[3]),
        durable=int(match[1]),
        records=sum(streams.values()),
        streams=streams,
        sha256=match[5],
        check=check,
        epoch=int(match[2]) if match[2] else None,
    )


def _whole(data: bytes, base: int, frame: Frame) -> bool:
    if data[frame.body - 1 - base : frame.body - base] != b"\n":
        return False
    body = data[frame.body - base : frame.end - base]
    if len(body) != frame.end - frame.body:
        return False
    return hashlib.sha256(body).hexdigest().encode().startswith(frame.sha256)


def _stated(data: bytes, base: int, start: int) -> Iterator[tuple[int, Frame | None]]:
    """(durable offset, header if whole) of everything that states one, in order.

    Half a header is evidence too: it was written when what it states was durable.
    Inside a line only a whole header with its newline counts: the newline before it
    was damaged. No payload can look like that, for its own line goes on after it.
    """
    for match in _STATED.finditer(data, start):
        at = match.start()
        frame = parse_frame_header(data, at, base)
        durable = int(match[1])
        if (
            frame is not None
            and data[frame.body - 1 - base : frame.body - base] == b"\n"
        ):
            yield durable, frame
        elif durable <= base + at and (at == 0 or data[at - 1 : at] == b"\n"):
            yield durable, None


def scan(
    data: bytes, base: int = 0, *, start: int = 0, durable: int = 0
) -> Iterator[Frame | Damage | Tail]:
    """Whole frames, damage and a torn tail, in the order of the file.

    `data` begins at file offset `base`, its first frame at `data[start]`; `durable`
    is an offset of the file that is known to be durable from elsewhere.
    """
    at = start
    known: int | None = None
    while at < len(data):
        frame = parse_frame_header(data, at, base)
        if frame is not None and _whole(data, base, frame):
            yield frame
            at = frame.end - base
            continue
        if known is None:
            known = max((stated for stated, _ in _stated(data, base, at)), default=0)
            known = max(known, durable)
        if known <= base + at:
            yield Tail(base + at)
            return
        later = (found for _, found in _stated(data, base, at + 1) if found is not None)
        following = next(later, None)
        end = following.start if following else min(known, base + len(data))
        yield Damage(base + at, end)
        at = end - base
    if base + len(data) < durable:
        yield Damage(base + len(data), durable)
