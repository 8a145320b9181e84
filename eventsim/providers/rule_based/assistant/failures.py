"""What did not work, in words: nothing found, no tool, not allowed, an error.

Each says plainly that nothing was done, and what can be done next.
"""

from __future__ import annotations

from eventsim.providers.rule_based.assistant.changes import (
    subject_of,
)
from eventsim.providers.rule_based.assistant.formats import (
    join,
    quote,
)
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.script import (
    Outcome,
)
from eventsim.providers.rule_based.assistant.wording import Voice, article

__all__ = [
    "tell_error",
    "tell_forbidden",
    "tell_no_attribute",
    "tell_no_code",
    "tell_no_search",
    "tell_no_tool",
    "tell_not_found",
    "tell_unknown_detail",
]

_VERBS = {"create": "add", "update": "change", "delete": "delete"}


_GERUNDS = {"create": "adding", "update": "changing", "delete": "deleting"}


def tell_not_found(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say what was looked for and not found."""
    noun = voice.one(outcome.entity, outcome.request)
    if outcome.request.writes and outcome.tool is not None and outcome.tool.writes:
        return f"I could not find {subject_of(outcome, voice)}, so nothing was changed."
    label = outcome.label
    named = f" {quote(label)}" if label else " like that"
    if label and label.isdigit():
        named = f" {label}"
    return voice.choose(
        f"I could not find any {noun}{named}. Please check the spelling, or give me "
        "another detail to look for.",
        f"There is no {noun}{named} on record that I can find. If the name is spelled "
        "differently, please tell me.",
        f"I looked, but I could not find the {noun}{named}. Another name or a number "
        "would help.",
    )


def tell_no_search(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say that nothing can be looked up that way."""
    noun = voice.one(outcome.entity, outcome.request)
    if outcome.request.writes:
        return f"I'm sorry, I can't do that: I have no tool to look up {article(noun)}."
    return f"I'm sorry, I have no tool to look up {article(noun)} that way."


def tell_no_tool(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say that no tool does it."""
    request = outcome.request
    kind = outcome.entity or request.focus
    if request.writes:
        what = voice.many(kind) if kind is not None else "that"
        if request.act == "update" and request.sets and request.sets[0].words and kind:
            words = voice.as_said(request.sets[0].words, request)
            what = f"the {words} of {what}"
        gerund = _GERUNDS[request.act]
        return voice.choose(
            f"I'm sorry, I can't do that: I have no tool for {gerund} {what}.",
            f"I'm afraid that is not possible: there is no tool for {gerund} {what}.",
            f"I am not able to do that, because I have no tool for {gerund} {what}.",
        )
    return voice.choose(
        "I'm sorry, I can't find that out with the tools that I have.",
        "I'm afraid I have no tool that tells me that.",
        "I am not able to look that up with the tools that I have.",
    )


def tell_forbidden(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say that policy does not allow it."""
    verb = _VERBS[outcome.request.act]
    return voice.choose(
        f"I'm sorry, but I may not {verb} {outcome.detail}: our policy does not allow "
        "it. Nothing was changed.",
        f"That is not possible: our policy says that I must not {verb} "
        f"{outcome.detail}.",
        f"I can't do that. Our policy does not allow me to {verb} {outcome.detail}, so "
        "I have left everything as it is.",
    )


def tell_no_code(_: Outcome, policy: Policy, voice: Voice) -> str:
    """Say that nothing is changed without the code."""
    name = policy.code_name
    return voice.choose(
        f"I'm sorry, but that is not possible without the right {name}. I have not "
        "changed anything.",
        f"Without the right {name} I can't make that change, so everything stays as it "
        "is.",
        f"I can't make any change without the right {name}. Nothing was changed.",
    )


def tell_error(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say what a failed call reported."""
    reason = outcome.detail.strip().rstrip(".")
    if not outcome.request.writes:
        return (
            f"I could not find that out: the look-up failed and says: {reason}. You "
            "can ask me to try again, or give me another detail to go by."
        )
    if "nothing was changed" in reason.casefold():
        return f"That did not work: {reason}. I can try again with other details."
    done = {"create": "add it", "update": "make the change", "delete": "delete it"}
    act = done[outcome.request.act]
    return voice.choose(
        f"I could not {act}. {reason}. Nothing was changed; tell me if you would like "
        "something else instead.",
        f"That did not work, so I could not {act}: {reason}. Everything is as it was; "
        "I can try again with other values.",
        f"I was not able to {act}. {reason}. Nothing has changed.",
    )


def tell_no_attribute(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say that a thing was found, and the attribute was not."""
    words = [voice.as_said(asked, outcome.request) for asked, _c in outcome.columns]
    subject = subject_of(outcome, voice)
    return f"I found {subject}, but the records do not tell me the {join(words, 'or')}."


def tell_unknown_detail(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say that a needed detail is missing."""
    noun = voice.one(outcome.entity, outcome.request)
    return (
        f"Without the {outcome.detail} I can't add {article(noun)}, so I have left "
        "everything as it is."
        if outcome.request.act == "create"
        else f"Without the {outcome.detail} I can't make that change."
    )
