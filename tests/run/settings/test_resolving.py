"""The later source wins: preset, file, environment, flags; and origins are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.config import RunConfig
from eventsim.errors import UsageError
from tests.run.settings.conftest import SEED, Read


def test_nothing_said_is_a_run_by_rule_with_a_drawn_seed(read: Read) -> None:
    """The defaults of the file are those of the configuration that is recorded."""
    settings = read()
    assert settings.run_config == RunConfig(seed=SEED, count=12)
    assert settings.seed_drawn
    assert settings.is_untouched
    assert not any(each.origin for each in settings.every)


def test_each_source_wins_over_the_ones_before_it(read: Read) -> None:
    """One setting after the other is said once more, later."""
    file = "preset: paper-user\npipeline: task-oriented\ncount: 20\nseed: 2\n"
    environment = {"EVENTSIM_COUNT": "30", "EVENTSIM_SEED": "3"}
    settings = read(file, environment, {"seed": 4})
    config = settings.run_config
    assert config.tasks == 3  # the preset's
    assert config.pipeline == "task-oriented"  # the file's
    assert config.count == 30  # the environment's
    assert config.seed == 4  # the flag's
    assert not settings.seed_drawn
    places = {
        name: origin.place
        for name in ("tasks", "pipeline", "count", "seed")
        if (origin := settings.origin(name))
    }
    assert places == {
        "tasks": "preset paper-user",
        "pipeline": "eventsim.yaml, line 2",
        "count": "EVENTSIM_COUNT",
        "seed": "--seed",
    }


def test_of_flags_the_last_one_counts(read: Read) -> None:
    """`--set` comes after the named flags."""
    settings = read(flags={"count": 5}, sets=["count=6", "count=7"])
    assert settings.run_config.count == 7


def test_sections_are_joined_and_not_replaced(read: Read) -> None:
    """Each source adds what it says about limits."""
    settings = read(
        "limits: {max_turns: 50, samples: 2}",
        {"EVENTSIM_LIMITS__MAX_TURNS": "60"},
        sets=["limits.attempts=9"],
    )
    limits = settings.run_config.limits
    assert (limits.max_turns, limits.samples, limits.attempts) == (60, 2, 9)


def test_null_takes_back_what_an_earlier_source_said(read: Read) -> None:
    """A budget of the file can be lifted for one run."""
    settings = read("budget: {tokens: 9}", sets=["budget.tokens=null"])
    assert settings.budget_tokens is None


def test_another_source_to_generate_from_takes_the_place_of_the_earlier(
    read: Read,
) -> None:
    """They exclude each other, so a flag needs no flag that unsays the file."""
    settings = read("source: {domain: library}", flags={"source.db": "shop.sqlite"})
    assert settings.source.db == "shop.sqlite"
    assert settings.source.domain is None


def test_two_sources_at_once_are_refused(read: Read) -> None:
    """In one file nobody could say which is meant."""
    with pytest.raises(UsageError, match="exclude each other; keep one"):
        read("source:\n  domain: library\n  db: shop.sqlite\n")


def test_files_are_found_beside_the_file_that_names_them(
    read: Read, tmp_path: Path
) -> None:
    """Wherever the command is called from."""
    (tmp_path / "mine.j2").write_text("# Your part: the user\nBe brief.")
    settings = read("source: {db: data/shop.sqlite}\nprompts: {user: mine.j2}")
    assert settings.source.db == "data/shop.sqlite"
    assert settings.prompts["user"].endswith("Be brief.")


def test_a_prompt_that_is_no_template_names_the_line(
    read: Read, tmp_path: Path
) -> None:
    """Before anything is recorded."""
    (tmp_path / "mine.j2").write_text("Hello\n{% if %}")
    with pytest.raises(UsageError, match=r"mine\.j2, line 2: this is no Jinja"):
        read("prompts: {user: mine.j2}")


def test_a_prompt_may_use_what_it_is_given_and_nothing_else(
    read: Read, tmp_path: Path
) -> None:
    """What a role must not see cannot be asked for; a stage of one's own may give
    its prompt other things.
    """
    (tmp_path / "mine.j2").write_text("# Your part: policy\n{{ title }} {{ goal }}")
    with pytest.raises(UsageError, match=r"mine\.j2 uses 'goal'; there are about, "):
        read("prompts: {policy: mine.j2}")
    own = read("prompts: {policy: mine.j2}\nstages: {policy: somewhere:Stage}")
    assert "goal" in own.prompts["policy"]


def test_an_empty_variable_says_nothing_but_for_keys(read: Read) -> None:
    """`EVENTSIM_KEY_ENV=` means that no key is sent."""
    url = {"EVENTSIM_MODEL": "m", "EVENTSIM_BASE_URL": "https://models.example/v1"}
    settings = read(None, {**url, "EVENTSIM_COUNT": "", "EVENTSIM_KEY_ENV": ""})
    assert settings.run_config.count == 12
    assert settings.run_config.endpoints["default"].key_env == ""


def test_a_variable_that_holds_a_key_is_no_setting(read: Read) -> None:
    """Even if its name begins as those of settings do."""
    file = "model: m\nbase_url: https://models.example/v1\nkey_env: EVENTSIM_MY_KEY\n"
    settings = read(file, {"EVENTSIM_MY_KEY": "sk-planted-0123456789abcdef"})
    assert settings.run_config.endpoints["default"].key_env == "EVENTSIM_MY_KEY"
