"""The format of a segment, and the scan over damaged and torn ones."""

from __future__ import annotations

import pytest

from eventsim.log.frames import (
    Damage,
    Frame,
    Tail,
    encode_frame,
    encode_segment_header,
    parse_frame_header,
    parse_segment_header,
    scan,
)

BODIES = [b'{"a":1}\n', b'{"b":2}\n{"b":3}\n', b'{"c":"xyz"}\n']


def segment(*, closed: bool = True) -> tuple[bytes, list[int]]:
    """A segment of three frames, and the offsets at which they and the end stand."""
    data = encode_segment_header("0", 1, 0)
    starts = []
    for body in BODIES:
        starts.append(len(data))
        data += encode_frame(len(data), {"s": body.count(b"\n")}, body) + body
    starts.append(len(data))
    if closed:
        data += encode_frame(len(data), {}, b"")
    return data, starts


def found(data: bytes, **known: int) -> list[Frame | Damage | Tail]:
    """What a scan behind the header says."""
    return list(scan(data, start=len(encode_segment_header("0", 1, 0)), **known))


def test_headers_round_trip() -> None:
    """What is encoded is parsed."""
    header = encode_segment_header("0", 7, 123)
    parsed = parse_segment_header(header + b"rest")
    assert parsed is not None
    assert (parsed.number, parsed.after, parsed.size) == (7, 123, len(header))
    frame = parse_frame_header(encode_frame(9, {"s": 2, "t": 1}, b"x"), 0, 100)
    assert frame is not None
    assert (frame.durable, frame.records, frame.start) == (9, 3, 100)
    assert frame.end - frame.body == 1
    assert frame.streams == {"s": 2, "t": 1}


def test_every_changed_byte_of_a_header_is_seen() -> None:
    """No header with one bit flipped is taken for whole."""
    for header, parse in (
        (encode_segment_header("0", 1, 0), parse_segment_header),
        (encode_frame(9, {"s": 2}, b"x"), lambda data: parse_frame_header(data, 0)),
    ):
        for at in range(len(header) - 1):
            for bit in range(8):
                changed = bytearray(header)
                changed[at] ^= 1 << bit
                assert parse(bytes(changed)) is None


def test_a_whole_segment_is_frames_only() -> None:
    """The frames tile the file."""
    data, starts = segment()
    frames = found(data)
    assert [frame.start for frame in frames if isinstance(frame, Frame)] == starts
    assert len(frames) == 4


def test_cut_at_every_byte_leaves_whole_frames_and_a_tail() -> None:
    """A cut anywhere is a torn tail that begins where the cut frame began."""
    data, starts = segment(closed=False)
    for cut in range(starts[0], len(data)):
        whole = [start for start in starts[1:] if start <= cut]
        due = [Tail(max([starts[0], *whole]))]
        if cut in starts:
            due = []
        results = found(data[:cut])
        assert results[: len(whole)] == found(data)[: len(whole)]
        assert results[len(whole) :] == due


@pytest.mark.parametrize("closed", [True, False])
def test_flipping_any_bit_is_damage_below_and_tail_at_the_end(closed: bool) -> None:
    """Damage is told from a torn end by what later frames state."""
    data, starts = segment(closed=closed)
    last = starts[-1] if closed else starts[-2]
    for at in range(starts[0], len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            results = found(bytes(changed))
            hit = max(start for start in starts if start <= at)
            if hit == last:
                assert results[-1] == Tail(hit)
                assert not [each for each in results if isinstance(each, Damage)]
            else:
                ends = [start for start in starts if start > hit]
                assert [e for e in results if isinstance(e, Damage)] == [
                    Damage(hit, ends[0])
                ]
                assert not [each for each in results if isinstance(each, Tail)]


def test_damage_before_a_torn_end_is_not_taken_for_the_torn_end() -> None:
    """Half a header that states a later offset keeps what is below it."""
    data, starts = segment()
    for cut in range(starts[-1] + len('{"frame":{"durable":999,'), len(data)):
        changed = bytearray(data[:cut])
        changed[starts[2] + 130] ^= 1
        results = found(bytes(changed))
        assert results[2:] == [Damage(starts[2], starts[3]), Tail(starts[3])]


def test_what_was_never_synced_is_tail_whatever_follows() -> None:
    """Without a sync in between, a hole before later frames is a torn tail."""
    data = b""
    starts = []
    for body in BODIES:
        starts.append(len(data))
        data += encode_frame(0, {"s": 1}, body) + body
    changed = bytearray(data)
    changed[starts[1] + 5] ^= 1
    assert list(scan(bytes(changed)))[1:] == [Tail(starts[1])]


def test_an_offset_known_from_elsewhere_makes_a_cut_damage() -> None:
    """The next segment tells how long this one was."""
    data, starts = segment()
    results = found(data[: starts[2] + 10], durable=len(data))
    assert results[2:] == [
        Damage(starts[2], starts[2] + 10),
        Damage(starts[2] + 10, len(data)),
    ]


def test_a_payload_that_looks_like_a_header_is_no_evidence() -> None:
    """Arguments of a tool call may hold the text of a frame."""
    inside = encode_frame(3, {"s": 1}, b"")[:-1]
    body = b'{"arguments":' + inside + b"}\n"
    data = encode_frame(0, {"s": 1}, body) + body
    assert list(scan(data[:-1])) == [Tail(0)]
