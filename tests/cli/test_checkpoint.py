"""Check-points, and a history that was rewritten with all its hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import call, done, objects


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "store"))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key, its public half beside it."""
    done("log", "keygen", tmp_path / "key")
    return tmp_path / "key"


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _records(segment: Path) -> list[bytes]:
    lines = segment.read_bytes().splitlines()
    return [line for line in lines if line.startswith(b'{"stream":')]


def _written(segment: Path, records: list[bytes]) -> None:
    """One frame of these records, by the published format and nothing of ours."""

    def checked(prefix: bytes) -> bytes:
        check = hashlib.sha256(prefix).hexdigest()[:16].encode()
        return prefix + b',"check":"' + check + b'"}}\n'

    header = segment.read_bytes().splitlines()[0] + b"\n"
    body = b"".join(line + b"\n" for line in records)
    streams: Counter[str] = Counter()
    for line in records:
        fields = json.loads(line)
        streams[fields["stream"] or _bytes(fields["hash"]).hex()[:32]] += 1
    counts = ",".join(f'"{stream}":{count}' for stream, count in streams.items())
    frame = f'{{"frame":{{"durable":{len(header)},"bytes":{len(body)},'
    frame += (
        f'"streams":{{{counts}}},"sha256":"{hashlib.sha256(body).hexdigest()[:32]}"'
    )
    data = header + checked(frame.encode()) + body
    empty = f'{{"frame":{{"durable":{len(data)},"bytes":0,"streams":{{}},'
    empty += f'"sha256":"{_sum(b"")}"'
    segment.write_bytes(data + checked(empty.encode()))


def _rewritten(
    records: list[bytes], stream: str, old: bytes, new: bytes
) -> list[bytes]:
    """The records with every hash of one stream computed anew."""
    previous, found = bytes(32), []
    for line in records:
        fields = json.loads(line)
        hashed = _bytes(fields["hash"])
        if (fields["stream"] or hashed.hex()[:32]) != stream:
            found.append(line)
            continue
        envelope, _, rest = line.partition(b',"hash":"')
        payload = rest.partition(b'"payload":')[2][:-1].replace(old, new)
        digest = hashlib.sha256(_bytes(fields["salt"]) + payload).digest()
        previous = hashlib.sha256(previous + digest + envelope).digest()
        salt = fields["salt"].encode()
        found.append(
            b'%b,"hash":"%b","salt":"%b","payload":%b}'
            % (envelope, _base64(previous), salt, payload)
        )
    return found


def _last_dialogue(store: Path) -> tuple[Path, str, bytes]:
    """Its segment, its stream, and the words of its last message."""
    listed = objects("ls", "--json", store=store)
    stream = listed[-1]["stream"]
    (segment,) = (store / "segments").glob("*.jsonl")
    texts = [
        json.loads(line)["payload"]["text"]
        for line in _records(segment)
        if f'"stream":"{stream}"'.encode() in line and b'"kind":"user.messaged/' in line
    ]
    return segment, stream, json.dumps(texts[-1], ensure_ascii=False).encode()


def _forget(store: Path) -> None:
    (store / "catalogue.sqlite").unlink(missing_ok=True)


def test_a_rewritten_history_is_found_though_all_its_hashes_are_right(
    store: Path, key: Path, tmp_path: Path
) -> None:
    """Without the check-point nothing shows; with it the stream and the place do."""
    file = tmp_path / "checkpoint"
    (signed,) = objects(
        "log", "checkpoint", "--key", key, "-o", file, "--json", store=store
    )
    assert signed["streams"] == len(file.read_text().splitlines()) - 2
    assert "all as written" in done(
        "verify", "--checkpoint", file, "--public-key", f"{key}.pub", store=store
    )
    segment, stream, text = _last_dialogue(store)
    forged = _rewritten(_records(segment), stream, text, b'"I never said that."')
    assert forged != _records(segment)
    _written(segment, forged)
    _forget(store)
    assert "all as written" in done("verify", store=store)
    found = call("verify", "--checkpoint", file, "--json", store=store)
    assert found.returncode == 1
    (failure,) = json.loads(found.stdout)["failures"]
    assert (failure["stream"], failure["field"]) == (stream, "checkpoint")
    assert "written anew" in failure["what"]


def test_a_shortened_and_a_lost_stream_are_found(
    store: Path, key: Path, tmp_path: Path
) -> None:
    """Both are whole logs by themselves."""
    file = tmp_path / "checkpoint"
    done("log", "checkpoint", "--key", key, "-o", file, store=store)
    segment, stream, _ = _last_dialogue(store)
    records = _records(segment)
    own = [line for line in records if f'"stream":"{stream}"'.encode() in line]
    _written(segment, [line for line in records if line != own[-1]])
    _forget(store)
    assert "all as written" in done("verify", store=store)
    shown = call("verify", "--checkpoint", file, store=store).stdout
    assert f"had {len(own) + 1} records and has {len(own)}" in shown.replace("\n", " ")
    first = next(
        line
        for line in records
        if _bytes(json.loads(line)["hash"]).hex()[:32] == stream
    )
    _written(segment, [line for line in records if line not in (first, *own)])
    _forget(store)
    shown = call("verify", "--checkpoint", file, store=store).stdout
    assert "is gone" in shown


def test_a_log_that_only_grew_agrees(store: Path, key: Path, tmp_path: Path) -> None:
    """What is added later is no concern of the check-point."""
    file = tmp_path / "checkpoint"
    done("log", "checkpoint", "--key", key, "-o", file, store=store)
    done("run", "--domain", "clinic", "-n", "1", "--seed", "5", store=store)
    assert "all as written" in done("verify", "--checkpoint", file, store=store)


def test_a_check_point_that_was_altered_or_signed_by_another_is_refused(
    store: Path, key: Path, tmp_path: Path
) -> None:
    """Every byte is under the signature, and the key is compared where it is given."""
    file = tmp_path / "checkpoint"
    done("log", "checkpoint", "--key", key, "-o", file, store=store)
    data = file.read_bytes()
    for at in range(0, len(data) - 1, 37):
        file.write_bytes(data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :])
        result = call("verify", "--checkpoint", file, store=store)
        assert result.returncode == 1, at
        assert result.stderr.startswith(f"eventsim: {file} is "), result.stderr
    file.write_bytes(data)
    other = tmp_path / "other"
    done("log", "keygen", other)
    result = call(
        "verify", "--checkpoint", file, "--public-key", f"{other}.pub", store=store
    )
    assert "which is not that of" in result.stderr


def test_a_damaged_store_is_not_signed(store: Path, key: Path, tmp_path: Path) -> None:
    """A signature would make the damage look meant."""
    segment, _, text = _last_dialogue(store)
    data = segment.read_bytes()
    at = data.rindex(text)
    segment.write_bytes(data[: at + 1] + b"#" + data[at + 2 :])
    _forget(store)
    result = call("log", "checkpoint", "--key", key, "-o", tmp_path / "c", store=store)
    assert result.returncode == 1
    assert "nothing was signed" in result.stderr
    assert not (tmp_path / "c").exists()


def test_keys_are_private_and_never_overwritten(key: Path, tmp_path: Path) -> None:
    """Only its owner can read it; wrong files are named in one line."""
    assert key.stat().st_mode & 0o777 == 0o600
    again = call("log", "keygen", key)
    assert "is not overwritten" in again.stderr
    for wrong, said in [
        (tmp_path / "none", "there is no key"),
        (Path(f"{key}.pub"), "is not a private Ed25519 key"),
    ]:
        result = call(
            "log", "checkpoint", "--key", wrong, "-o", tmp_path / "c", store=tmp_path
        )
        assert said in result.stderr


def test_one_trajectory_is_verified_with_all_it_stands_on(
    store: Path, tmp_path: Path
) -> None:
    """Its run, tools and tasks count; damage elsewhere is no concern of it."""
    listed = [entry["trajectory"] for entry in objects("ls", "--json", store=store)]
    whole = json.loads(call("verify", "--json", store=store).stdout)
    (found,) = objects("verify", "--trajectory", listed[0], "--json", store=store)
    assert found["failed"] == 0
    assert 0 < found["checked"] < whole["checked"]
    segment, _, text = _last_dialogue(store)
    data = segment.read_bytes()
    at = data.rindex(text)
    segment.write_bytes(data[: at + 1] + b"#" + data[at + 2 :])
    _forget(store)
    assert done("verify", "--trajectory", listed[0], store=store)
    damaged = call("verify", "--trajectory", listed[-1], "--json", store=store)
    assert damaged.returncode == 1
    (failure,) = json.loads(damaged.stdout)["failures"]
    assert failure["trajectory"] == listed[-1]
