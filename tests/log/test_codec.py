"""Lines taken apart, decoded, and brought up to date."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.core import events as e
from eventsim.core.records import ZERO_HASH, seal
from eventsim.log.codec import decode, linked, root_of, split
from eventsim.log.pinpoint import pinpoint
from tests.strategies import events

FORMAT_1 = (
    '{"stream":"","version":1,"position":0,"kind":"user.messaged","kind_version":1,'
    '"time_us":1767225600000000,"hash":'
    '"60aab09e83be246419dc14f8b897cd92fdb34e65cc3a1f74c5d2db0938a87e30",'
    '"salt":"000102030405060708090a0b0c0d0e0f","payload":{"text":"Grüße \\"x\\""}}'
)


def line_of(event: e.Event, **place: Any) -> bytes:
    """The event as a stored line."""
    given = {
        "stream": "c" * 32,
        "version": 2,
        "position": 1,
        "previous": ZERO_HASH,
        "time_us": 5,
        "salt": bytes(range(16)),
    }
    return seal(event, **{**given, **place}).line


@given(events(e.KINDS))
def test_every_kind_survives_the_log(event: e.Event) -> None:
    """What is sealed, split and decoded is the same event."""
    line = split(line_of(event))
    assert linked(line, ZERO_HASH)
    assert decode(line.kind, line.kind_version, line.payload) == event


def test_lines_of_the_first_format_are_read_and_proven() -> None:
    """The place and the kind's version in fields of their own, hash and salt in hex."""
    line = split(FORMAT_1.encode())
    assert (line.version, line.position, line.kind_version) == (1, 0, 1)
    assert (line.kind, line.time_us) == ("user.messaged", 1767225600000000)
    assert line.stream == "60aab09e83be246419dc14f8b897cd92"
    assert linked(line, ZERO_HASH)
    event = decode(line.kind, line.kind_version, line.payload)
    assert event == e.UserMessaged(text='Grüße "x"')


def test_only_one_way_to_write_hash_and_salt_is_read() -> None:
    """What decodes to the same bytes is not the same line."""
    raw = line_of(e.UserMessaged(text="x"))
    at = raw.index(b'","salt":"') - 1
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    unused = letters[letters.index(raw[at]) ^ 1]
    with pytest.raises(ValueError, match="not the shape of a record"):
        split(raw[:at] + bytes((unused,)) + raw[at + 1 :])


@given(st.binary(max_size=400))
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    """Splitting raises nothing but ValueError."""
    with pytest.raises(ValueError, match="not the shape of a record"):
        split(data)


def test_any_flipped_bit_breaks_the_shape_or_the_hash_and_is_found() -> None:
    """Envelope, hash, salt, payload and what stands between: all are covered."""
    raw = line_of(e.UserMessaged(text="Album é"))
    for at in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            try:
                line = split(bytes(changed))
            except ValueError:
                continue
            assert not linked(line, ZERO_HASH)
    for at in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[at] ^= 4
        change = pinpoint(bytes(changed), lambda line: linked(line, ZERO_HASH))
        assert change is not None
        assert change.line.raw == raw
        assert change.recorded != change.found


def test_a_changed_byte_is_named_by_field() -> None:
    """The words of the report are those of the event."""
    raw = line_of(e.UserMessaged(text="the Album"))
    changed = raw.replace(b"Album", b"Xlbum")
    change = pinpoint(changed, lambda line: linked(line, ZERO_HASH))
    assert str(change) == 'payload.text: recorded "the Album", found "the Xlbum"'
    changed = raw.replace(b'"version":2', b'"version":3')
    change = pinpoint(changed, lambda line: linked(line, ZERO_HASH))
    assert str(change) == "version: recorded 2, found 3"


def test_unknown_kinds_and_newer_versions_are_kept_closed() -> None:
    """They decode to None, whatever they hold."""
    assert decode("moon.landed", 1, b'{"a":1}') is None
    assert decode("clock.set", 2, b"[]") is None


def test_a_payload_of_another_shape_is_named() -> None:
    """The field and the reason are in the error."""
    with pytest.raises(ValueError, match=r"clock\.set: now: Field required"):
        decode("clock.set", 1, b"{}")


class OldClock(e.Event):
    """As it might have been once."""

    kind_version: ClassVar[int] = -1
    kind: str = "clock.set"
    at: str


def test_old_payloads_are_brought_up_to_date_step_by_step() -> None:
    """Each upcaster goes one version on; the last one meets today's class."""
    line = split(line_of(OldClock(at="2020")))
    upcasters = {
        ("clock.set", -1): lambda fields: {"when": fields["at"]},
        ("clock.set", 0): lambda fields: {"now": fields["when"] + "-01-01"},
    }
    event = decode(line.kind, line.kind_version, line.payload, upcasters)
    assert event == e.ClockSet(now="2020-01-01")
    assert decode(line.kind, line.kind_version, line.payload) is None


def test_a_first_record_is_called_by_its_hash() -> None:
    """Its line holds no stream."""
    raw = line_of(e.ClockSet(now="x"), stream="", version=1, position=0)
    line = split(raw)
    assert orjson.loads(raw)["stream"] == ""
    assert line.stream == line.hash[:32]
    assert root_of(line) == ZERO_HASH


def test_a_fork_is_chained_to_its_parent() -> None:
    """The root of the chain stands in the payload."""
    parent = e.Ref(stream="d" * 32, version=3, hash="9" * 64)
    event = e.TrajectoryForked(
        label="x", parent=parent, position=2, seed=1, lineage="f"
    )
    raw = line_of(event, stream="", version=1, position=3, previous="9" * 64)
    assert linked(split(raw), root_of(split(raw)))
