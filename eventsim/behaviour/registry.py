"""Every behaviour rule by name: a new rule is its file and one line here."""

from __future__ import annotations

from eventsim.behaviour import (
    background,
    double_check,
    feedback_first,
    impatience,
    one_thing,
    terse,
    thanks,
    two_things,
    typing_slips,
    vague_opening,
)
from eventsim.behaviour.rule import Rule

__all__ = ["RULES"]

RULES: dict[str, Rule] = {
    "one_thing": one_thing.RULE,
    "two_things": two_things.RULE,
    "vague_opening": vague_opening.RULE,
    "terse": terse.RULE,
    "background": background.RULE,
    "feedback_first": feedback_first.RULE,
    "thanks": thanks.RULE,
    "impatience": impatience.RULE,
    "double_check": double_check.RULE,
    "typing_slips": typing_slips.RULE,
}
