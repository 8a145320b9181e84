"""`eventsim log follow`: records as they are written."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import call, objects


def test_records_are_printed_and_a_cursor_goes_on(made: Path, first: str) -> None:
    """A JSON object a line; behind a cursor come the lines that came after it."""
    lines = objects("log", "follow", "--once", store=made)
    verified = objects("verify", "--json", store=made)
    assert len(lines) == verified[0]["records"]
    middle = len(lines) // 2
    cursor = lines[middle]["cursor"]
    rest = objects("log", "follow", "--once", "--after", cursor, store=made)
    assert rest == lines[middle + 1 :]
    own = objects("log", "follow", first, "--once", store=made)
    assert own[0]["event"]["label"] == first
    assert [line["version"] for line in own] == [*range(1, len(own) + 1)]


def test_what_is_no_cursor_is_named(made: Path) -> None:
    """One line, and what one looks like."""
    for wrong in ("12", "[1]", '{"0":1}', "x"):
        result = call("log", "follow", "--after", wrong, store=made)
        assert result.returncode == 1
        assert "is no cursor; one looks like" in result.stderr
        assert len(result.stderr.splitlines()) == 1
