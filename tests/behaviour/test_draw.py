"""Draws of behaviour rules."""

from __future__ import annotations

from collections import Counter

import pytest

from eventsim.behaviour.draw import draw_rules
from eventsim.behaviour.personas import PERSONAS
from eventsim.behaviour.registry import RULES
from eventsim.behaviour.rule import View
from eventsim.core.draws import Draws
from eventsim.errors import UsageError

OPENING = View(task=1, message=0, objectives=3, persona="plain")
LATER = View(task=1, message=2, objectives=3, persona="plain")


def _drawn(view: View, ordinal: int, weights: dict[str, float]) -> set[str]:
    draws = Draws(seed=5, lineage="a")
    return {name for name, _ in draw_rules(view, draws, ordinal, weights)}


def test_names() -> None:
    """Every rule is registered under its own name, with a sentence and a weight."""
    for name, rule in RULES.items():
        assert rule.name == name
        assert 0 < rule.weight <= 1
        assert rule.instruction.endswith(".")
        assert "_" not in rule.instruction


def test_same_draws_same_rules() -> None:
    """A draw depends on seed, lineage and ordinal alone."""
    first = [draw_rules(LATER, Draws(1, "a"), n, {}) for n in range(50)]
    again = [draw_rules(LATER, Draws(1, "a"), n, {}) for n in range(50)]
    other = [draw_rules(LATER, Draws(1, "b"), n, {}) for n in range(50)]
    assert first == again
    assert first != other


def test_one_rule_of_a_group() -> None:
    """At most one rule of a group shapes a message, whatever the weights."""
    heavy = dict.fromkeys(RULES, 1.0)
    for ordinal in range(60):
        names = _drawn(LATER, ordinal, heavy)
        groups = Counter(RULES[name].group for name in names if RULES[name].group)
        assert all(count == 1 for count in groups.values())
        assert {"pace", "length", "tone"} <= set(groups)


def test_weights() -> None:
    """Weight 0 switches a rule off, weight 1 makes it certain where it applies."""
    for ordinal in range(60):
        weights = {"vague_opening": 1.0, "wrong_detail": 0.0, "typing_slips": 0.0}
        names = _drawn(OPENING, ordinal, weights)
        assert "vague_opening" in names
        assert "typing_slips" not in names


def test_share() -> None:
    """A rule is drawn about as often as its weight says."""
    hits = sum("typing_slips" in _drawn(LATER, n, {}) for n in range(4000))
    assert hits / 4000 == pytest.approx(RULES["typing_slips"].weight, abs=0.02)


def test_pace_is_always_drawn() -> None:
    """With several objectives each message has a pace; with one objective, none."""
    single = View(task=1, message=0, objectives=1, persona="plain")
    for ordinal in range(60):
        assert _drawn(LATER, ordinal, {}) & {"one_thing", "two_things"}
        assert not _drawn(single, ordinal, {}) & {"one_thing", "two_things"}


def test_traits_of_the_persona_tilt_the_draws() -> None:
    """A trait of 0 forbids a rule, one above 1 favours it; the weights still count."""
    views = {name: View(1, 2, 3, name) for name in ("plain", "brisk", "formal")}
    drawn = {
        name: Counter(
            rule for n in range(2000) for rule, _ in draw_rules(v, Draws(5, "a"), n, {})
        )
        for name, v in views.items()
    }
    assert drawn["brisk"]["background"] == drawn["formal"]["typing_slips"] == 0
    assert drawn["brisk"]["terse"] > 1.5 * drawn["plain"]["terse"] > 0
    off = draw_rules(views["brisk"], Draws(5, "a"), 0, dict.fromkeys(RULES, 0.0))
    assert off == ()


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_traits_name_rules(persona: str) -> None:
    """No trait is about a rule that does not exist."""
    traits = PERSONAS[persona].traits
    assert set(traits) <= set(RULES)
    assert all(factor >= 0 for factor in traits.values())


def test_a_wrong_detail_is_put_right_in_the_next_message() -> None:
    """The correction is certain after the slip, and never comes without one."""
    after = View(1, 2, 3, "plain", previous=("one_thing", "wrong_detail"))
    for ordinal in range(40):
        assert "corrects_detail" in _drawn(after, ordinal, {})
        assert "corrects_detail" not in _drawn(LATER, ordinal, {})


def test_nothing_is_declined_by_accident() -> None:
    """Where the task itself ends in a refusal, nothing else gives cause for one."""
    view = View(1, 2, 3, "plain", declines=True)
    heavy = {"out_of_scope": 1.0, "wrong_detail": 1.0}
    assert {"out_of_scope", "wrong_detail"} <= _drawn(LATER, 0, heavy) | _drawn(
        LATER, 1, heavy
    )
    for ordinal in range(40):
        assert not _drawn(view, ordinal, heavy) & set(heavy)


def test_no_detour_while_a_question_is_open() -> None:
    """What the assistant asked is answered before anything else."""
    view = View(1, 2, 5, "plain", question_open=True)
    detours = dict.fromkeys(
        ("change_of_mind", "topic_switch", "out_of_scope", "wrong_detail",
         "missing_detail", "small_talk", "double_check"), 1.0
    )  # fmt: skip
    for ordinal in range(40):
        assert not _drawn(view, ordinal, detours) & set(detours)


def test_first_message() -> None:
    """There is nothing to thank for, to react to or to doubt in a first message."""
    heavy = {"thanks": 1.0, "feedback_first": 1.0, "double_check": 1.0}
    for ordinal in range(20):
        assert not _drawn(OPENING, ordinal, heavy) & set(heavy)


def test_vague_only_at_the_opening() -> None:
    """Details are left out of first messages only."""
    assert "vague_opening" not in _drawn(LATER, 0, {"vague_opening": 1.0})


def test_other_rules_keep_their_draws() -> None:
    """Switching one rule off changes nothing for rules outside its group."""
    for ordinal in range(80):
        all_rules = _drawn(LATER, ordinal, {}) - {"typing_slips"}
        assert _drawn(LATER, ordinal, {"typing_slips": 0.0}) == all_rules


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"singing": 0.5}, "no behaviour rule is named 'singing'; known: one_thing"),
        ({"terse": 1.5}, "the weight of the behaviour rule terse is 1.5"),
    ],
)
def test_bad_weights(weights: dict[str, float], message: str) -> None:
    """Unknown names and weights outside [0, 1] are refused in one line."""
    with pytest.raises(UsageError, match=message):
        draw_rules(LATER, Draws(1, "a"), 0, weights)
