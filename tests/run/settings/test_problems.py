"""A slip in the configuration is one line: where, what, and what was meant."""

from __future__ import annotations

import pytest

from eventsim.errors import UsageError
from tests.run.settings.conftest import Read

KEY = "sk-proj-4f9a81c3d2e7b6a5f0f1f2f3"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (
            "count: 3\ntaks: 2",
            "eventsim.yaml, line 2: there is no taks in the configuration; did you "
            "mean tasks?",
        ),
        (
            "limits:\n  max_turn: 3",
            "eventsim.yaml, line 2: there is no max_turn in limits; did you mean "
            "max_turns?",
        ),
        (
            "max_turns: 3",
            "eventsim.yaml, line 1: there is no max_turns in the configuration; did "
            "you mean limits.max_turns?",
        ),
        (
            "count: many",
            "eventsim.yaml, line 1: count: must be a whole number, not 'many'",
        ),
        (
            "\ncount: 0",
            "eventsim.yaml, line 2: count: must be at least 1, not 0",
        ),
        (
            "difficulty: hrad",
            "eventsim.yaml, line 1: difficulty: must be one of easy, medium, hard, "
            "mixed; did you mean hard? it is 'hrad'",
        ),
        (
            "count: 3\ncount: 4",
            "eventsim.yaml, line 2: count stands here twice (first in line 1); keep "
            "one",
        ),
        (
            "limits:\n\tmax_turns: 3",
            "eventsim.yaml, line 2: a tab stands in the indentation; indent with "
            "spaces",
        ),
        (
            "seed: 012",
            "eventsim.yaml, line 1: a number begins with 0, which some read as octal; "
            "leave the 0 away, or put a text into quotes",
        ),
        (
            "- count",
            "eventsim.yaml holds no settings; write one on each line, such as count: "
            "20",
        ),
    ],
)
def test_a_slip_in_the_file_is_said_with_its_line(
    read: Read, file: str, line: str
) -> None:
    """File, line, what is wrong, and the closest name."""
    with pytest.raises(UsageError) as caught:
        read(file)
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("setting", "close"),
    [
        ("pipeline: user-orientd", "did you mean user-oriented?"),
        ("personas: {brsk: 1}", "did you mean brisk?"),
        ("languages: {Germn: 1}", "did you mean German?"),
        ("behaviours: {smalltalk: 0.1}", "did you mean small_talk?"),
        ("stages: {polcy: a.b:C}", "did you mean policy?"),
        ("prompts: {usr: a.j2}", "did you mean user?"),
    ],
)
def test_names_that_nothing_has_are_refused_with_a_close_one(
    read: Read, setting: str, close: str
) -> None:
    """Names that are kept elsewhere are checked before anything is recorded."""
    with pytest.raises(UsageError, match="line 1") as caught:
        read(setting)
    assert close in str(caught.value)


def test_a_slip_in_the_environment_names_the_variable(read: Read) -> None:
    """With the closest setting."""
    with pytest.raises(UsageError) as caught:
        read(None, {"EVENTSIM_LIMITS__MAX_TURN": "3"})
    assert str(caught.value) == (
        "EVENTSIM_LIMITS__MAX_TURN: there is no max_turn in limits; did you mean "
        "max_turns?"
    )


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (f"key_env: {KEY}", "line 1: key_env"),
        (f"api_key: {KEY}", "line 1: api_key"),
        (f"count: 1\nroles:\n  user:\n    model: {KEY}", "line 4: roles.user.model"),
        (f"sampling:\n  extra_body: {{auth: {KEY}}}", "line 2: sampling.extra_body"),
        (f"tags: [{KEY}]", "line 1: tags"),
        ("endpoints:\n  a:\n    api_key: hunter2", "line 3: endpoints.a.api_key"),
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(
    read: Read, file: str, place: str
) -> None:
    """Wherever it stands; what to do is said."""
    with pytest.raises(UsageError) as caught:
        read(file)
    said = str(caught.value)
    assert said.startswith(f"eventsim.yaml, {place}")
    assert "put it into an environment variable and name that in key_env" in said
    assert KEY not in said
    assert "hunter2" not in said


def test_a_key_in_the_environment_or_in_a_flag_is_refused(read: Read) -> None:
    """As in the file."""
    for environment, sets in (({"EVENTSIM_MODEL": KEY}, []), ({}, [f"model={KEY}"])):
        with pytest.raises(UsageError, match="looks like a key") as caught:
            read(None, environment, sets=sets)
        assert KEY not in str(caught.value)


def test_a_url_that_holds_a_password_is_refused(read: Read) -> None:
    """It would be recorded."""
    with pytest.raises(UsageError, match="must hold no user, password") as caught:
        read("model: m\nbase_url: https://me:hunter2@models.example/v1")
    assert "hunter2" not in str(caught.value)
