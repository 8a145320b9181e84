"""An event as stored: the envelope, the hash chain, and identity.

The stored line is one JSON object whose last field is the payload:

    {"stream":"…","version":3,"kind":"user.messaged/2","time_us":…,"hash":"…",
     "salt":"…","payload":{…}}

    payload digest = SHA-256(salt bytes + payload bytes)
    record hash    = SHA-256(previous hash + payload digest + envelope bytes)

where the envelope bytes are the line up to (not including) `,"hash"`, and the previous
hash of a stream's first record is 32 zero bytes, or for a fork the hash of the parent
record it continues. The first record of a stream has `"stream":""`: its identity is
the first 32 hex digits of its own hash. `kind` ends in the kind's version. A
`"position"` follows the version where it is not the version less one: in forks. Hash
and salt are base64 without padding: hex would be 31 bytes a record more. Where a
payload was redacted, `"digest":"…"` and blanks end the line instead of salt and
payload: the hash still proves it, and no other byte of the log moves. Pure: salt and
time come as arguments.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_base64
from dataclasses import dataclass
from typing import NamedTuple

from eventsim.core.events import Event, Ref

__all__ = [
    "ZERO_HASH",
    "Record",
    "Stored",
    "base64_of",
    "payload_digest",
    "record_hash",
    "seal",
]

ZERO_HASH = "0" * 64
_TOMBSTONE = re.compile(rb'","digest":"[\w+/]{43}" *\}\Z')


class Record(NamedTuple):
    """One event where it stands.

    `position` is the 0-based index on the path; `version` is the number of records
    of the stream up to and including this one. `event` is None for a kind or a kind
    version that this release does not know, `line` then holds it as it is, and for a
    payload that was redacted.
    """

    stream: str
    version: int
    position: int
    kind: str
    kind_version: int
    time_us: int
    hash: str
    event: Event | None
    line: bytes

    @property
    def redacted(self) -> bool:
        """Whether the payload was taken out; its digest stands in place of it."""
        return _TOMBSTONE.search(self.line) is not None

    @property
    def ref(self) -> Ref:
        """The state of the stream after this record."""
        return Ref(stream=self.stream, version=self.version, hash=self.hash)


@dataclass(frozen=True, slots=True)
class Stored:
    """A line ready to be written, without its newline, and what identifies it."""

    stream: str
    version: int
    position: int
    hash: str
    line: bytes


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    """32 bytes that commit to a payload without revealing it."""
    return hashlib.sha256(salt + payload).digest()


def record_hash(previous: str, digest: bytes, envelope: bytes) -> str:
    """The next link of the chain, in hex."""
    return hashlib.sha256(bytes.fromhex(previous) + digest + envelope).hexdigest()


def base64_of(data: bytes) -> bytes:
    """Without padding: 43 characters of 32 bytes, 22 of 16."""
    return b2a_base64(data, newline=False).rstrip(b"=")


def seal(
    event: Event,
    *,
    stream: str,
    version: int,
    position: int,
    previous: str,
    time_us: int,
    salt: bytes,
) -> Stored:
    """Stamp the envelope. `stream` is empty for the first record of a stream."""
    payload = event.payload()
    place = b"" if position == version - 1 else b',"position":%d' % position
    envelope = b'{"stream":"%b","version":%d%b,"kind":"%b/%d","time_us":%d' % (
        stream.encode(),
        version,
        place,
        event.kind.encode(),
        event.kind_version,
        time_us,
    )
    digest = payload_digest(salt, payload)
    hashed = record_hash(previous, digest, envelope)
    line = b'%b,"hash":"%b","salt":"%b","payload":%b}' % (
        envelope,
        base64_of(bytes.fromhex(hashed)),
        base64_of(salt),
        payload,
    )
    return Stored(stream or hashed[:32], version, position, hashed, line)
