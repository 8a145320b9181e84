"""The simulated disk: what survives a power loss, and what need not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eventsim.log.torture.medium import Medium, mixture

SEEDS = range(60)


def write(medium: Medium, path: Path, data: bytes, *, sync: bool) -> None:
    """To the end of a file."""
    descriptor = medium.open_append(path)
    medium.write(descriptor, data)
    if sync:
        medium.fsync(descriptor)
    os.close(descriptor)


def outcomes(tmp_path: Path, *, sync: bool, sync_name: bool) -> set[bytes | None]:
    """What a file of two writes can be after a power loss; None for absent."""
    found: set[bytes | None] = set()
    for seed in SEEDS:
        place = tmp_path / str(seed)
        place.mkdir()
        medium = Medium(place, seed)
        write(medium, place / "file", b"first", sync=sync)
        if sync_name:
            medium.fsync_directory(place)
        write(medium, place / "file", b"second", sync=False)
        medium.lose_power()
        path = place / "file"
        found.add(path.read_bytes() if path.exists() else None)
    return found


def test_what_was_synced_with_its_name_is_there(tmp_path: Path) -> None:
    """And what follows it is there, in part, as zeros, or not."""
    found = outcomes(tmp_path, sync=True, sync_name=True)
    assert all(each is not None and each.startswith(b"first") for each in found)
    assert {b"first", b"firstsecond"} < found


def test_a_file_without_a_synced_name_may_be_gone(tmp_path: Path) -> None:
    """However well its bytes were synced."""
    found = outcomes(tmp_path, sync=True, sync_name=False)
    assert None in found
    assert any(found)


def test_bytes_that_were_not_synced_may_be_zeros(tmp_path: Path) -> None:
    """The size of a file can be ahead of its pages."""
    found = outcomes(tmp_path, sync=False, sync_name=True)
    assert any(each and not each.strip(b"\0") for each in found)


def test_pages_come_out_in_any_order(tmp_path: Path) -> None:
    """A later sector may be new while an earlier one is old."""
    import random

    old, new = b"o" * 1024, b"n" * 1024
    sectors = {
        tuple(data[at : at + 1] for at in (0, 512))
        for seed in SEEDS
        if len(data := mixture([old, new], random.Random(seed))) == 1024
    }
    assert sectors == {(a, b) for a in (b"o", b"n") for b in (b"o", b"n")}


def test_a_failed_sync_leaves_its_pages_behind(tmp_path: Path) -> None:
    """The next sync passes over them; writing them again brings them in."""

    class Failing(Medium):
        fails = False

        def _pass(self, call: str) -> None:
            super()._pass(call)
            if call == "fsync" and self.fails:
                raise OSError(5, "failed")

    for rewritten in (False, True):
        found = set()
        for seed in SEEDS:
            place = tmp_path / f"{rewritten}-{seed}"
            place.mkdir()
            medium = Failing(place, seed)
            write(medium, place / "file", b"", sync=True)
            medium.fsync_directory(place)
            medium.fails = True
            with pytest.raises(OSError, match="failed"):
                write(medium, place / "file", b"x" * 9000, sync=True)
            medium.fails = False
            write(medium, place / "file", b"y" * 9000, sync=True)
            if rewritten:
                medium.settle(place / "file", 0)
            medium.lose_power()
            found.add((place / "file").read_bytes()[:4096])
        assert (b"\0" * 4096 in found) is not rewritten


def test_a_renamed_file_has_the_old_name_the_new_one_or_both(tmp_path: Path) -> None:
    """Never neither; after a sync of the directory only the new one."""
    for sync in (False, True):
        found = set()
        for seed in SEEDS:
            place = tmp_path / f"{sync}-{seed}"
            place.mkdir()
            medium = Medium(place, seed)
            write(medium, place / "old", b"x", sync=True)
            medium.fsync_directory(place)
            medium.rename(place / "old", place / "new")
            if sync:
                medium.fsync_directory(place)
            medium.lose_power()
            found.add(tuple(sorted(each.name for each in place.iterdir())))
        assert found == ({("new",)} if sync else {("old",), ("new",), ("new", "old")})


def test_once_the_power_is_gone_every_call_fails(tmp_path: Path) -> None:
    """Until it comes back."""
    medium = Medium(tmp_path, 1)
    medium.burn(1)
    medium.make_directory(tmp_path / "a")
    for _ in range(2):
        with pytest.raises(OSError, match="power"):
            medium.make_directory(tmp_path / "b")
    assert not medium.is_on
    medium.lose_power()
    medium.make_directory(tmp_path / "b")
