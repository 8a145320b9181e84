"""The stored line and its chain, computed again with hashlib alone."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.core.events import Event, PolicySet, UserMessaged
from eventsim.core.records import ZERO_HASH, Record, Stored, seal
from tests.strategies import events

SALT = bytes(range(16))
GOLDEN = (
    '{"stream":"","version":1,"kind":"user.messaged/1","time_us":1767225600000000,'
    '"hash":"4zFX92bw7ur0NvLbeDCWO+u7PIyg4n+riYdkcCltJ/s","salt":"AAECAwQFBgcICQoLDA0ODw",'
    '"payload":{"text":"Grüße \\"x\\""}}'
)


def sealed(event: Event, previous: str = ZERO_HASH, **changes: object) -> Stored:
    """A record with an ordinary envelope."""
    envelope = {"stream": "s", "version": 2, "position": 5, "time_us": 9, "salt": SALT}
    return seal(event, previous=previous, **{**envelope, **changes})


def bytes_of(text: bytes | str) -> bytes:
    """Base64 as records hold it, without padding."""
    plain = text if isinstance(text, bytes) else text.encode()
    return base64.b64decode(plain + b"=" * (-len(plain) % 4))


def hash_of(line: bytes, previous: str) -> str:
    """The hash that a line should carry, by the published rule and nothing else."""
    envelope, _, rest = line.partition(b',"hash":"')
    _, _, rest = rest.partition(b',"salt":"')
    salt, _, payload = rest.partition(b'","payload":')
    digest = hashlib.sha256(bytes_of(salt) + payload[:-1]).digest()
    return hashlib.sha256(bytes.fromhex(previous) + digest + envelope).hexdigest()


def test_the_stored_line_is_that_of_this_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Golden bytes: field order, spacing, escapes, hash; at the first version."""
    monkeypatch.setattr(UserMessaged, "kind_version", 1)
    event = UserMessaged(text='Grüße "x"')
    stored = seal(
        event,
        stream="",
        version=1,
        position=0,
        previous=ZERO_HASH,
        time_us=1_767_225_600_000_000,
        salt=SALT,
    )
    assert stored.line == GOLDEN.encode()
    assert stored.hash == hash_of(stored.line, "00" * 32)
    assert stored.stream == stored.hash[:32]


@given(
    events(), st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)
)
def test_a_line_is_json_whose_hash_can_be_computed_with_other_tools(
    event: Event, salt: bytes, previous: bytes
) -> None:
    """One line, the payload last and byte for byte the event's, the chain as stated."""
    stored = sealed(event, previous.hex(), salt=salt)
    assert b"\n" not in stored.line
    fields = json.loads(stored.line)
    assert list(fields) == [
        "stream", "version", "position", "kind", "time_us", "hash", "salt", "payload",
    ]  # fmt: skip
    assert stored.line.endswith(b'"payload":' + event.payload() + b"}")
    assert bytes_of(fields["hash"]).hex() == stored.hash
    assert stored.hash == hash_of(stored.line, previous.hex())
    assert bytes_of(fields["salt"]) == salt
    assert fields["kind"] == f"{event.kind}/{event.kind_version}"


@given(st.lists(events(), min_size=2, max_size=5), st.data())
def test_a_change_anywhere_breaks_the_chain_from_there_on(
    several: list[Event], data: st.DataObject
) -> None:
    """Every record commits to all before it: an altered one changes all that follow."""
    at = data.draw(st.integers(0, len(several) - 1))

    def chain(edited: bool) -> list[str]:
        hashes, previous = [], ZERO_HASH
        for number, event in enumerate(several):
            chosen = PolicySet(sha256="another") if edited and number == at else event
            stored = sealed(chosen, previous, version=number + 1, position=number)
            hashes.append(stored.hash)
            previous = stored.hash
        return hashes

    if several[at] == PolicySet(sha256="another"):
        return
    first, second = chain(edited=False), chain(edited=True)
    assert first[:at] == second[:at]
    assert all(a != b for a, b in zip(first[at:], second[at:], strict=True))


def test_every_field_of_the_envelope_is_under_the_hash() -> None:
    """None of them can be changed without being found out."""
    event = PolicySet(sha256="a")
    changes = [
        {"stream": "t"}, {"version": 3}, {"position": 6}, {"time_us": 10},
        {"salt": bytes(16)}, {"previous": "1" * 64},
    ]  # fmt: skip
    hashes = {sealed(event, **change).hash for change in [{}, *changes]}
    assert len(hashes) == 1 + len(changes)


def test_equal_payloads_cannot_be_told_by_their_digests() -> None:
    """A fresh salt hides what a record says from one who has only its hash."""
    event = PolicySet(sha256="yes")
    one, other = (sealed(event, salt=bytes([n]) * 16) for n in (1, 2))
    assert one.hash != other.hash


def test_identity_is_the_first_hash_and_later_records_keep_their_stream() -> None:
    """Only the first record names its stream by its own hash."""
    first = sealed(PolicySet(sha256="a"), stream="", version=1, position=0)
    assert first.stream == first.hash[:32]
    then = sealed(PolicySet(sha256="b"), first.hash, stream=first.stream)
    assert then.stream == first.stream


def test_a_record_refers_to_the_state_after_it() -> None:
    """A reference is stream, count of records, and the hash that proves them."""
    stored = sealed(PolicySet(sha256="a"))
    record = Record(
        stream=stored.stream,
        version=stored.version,
        position=stored.position,
        kind="policy.set",
        kind_version=1,
        time_us=9,
        hash=stored.hash,
        event=PolicySet(sha256="a"),
        line=stored.line,
    )
    assert record.ref.model_dump() == {
        "stream": stored.stream,
        "version": 2,
        "hash": stored.hash,
    }
