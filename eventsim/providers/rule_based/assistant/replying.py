"""Outcomes of changes and failures, questions and courtesies, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventsim.providers.rule_based.assistant.changes import (
    tell_created,
    tell_deleted,
    tell_updated,
)
from eventsim.providers.rule_based.assistant.dialogue import Decision
from eventsim.providers.rule_based.assistant.failures import (
    tell_error,
    tell_forbidden,
    tell_no_attribute,
    tell_no_code,
    tell_no_search,
    tell_no_tool,
    tell_not_found,
    tell_unknown_detail,
)
from eventsim.providers.rule_based.assistant.formats import (
    capital,
    join,
    quote,
    value,
)
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.questions import question
from eventsim.providers.rule_based.assistant.script import (
    Need,
    Outcome,
    Script,
)
from eventsim.providers.rule_based.assistant.telling import tell_reading
from eventsim.providers.rule_based.assistant.transcript import Turn
from eventsim.providers.rule_based.assistant.wording import Voice

__all__ = ["compose", "half_answer", "hedge", "seen", "tell"]


def compose(decision: Decision, policy: Policy, voice: Voice) -> str:
    """The whole text of an answer."""
    parts = [tell(outcome, policy, voice) for outcome in decision.outcomes]
    if decision.dropped and decision.message.bye:
        return courtesy(decision, voice)
    if decision.dropped and not decision.outcomes:
        parts.insert(0, _dropped(decision, voice))
    if decision.ask is not None:
        lead = ""
        if decision.unclear:
            lead = voice.choose("Sorry, I did not quite get that. ", "I am not sure I "
                                "understood. ")  # fmt: skip
        parts.append(lead + question(decision.ask, policy, voice))
    return " ".join(parts) if parts else courtesy(decision, voice)


def seen(turn: Turn) -> str:
    """What calls of this turn gave, whoever asked for them; nothing if they gave none.

    For a dialogue that somebody else began: the rules that read the request would not
    have made these calls, yet their results are there.
    """
    parts: list[str] = []
    for call in turn.calls:
        result = call.result
        if result is None or result.error is not None:
            continue
        found = [_in_words(row) for row in result.rows[:_MOST_ROWS]]
        if result.value not in (None, ""):
            found.append(value(result.value))
        noun = _subject_of(call.name)
        parts += [
            f"{capital(noun)}: {each}" if noun else each for each in found if each
        ]
    told = [part.rstrip(".")[:_LONGEST] for part in dict.fromkeys(parts) if part]
    return f"Here is what I found. {'. '.join(told)}." if told else ""


def _subject_of(name: str) -> str:
    """What a tool is about: its name without a verb before it."""
    verb, _, rest = name.partition("_")
    plain = rest if verb in _VERBS and rest else name
    return plain.replace("_", " ")


_VERBS = frozenset(
    "get search list find look fetch read show check create add update set delete "
    "remove cancel book make count lookup retrieve query".split()
)
_MOST_ROWS = 3
_LONGEST = 400


def _in_words(row: Mapping[str, Any]) -> str:
    plain = [(k, v) for k, v in row.items() if not isinstance(v, Mapping)]
    return ", ".join(f"{k.replace('_', ' ')} {value(v, k)}" for k, v in plain)


def _dropped(decision: Decision, voice: Voice) -> str:
    """What to say of a wish that is given up."""
    given_up = decision.given_up
    if given_up is not None and given_up.kind in {"which", "who"}:
        noun = voice.one(given_up.entity) if given_up.entity else "one"
        return voice.choose(
            f"Then I cannot tell which {noun} is meant, so I have done nothing.",
            f"Without knowing which {noun} you mean, I can't go on with that.",
        )
    return voice.choose(
        "All right, I will leave everything as it is.",
        "Understood, nothing has been changed.",
        "No problem, I will not change anything.",
    )


def tell(outcome: Outcome, policy: Policy, voice: Voice) -> str:
    """The sentences for one outcome."""
    text = tell_reading(outcome, voice)
    if text is not None:
        return text
    return _TELLERS.get(outcome.kind, tell_no_tool)(outcome, policy, voice)


# --- changes ------------------------------------------------------------------------


# --- what did not work --------------------------------------------------------------


_TELLERS: dict[str, Callable[[Outcome, Policy, Voice], str]] = {
    "created": tell_created,
    "updated": tell_updated,
    "deleted": tell_deleted,
    "not_found": tell_not_found,
    "no_search": tell_no_search,
    "no_tool": tell_no_tool,
    "forbidden": tell_forbidden,
    "no_code": tell_no_code,
    "error": tell_error,
    "no_attribute": tell_no_attribute,
    "unknown_detail": tell_unknown_detail,
}


# --- questions ----------------------------------------------------------------------


# --- courtesies ---------------------------------------------------------------------


def courtesy(decision: Decision, voice: Voice) -> str:
    """An answer to a message that asks for nothing."""
    message = decision.message
    if message.thanks or message.bye:
        return voice.choose(
            "You're welcome!", "Glad I could help.", "Happy to help. Have a good day!",
            "My pleasure.", "You're welcome. Take care!",
        )  # fmt: skip
    if message.hello:
        return voice.choose(
            "Hello! What can I do for you?", "Hi! How can I help?",
            "Good to hear from you. What do you need?",
        )  # fmt: skip
    told = "?" not in message.text and "please" not in message.text.casefold()
    if message.yes or message.no or (told and not message.tokens):
        return voice.choose("All right.", "Noted.", "Understood.")
    kinds = list(dict.fromkeys(
        voice.many(t.entity) for t in voice.lexicon.tools if t.entity is not None
    ))[:4]  # fmt: skip
    about = f" I can help with {join(kinds)}." if kinds else ""
    return voice.choose(
        f"I am not sure what you would like me to do.{about} Could you put it another "
        "way?",
        f"I did not quite understand that.{about} What would you like to know or "
        "change?",
    )


# --- flawed answers -----------------------------------------------------------------


def hedge(need: Need, script: Script, voice: Voice) -> str:
    """A question that the assistant could have answered by a call."""
    request = script.request
    noun = voice.one(need.tool.entity, request)
    name = next((c.value for c in (*request.clues, *request.sets) if c.value), None)
    if request.writes:
        return voice.choose(
            "Just so that I get this right: you want me to do this now, for the entry "
            "that is on record?",
            "Before I look, do you want me to change only this and nothing else?",
        )
    if name is not None and not name.isdigit():
        return voice.choose(
            f"Just to be sure, do you mean the {noun} that is spelled {quote(name)}?",
            f"Do you want me to look up {quote(name)} in our records for that?",
            f"Is {quote(name)} the exact spelling?",
        )
    return voice.choose(
        f"Do you want me to look that up in our {noun} records now?",
        "Should I look at the current records for that?",
    )


def half_answer(
    decision: Decision, script: Script, policy: Policy, voice: Voice
) -> str:
    """What sounds finished and leaves out what is still to be done."""
    told = [tell(outcome, policy, voice) for outcome in decision.outcomes]
    if told:
        return " ".join(told)
    act = {"create": "added it", "update": "made the change", "delete": "deleted it"}
    done = act.get(script.request.act)
    if done is None:
        return ""
    return voice.choose(f"All right, I have {done}.", f"Done, I have {done} for you.")
