"""The file of `eventsim init`: it changes nothing, and it says everything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from eventsim.run.settings.explanations import EXPLANATIONS
from eventsim.run.settings.layers import Layer, leaves
from eventsim.run.settings.problems import checked
from eventsim.run.settings.sample_file import sample_file
from eventsim.run.settings.shape import Document, kind_of, names_in
from eventsim.run.settings.yaml_text import parse_yaml
from tests.run.settings.conftest import Read

_COMMENTED = re.compile(r"^( *)#(?=\S)", re.MULTILINE)
PATHS_ONCE = ("assistant", "tool", "judge", "tool_designer", "task_writer")


def _settings(path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting of the shape; roles after the first are as the first."""
    for name in names_in(path):
        here = (*path, name)
        if kind_of(here) == "section" and name not in PATHS_ONCE:
            yield from _settings(here)
        else:
            yield here


def _said() -> Mapping[str, Any]:
    """What the file says with every setting's # taken away."""
    value = parse_yaml(_COMMENTED.sub(r"\1", sample_file()), "sample").value
    assert isinstance(value, dict)
    return value


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def test_as_it_is_the_file_changes_nothing(read: Read) -> None:
    """It loads, and comes to what no file at all comes to."""
    assert read(sample_file()).run_config == read("").run_config
    assert not any(each.origin for each in read(sample_file()).every)


def test_a_preset_counts_above_the_file_as_it_is(read: Read) -> None:
    """What is commented out says nothing, so that it hides nothing either."""
    with_file = read(sample_file(), flags={"preset": "paper-user"})
    assert with_file.run_config.tasks == 3


@pytest.mark.parametrize("path", list(_settings()), ids=".".join)
def test_each_setting_stands_in_the_file(path: tuple[str, ...]) -> None:
    """Under its own name, in its own section."""
    above = _at(_said(), path[:-1])
    assert path[-1] in above


def test_with_every_comment_taken_away_it_is_a_sound_configuration() -> None:
    """Each example has the type of its setting, under endpoints too."""
    roles = {"user": _said()["roles"]["user"]}
    document = checked(Layer({**_said(), "roles": roles}))
    assert document.endpoints["here"].prices["MODEL-NAME"].output_usd == 2.0


def test_what_is_shown_without_an_example_is_the_default() -> None:
    """So that the file cannot tell another default than the program has."""
    said, default = _said(), Document().model_dump(mode="json")
    shown = 0
    for path, value in leaves(default):
        key = ".".join(path)
        explained = EXPLANATIONS.get(key)
        if path[0] in ("roles", "endpoints", "environments"):
            continue
        if explained is None or not explained.example:
            assert _at(said, path) == value, key
            shown += 1
    assert shown >= 30


def test_every_explanation_is_of_a_setting() -> None:
    """None is left over from a setting that is gone."""
    for name in EXPLANATIONS:
        path = tuple("user" if part == "*" else part for part in name.split("."))
        assert kind_of(path) is not None, name


def test_no_line_is_longer_than_an_editor_shows() -> None:
    """88 columns, as the code."""
    assert max(map(len, sample_file().splitlines())) <= 88
