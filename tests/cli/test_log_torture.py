"""`eventsim log torture`: what it prints, and what its exit code says."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import call, done, objects

SMALL = ("--loops", 3, "--losses", 20, "--rounds", 2, "--step", 900)


def test_it_prints_a_table_that_fits_and_leaves_nothing(tmp_path: Path) -> None:
    """A column a family, a row a count, and a verdict; 80 columns are enough."""
    told = done("log", "torture", "--dir", tmp_path, *SMALL, "--only", "power",
                "--only", "kills", "--only", "damage", "--only", "writers")  # fmt: skip
    lines = told.splitlines()
    assert lines[0].split() == [
        "kill", "-9", "power", "loss", "cuts", "and", "flips", "many", "writers",
    ]  # fmt: skip
    assert (
        next(each for each in lines if "records lost" in each).split()[2:] == ["0"] * 4
    )
    assert lines[-1].startswith("every promise was kept")
    assert max(map(len, lines)) <= 80
    assert list(tmp_path.iterdir()) == []


def test_its_json_has_every_count_and_the_plan(tmp_path: Path) -> None:
    """So that a run can be repeated: the seed is there."""
    options = ("--only", "power", "--seed", 5, "--json")
    (told,) = objects("log", "torture", "--dir", tmp_path, *SMALL, *options)
    assert told["kept"] is True
    assert (told["plan"]["losses"], told["plan"]["seed"]) == (20, 5)
    (family,) = told["families"]
    assert (family["cases"], family["lost"], family["broken"]) == (20, 0, [])


def test_a_place_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """It says which place, and why."""
    (tmp_path / "file").write_text("")
    result = call("log", "torture", "--dir", tmp_path / "file" / "below", *SMALL)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert str(tmp_path / "file" / "below") in result.stderr


def test_help_has_an_example() -> None:
    """Of the command itself."""
    page = done("log", "torture", "--help")
    assert "eventsim log torture" in page.split("Example:")[1]
    assert " torture " in done("log", "--help")
