"""A signed list of stream heads: what a log was at a time, kept elsewhere.

    {"checkpoint":{"format":"eventsim-checkpoint","major":1,"time_us":…,"streams":N,
     "public_key":"…"}}
    STREAM VERSION HASH                              one line a stream, sorted
    {"signature":"…"}                                Ed25519, over all bytes before it

Whoever can write a store can also recompute every hash in it; a check-point that is
kept where they cannot write shows it. A stream may have grown since: what counts is
that its record of that version still has that hash. Keys and signature are base64.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from eventsim.core.events import Ref
from eventsim.errors import BadInput, LogTooNew, NotFound, UsageError
from eventsim.log.disk import Disk, explained

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Checkpoint",
    "fingerprint",
    "make_key",
    "public_key_of",
    "read_checkpoint",
    "read_public_key",
    "write_checkpoint",
]

FORMAT = "eventsim-checkpoint"
MAJOR = 1
_KEY_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Heads of streams at `time_us`, and the 32 bytes of the key that signed them."""

    file: str
    time_us: int
    heads: tuple[Ref, ...]
    public_key: bytes


def fingerprint(public_key: bytes) -> str:
    """A key as people compare it: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


# --- keys ---------------------------------------------------------------------------


def make_key(file: Path) -> bytes:
    """Write a new private key (PEM, readable by its owner alone) and `FILE.pub`.

    Returns the public key. Raises: UsageError if the file is there, LogError.
    """
    _need_cryptography()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    private = ed25519.Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with explained("write the key", file):
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(file, flags, _KEY_MODE)
        except FileExistsError:
            raise UsageError(
                f"{file} exists and is not overwritten; a key that signed must be kept"
            ) from None
        with os.fdopen(descriptor, "wb") as target:
            target.write(pem)
            target.flush()
            os.fsync(target.fileno())
        public = private.public_key().public_bytes_raw()
        Disk().create(_public_file(file), base64.b64encode(public) + b"\n")
    return public


def public_key_of(file: Path) -> bytes:
    """The public half of a private key. Raises: NotFound, BadInput."""
    return _private_key(file).public_key().public_bytes_raw()


def read_public_key(file: Path) -> bytes:
    """The 32 bytes in a `.pub` file. Raises: NotFound, BadInput."""
    data = _bytes_of(file, "public key")
    try:
        key = base64.b64decode(data.strip(), validate=True)
        if len(key) != 32:
            raise ValueError
    except ValueError:
        raise BadInput(f"{file} is not a public key: 32 bytes in base64") from None
    return key


def _public_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.pub")


def _private_key(file: Path) -> Ed25519PrivateKey:
    _need_cryptography()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    data = _bytes_of(file, "key")
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise BadInput(
            f"{file} is not a private Ed25519 key in PEM without a password; make one "
            "with: eventsim log keygen FILE"
        )
    return key


def _bytes_of(file: Path, what: str) -> bytes:
    with explained(f"read the {what}", file):
        try:
            return file.read_bytes()
        except FileNotFoundError:
            raise NotFound(f"there is no {what} {file}") from None
        except IsADirectoryError:
            raise BadInput(f"{file} is a directory, not a {what}") from None


# --- check-points -------------------------------------------------------------------


def write_checkpoint(
    file: Path, heads: Iterable[Ref], *, key: Path, time_us: int
) -> Checkpoint:
    """Sign the heads and write the file whole. Raises: NotFound, BadInput, LogError."""
    private = _private_key(key)
    public = private.public_key().public_bytes_raw()
    listed = tuple(sorted(heads, key=lambda ref: ref.stream))
    header = {
        "format": FORMAT,
        "major": MAJOR,
        "time_us": time_us,
        "streams": len(listed),
        "public_key": base64.b64encode(public).decode(),
    }
    lines = [orjson.dumps({"checkpoint": header})]
    lines += [f"{ref.stream} {ref.version} {ref.hash}".encode() for ref in listed]
    data = b"\n".join(lines) + b"\n"
    signature = base64.b64encode(private.sign(data)).decode()
    with explained("write the check-point", file):
        Disk().create(file, data + orjson.dumps({"signature": signature}) + b"\n")
    return Checkpoint(str(file), time_us, listed, public)


def read_checkpoint(file: Path) -> Checkpoint:
    """A check-point whose signature holds under the key that it names.

    Whether that is the right key is for the caller. Raises: NotFound, BadInput,
    LogTooNew.
    """
    data = _bytes_of(file, "check-point")
    signed, _, last = data.removesuffix(b"\n").rpartition(b"\n")
    first, _, body = signed.partition(b"\n")
    try:
        header = orjson.loads(first)["checkpoint"]
        named, major = header["format"], int(header["major"])
        if named != FORMAT:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{file} is not a check-point of eventsim") from None
    if major > MAJOR:
        raise LogTooNew(
            f"{file} has check-point format {major}, this release reads up to {MAJOR}; "
            "use a newer eventsim"
        )
    try:
        public = base64.b64decode(header["public_key"], validate=True)
        signature = base64.b64decode(orjson.loads(last)["signature"], validate=True)
        _check(public, signature, signed + b"\n")
        heads = tuple(_head(line) for line in body.splitlines())
        return Checkpoint(str(file), int(header["time_us"]), heads, public)
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            f"{file} is cut or altered: its signature does not hold; use an untouched "
            "copy"
        ) from None


def _head(line: bytes) -> Ref:
    stream, version, hashed = line.decode("ascii").split(" ")
    return Ref(stream=stream, version=int(version), hash=hashed)


def _check(public: bytes, signature: bytes, data: bytes) -> None:
    """Raises: ValueError."""
    _need_cryptography()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    try:
        key.verify(signature, data)
    except InvalidSignature:
        raise ValueError("the signature does not hold") from None


def _need_cryptography() -> None:
    """Raises: UsageError."""
    if importlib.util.find_spec("cryptography") is None:
        raise UsageError(
            "signing needs the extra `sign`; install it with: "
            "python -m pip install 'eventsim[sign]'"
        )
