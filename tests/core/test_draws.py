"""Draws: pure, independent of each other, stable for ever, and fair."""

from __future__ import annotations

import hashlib
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.core.draws import Draws, lineage_of

draws = st.builds(Draws, seed=st.integers(0, 2**63), lineage=st.text(max_size=16))
names = st.text(max_size=12)
ordinals = st.integers(0, 10_000)


def test_draws_are_those_of_every_release_before() -> None:
    """Golden values: a recorded run draws the same with any later version."""
    source = Draws(seed=7, lineage=lineage_of("run", 3))
    assert source.lineage == "e431885fa790a26f"
    assert source.integer("persona") == 1407659938
    assert source.integer("persona", 1, below=10) == 5
    assert source.fraction("flaw", 2) == 0.729230802499927
    assert source.choice("abcdef", "letter", 5) == "f"
    assert source.weighted({"x": 1, "y": 2, "z": 3}, "mood") == "z"
    assert source.generator("rows").random() == 0.4686402851762522


@given(draws, names, ordinals)
def test_a_draw_is_a_published_function_of_its_four_parts(
    source: Draws, name: str, ordinal: int
) -> None:
    """SHA-256 over the parts: any other program can repeat a draw."""
    key = "\x1f".join([str(source.seed), source.lineage, name, str(ordinal)])
    bits = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    assert source.integer(name, ordinal, below=1000) == bits % 1000
    assert source.fraction(name, ordinal) == (bits >> 11) / 2**53
    assert source.generator(name, ordinal).random() == Random(bits).random()


@given(draws, names, ordinals, st.integers(1, 2**40))
def test_draws_stay_in_their_ranges(
    source: Draws, name: str, ordinal: int, below: int
) -> None:
    """Integers in [0, below), fractions in [0, 1), choices among the items."""
    assert 0 <= source.integer(name, ordinal, below=below) < below
    assert 0 <= source.fraction(name, ordinal) < 1
    assert source.choice([below], name, ordinal) == below


@given(draws, st.lists(st.tuples(names, ordinals), min_size=1, max_size=8))
def test_no_draw_depends_on_those_made_before(
    source: Draws, asked: list[tuple[str, int]]
) -> None:
    """In any order, and however often, the same question has the same answer."""
    forward = [source.integer(*question) for question in asked]
    backward = [source.integer(*question) for question in reversed(asked)]
    assert forward == backward[::-1]
    fresh = Draws(source.seed, source.lineage)
    assert forward == [fresh.integer(*question) for question in asked]


def test_every_part_of_a_draw_matters() -> None:
    """Another seed, lineage, name or ordinal is another stream of choices."""

    def series(seed: int, lineage: str, name: str, start: int) -> tuple[int, ...]:
        source = Draws(seed, lineage)
        return tuple(source.integer(name, start + n) for n in range(8))

    ways = [(1, "a", "n", 0), (2, "a", "n", 0), (1, "b", "n", 0), (1, "a", "m", 0)]
    assert len({series(*way) for way in [*ways, (1, "a", "n", 100)]}) == 5


def test_neighbouring_streams_do_not_agree_more_often_than_chance() -> None:
    """Coins of two seeds, two names and two ordinals agree about half of the time."""

    def coin(seed: int, name: str, ordinal: int) -> int:
        return Draws(seed, "path").integer(name, ordinal, below=2)

    count = 4000
    for other in ((1, "a", 0), (0, "b", 0), (0, "a", 1)):
        same = sum(
            coin(0, "a", n) == coin(other[0], other[1], n + other[2])
            for n in range(count)
        )
        assert abs(same / count - 0.5) < 0.04


def test_choices_are_fair_and_weights_are_shares() -> None:
    """Over many draws each item comes as often as it should, within 2 percent."""
    source, count = Draws(3, "path"), 10_000
    fair = Counter(source.choice("abcd", "fair", n) for n in range(count))
    assert all(abs(fair[item] / count - 0.25) < 0.02 for item in "abcd")
    weights = {"rare": 0.5, "never": 0.0, "often": 3.5}
    drawn = Counter(source.weighted(weights, "weights", n) for n in range(count))
    assert abs(drawn["rare"] / count - 0.125) < 0.02
    assert drawn["never"] == 0
    assert drawn["rare"] + drawn["often"] == count


def test_rounding_never_leaves_a_weighted_draw_without_an_answer() -> None:
    """If the shares do not add up for the largest fraction, the last key is it."""

    class Largest(Draws):
        def fraction(self, name: str, ordinal: int = 0) -> float:
            return 1.0

    assert Largest(0, "").weighted({"a": 0.1, "b": 0.2}, "any") == "b"


def test_nothing_can_be_chosen_from_nothing() -> None:
    """An empty sequence is the caller's bug, and an error."""
    with pytest.raises((IndexError, ZeroDivisionError)):
        Draws(0, "").choice([], "any")


@given(st.lists(st.text(max_size=5), max_size=4))
def test_a_lineage_is_16_hex_digits_of_all_its_parts(parts: list[str]) -> None:
    """It names what led to a path: one part more is another path."""
    lineage = lineage_of(*parts)
    assert len(lineage) == 16
    int(lineage, 16)
    assert lineage == lineage_of(*parts)
    assert lineage != lineage_of(*parts, "fork")


def test_parts_of_a_lineage_do_not_run_into_each_other() -> None:
    """("ab", "c") and ("a", "bc") lead to different places."""
    assert lineage_of("ab", "c") != lineage_of("a", "bc")
