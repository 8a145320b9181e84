"""Outcomes of changes and failures, questions and courtesies, as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from eventsim.providers.rule_based.assistant.dialogue import Decision
from eventsim.providers.rule_based.assistant.formats import (
    attribute,
    capital,
    join,
    quote,
    value,
)
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    is_key_column,
    key_of,
    label_of,
    same_value,
)
from eventsim.providers.rule_based.assistant.script import (
    Ask,
    Need,
    Outcome,
    Script,
)
from eventsim.providers.rule_based.assistant.telling import tell_reading
from eventsim.providers.rule_based.assistant.wording import Voice, article

__all__ = ["compose", "half_answer", "hedge", "tell"]

_VERBS = {"create": "add", "update": "change", "delete": "delete"}
_GERUNDS = {"create": "adding", "update": "changing", "delete": "deleting"}


def compose(decision: Decision, policy: Policy, voice: Voice) -> str:
    """The whole text of an answer."""
    parts = [tell(outcome, policy, voice) for outcome in decision.outcomes]
    if decision.dropped and not decision.outcomes:
        parts.insert(0, voice.choose(
            "All right, I will leave everything as it is.",
            "Understood, nothing has been changed.",
            "No problem, I will not change anything.",
        ))  # fmt: skip
    if decision.ask is not None:
        lead = ""
        if decision.unclear:
            lead = voice.choose("Sorry, I did not quite get that. ", "I am not sure I "
                                "understood. ")  # fmt: skip
        parts.append(lead + question(decision.ask, policy, voice))
    return " ".join(parts) if parts else courtesy(decision, voice)


def tell(outcome: Outcome, policy: Policy, voice: Voice) -> str:
    """The sentences for one outcome."""
    text = tell_reading(outcome, voice)
    if text is not None:
        return text
    return _TELLERS.get(outcome.kind, _no_tool)(outcome, policy, voice)


# --- changes ------------------------------------------------------------------------


def _subject(outcome: Outcome, voice: Voice) -> str:
    row = outcome.before or outcome.row
    return voice.thing(outcome.entity, outcome.label, row, outcome.request)


def _shown(name: str, item: Any, names: Mapping[str, Any]) -> str:
    if name in names:
        return quote(str(names[name]))
    if item is None:
        return "empty"
    plain = (
        not isinstance(item, str)
        or " " not in item
        or not re.search("[^\\W\\d_]", item)
    )
    return value(item, name) if plain else quote(item)


def _new_values(outcome: Outcome) -> list[tuple[str, Any]]:
    """What a change puts in: (parameter, value), without the key of the row."""
    tool = outcome.tool
    if tool is None:
        return []
    own = {
        p.name for p in tool.params
        if p.role == "key" and p.key_of == tool.entity and not p.relation
    }  # fmt: skip
    if outcome.request.act == "create":
        own = set()
    return [(n, v) for n, v in outcome.given.items() if n not in own]


def _noun(name: str) -> str:
    words = attribute(name)
    return words.removesuffix(" number") if is_key_column(name) else words


def _change(outcome: Outcome, voice: Voice) -> list[str]:
    """Each attribute with where it comes from and goes to."""
    names = outcome.row or {}
    before = outcome.before or {}
    parts = []
    for name, item in _new_values(outcome):
        text = f"the {_noun(name)} of {_subject(outcome, voice)}"
        old = before.get(name)
        if (
            old not in (None, "")
            and not is_key_column(name)
            and not same_value(old, item)
        ):
            text += f" from {_shown(name, old, {})}"
        parts.append(f"{text} to {_shown(name, item, names)}")
    return parts


def _added(outcome: Outcome, voice: Voice) -> str:
    names = outcome.row or {}
    tool = outcome.tool
    linked = [
        (p, names.get(p.name, outcome.given.get(p.name)))
        for p in (tool.params if tool is not None else ())
        if p.role == "key" and p.key_of is not None and p.name in outcome.given
    ]
    if len(linked) == 2 and len(outcome.given) == 2 and outcome.request.focus is None:
        named = {p.key_of: _linked(p.key_of, v, voice) for p, v in linked}
        said = [c.entity for c in outcome.request.sets if c.entity in named]
        if len(said) == 2:
            return f"{named[said[0]]} to {named[said[1]]}"
    noun = voice.one(outcome.entity, outcome.request)
    values = [f"{_noun(n)} {_shown(n, v, names)}" for n, v in outcome.given.items()]
    return f"{article(noun)} with {join(values)}" if values else article(noun)


def _linked(entity: str | None, item: Any, voice: Voice) -> str:
    noun = voice.one(entity)
    if isinstance(item, str):
        return f"the {noun} {quote(item)}"
    return f"{noun} {item}"


def _removed(outcome: Outcome, voice: Voice) -> str:
    names = outcome.row or {}
    tool = outcome.tool
    if outcome.before is None and tool is not None and len(outcome.given) > 1:
        keys = {p.key_of: p.name for p in tool.params if p.name in outcome.given}
        said = [c.entity for c in outcome.request.clues if c.entity in keys]
        items = [
            _linked(e, names.get(keys[e], outcome.given.get(keys[e])), voice)
            for e in said
        ]
        if len(items) > 1:
            return f"{items[0]} from {items[1]}"
    return _subject(outcome, voice)


def _created(outcome: Outcome, _: Policy, voice: Voice) -> str:
    what = _added(outcome, voice)
    row = outcome.rows[0] if outcome.rows else {}
    key = key_of(row, outcome.entity, voice.lexicon) if row else None
    text = voice.choose(
        f"Done: I have added {what}.", f"I have added {what}.", f"I added {what}."
    )
    if (
        key is not None
        and len(key) == 1
        and label_of(row, outcome.entity, voice.lexicon) is None
    ):
        text += f" It is {voice.one(outcome.entity)} {value(key[0], 'id')}."
    return text


def _updated(outcome: Outcome, _: Policy, voice: Voice) -> str:
    row = outcome.rows[0] if outcome.rows else {}
    subject = _subject(outcome, voice)
    names = outcome.row or {}
    parts = []
    for name, item in _new_values(outcome):
        now = row.get(name, item)
        parts.append(
            f"the {_noun(name)} of {subject} is now {_shown(name, now, names)}"
        )
    if not parts:
        return f"I have updated {subject}."
    text = join(parts)
    return voice.choose(
        f"Done: {text}.", f"I have made the change: {text}.", f"{capital(text)}.",
        f"That is done. {capital(text)}.",
    )  # fmt: skip


def _deleted(outcome: Outcome, _: Policy, voice: Voice) -> str:
    what = _removed(outcome, voice)
    verb = "removed" if " from " in what else "deleted"
    return voice.choose(
        f"Done: I have {verb} {what}.", f"I have {verb} {what}.", f"I {verb} {what}."
    )


# --- what did not work --------------------------------------------------------------


def _not_found(outcome: Outcome, _: Policy, voice: Voice) -> str:
    noun = voice.one(outcome.entity, outcome.request)
    if outcome.request.writes and outcome.tool is not None and outcome.tool.writes:
        return f"I could not find {_subject(outcome, voice)}, so nothing was changed."
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


def _no_search(outcome: Outcome, _: Policy, voice: Voice) -> str:
    noun = voice.one(outcome.entity, outcome.request)
    if outcome.request.writes:
        return f"I'm sorry, I can't do that: I have no tool to look up {article(noun)}."
    return f"I'm sorry, I have no tool to look up {article(noun)} that way."


def _no_tool(outcome: Outcome, _: Policy, voice: Voice) -> str:
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


def _forbidden(outcome: Outcome, _: Policy, voice: Voice) -> str:
    verb = _VERBS[outcome.request.act]
    return voice.choose(
        f"I'm sorry, but I may not {verb} {outcome.detail}: our policy does not allow "
        "it. Nothing was changed.",
        f"That is not possible: our policy says that I must not {verb} "
        f"{outcome.detail}.",
        f"I can't do that. Our policy does not allow me to {verb} {outcome.detail}, so "
        "I have left everything as it is.",
    )


def _no_code(_: Outcome, policy: Policy, voice: Voice) -> str:
    name = policy.code_name
    return voice.choose(
        f"I'm sorry, but that is not possible without the right {name}. I have not "
        "changed anything.",
        f"Without the right {name} I can't make that change, so everything stays as it "
        "is.",
        f"I can't make any change without the right {name}. Nothing was changed.",
    )


def _error(outcome: Outcome, _: Policy, voice: Voice) -> str:
    reason = outcome.detail.strip().rstrip(".")
    if not outcome.request.writes:
        return (
            f"I could not find that out: the look-up failed and says: {reason}. You "
            "can ask me to try again, or give me another detail to go by."
        )
    done = {"create": "add it", "update": "make the change", "delete": "delete it"}
    act = done[outcome.request.act]
    return voice.choose(
        f"I could not {act}. {reason}. Nothing was changed; tell me if you would like "
        "something else instead.",
        f"That did not work, so I could not {act}: {reason}. Everything is as it was; "
        "I can try again with other values.",
        f"I was not able to {act}. {reason}. Nothing has changed.",
    )


def _no_attribute(outcome: Outcome, _: Policy, voice: Voice) -> str:
    words = [voice.as_said(asked, outcome.request) for asked, _c in outcome.columns]
    subject = _subject(outcome, voice)
    return f"I found {subject}, but the records do not tell me the {join(words, 'or')}."


def _unknown_detail(outcome: Outcome, _: Policy, voice: Voice) -> str:
    noun = voice.one(outcome.entity, outcome.request)
    return (
        f"Without the {outcome.detail} I can't add {article(noun)}, so I have left "
        "everything as it is."
        if outcome.request.act == "create"
        else f"Without the {outcome.detail} I can't make that change."
    )


_TELLERS: dict[str, Callable[[Outcome, Policy, Voice], str]] = {
    "created": _created,
    "updated": _updated,
    "deleted": _deleted,
    "not_found": _not_found,
    "no_search": _no_search,
    "no_tool": _no_tool,
    "forbidden": _forbidden,
    "no_code": _no_code,
    "error": _error,
    "no_attribute": _no_attribute,
    "unknown_detail": _unknown_detail,
}


# --- questions ----------------------------------------------------------------------


def question(ask: Ask, policy: Policy, voice: Voice) -> str:
    """A question to the person; it always ends with a question mark."""
    match ask.kind:
        case "code":
            name = policy.code_name
            return voice.choose(
                f"Before I change anything, could you give me the {name}?",
                f"I need the {name} before I can make a change. What is it?",
                f"May I have the {name} first, please?",
            )
        case "confirm" if ask.outcome is not None:
            return _confirm(ask.outcome, voice)
        case "which":
            return _which(ask, voice)
        case "missing":
            return _missing(ask, voice)
        case _:
            noun = voice.one(ask.entity) if ask.entity else "one"
            return voice.choose(
                f"Which {noun} do you mean?",
                f"Could you tell me which {noun} you mean?",
            )


def _confirm(outcome: Outcome, voice: Voice) -> str:
    match outcome.request.act:
        case "update":
            what = f"change {join(_change(outcome, voice))}"
        case "create":
            what = f"add {_added(outcome, voice)}"
        case _:
            removed = _removed(outcome, voice)
            what = f"{'remove' if ' from ' in removed else 'delete'} {removed}"
    return voice.choose(
        f"I will {what}. Shall I go ahead?",
        f"I would now {what}. Is that right?",
        f"Just to confirm: I will {what}. Shall I go ahead?",
        f"To be sure: you want me to {what}. May I do that?",
    )


def _which(ask: Ask, voice: Voice) -> str:
    rows = ask.rows[:5]
    count = len(ask.rows)
    labels = {label_of(row, ask.entity, voice.lexicon) for row in rows}
    label = next(iter(labels)) if len(labels) == 1 else None
    columns = _telling_apart(rows, ask.entity, voice)
    items = []
    for row in rows:
        details = [
            f"{voice.column(row, c)} {value(row[c], c)}"
            for c in columns
            if row.get(c) not in (None, "")
        ]
        own = label_of(row, ask.entity, voice.lexicon)
        key = key_of(row, ask.entity, voice.lexicon)
        if not details and (own is None or label is not None) and key is not None:
            details = [f"number {value(key[0], 'id')}"]
        if label is not None or own is None:
            items.append(f"one with {join(details)}")
        else:
            items.append(quote(own) + (f" ({', '.join(details)})" if details else ""))
    many = voice.many(ask.entity)
    called = f" called {quote(label)}" if label else " that match"
    shown = "; ".join(items)
    more = f"; and {count - len(rows)} more" if count > len(rows) else ""
    return voice.choose(
        f"I found {count} {many}{called}: {shown}{more}. Which one do you mean?",
        f"There are {count} {many}{called}: {shown}{more}. Which one is it?",
    )


def _telling_apart(
    rows: tuple[Row, ...], entity: str | None, voice: Voice
) -> list[str]:
    """Up to two columns by which a person can tell rows apart."""
    if not rows:
        return []
    labels = {label_of(row, entity, voice.lexicon) for row in rows}
    if len(labels) == len(rows):
        return []
    plain = [c for c in rows[0] if not is_key_column(c)]
    scored = []
    for place, column in enumerate(plain):
        distinct = {str(row.get(column)) for row in rows}
        empty = sum(row.get(column) in (None, "") for row in rows)
        if len(distinct) > 1:
            text = isinstance(rows[0].get(column), str)
            scored.append((-len(distinct) + empty, not text, place, column))
    scored.sort()
    return [column for *_, column in scored[:2]]


def _missing(ask: Ask, voice: Voice) -> str:
    param = ask.param
    noun = param.noun if param is not None else "value"
    options = ""
    if param is not None and param.enum:
        shown = [str(o) for o in param.enum if o is not None][:8]
        options = f" It can be {join(shown, 'or')}."
    if ask.text:
        kind = "a number" if param and not param.types & {"string"} else "that"
        reason = "" if options else f" It has to be {kind}." if kind != "that" else ""
        return f"{quote(ask.text)} does not fit the {noun}.{options}{reason} What should it be?"
    if ask.tool is not None and ask.tool.verb == "create":
        thing = voice.one(ask.entity)
        return (
            options.strip()
            + (" " if options else "")
            + voice.choose(
                f"What {noun} should the new {thing} have?",
                f"Which {noun} shall I enter for the new {thing}?",
            )
        )
    return (
        options.strip()
        + (" " if options else "")
        + voice.choose(
            f"What should the new {noun} be?", f"What shall I set the {noun} to?"
        )
    )


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
    if message.yes or message.no:
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
