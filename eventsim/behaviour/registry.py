"""Every behaviour rule by name: a new rule is its file and one line here."""

from __future__ import annotations

from eventsim.behaviour import (
    background,
    change_of_mind,
    corrects_detail,
    double_check,
    feedback_first,
    impatience,
    indirect,
    missing_detail,
    one_thing,
    out_of_scope,
    small_talk,
    terse,
    thanks,
    topic_switch,
    two_things,
    typing_slips,
    vague_opening,
    wordy,
    wrong_detail,
)
from eventsim.behaviour.rule import Rule

__all__ = ["RULES"]

RULES: dict[str, Rule] = {
    "one_thing": one_thing.RULE,
    "two_things": two_things.RULE,
    "vague_opening": vague_opening.RULE,
    "missing_detail": missing_detail.RULE,
    "wrong_detail": wrong_detail.RULE,
    "corrects_detail": corrects_detail.RULE,
    "change_of_mind": change_of_mind.RULE,
    "topic_switch": topic_switch.RULE,
    "out_of_scope": out_of_scope.RULE,
    "small_talk": small_talk.RULE,
    "terse": terse.RULE,
    "wordy": wordy.RULE,
    "background": background.RULE,
    "indirect": indirect.RULE,
    "feedback_first": feedback_first.RULE,
    "thanks": thanks.RULE,
    "impatience": impatience.RULE,
    "double_check": double_check.RULE,
    "typing_slips": typing_slips.RULE,
}
