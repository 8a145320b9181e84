"""Every phrase that the user may say around a request, by occasion and register."""

from __future__ import annotations

from eventsim.providers.rule_based.user.answer_words import ANSWER_WORDS
from eventsim.providers.rule_based.user.lead_words import LEAD_WORDS
from eventsim.providers.rule_based.user.reaction_words import REACTION_WORDS

__all__ = ["PHRASES", "Table"]

Table = dict[str, tuple[str, ...]]

PHRASES: dict[str, Table] = LEAD_WORDS | REACTION_WORDS | ANSWER_WORDS
