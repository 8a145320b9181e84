"""Questions to the person: the code, a yes, which one, what value.

Every question ends with a question mark, and holds what the person needs to answer it.
"""

from __future__ import annotations

from eventsim.providers.rule_based.assistant.changes import (
    addition_in_words,
    change_in_words,
    removal_in_words,
)
from eventsim.providers.rule_based.assistant.formats import (
    join,
    quote,
    value,
)
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    is_key_column,
    key_of,
    label_columns,
    label_of,
)
from eventsim.providers.rule_based.assistant.script import (
    Ask,
    Outcome,
)
from eventsim.providers.rule_based.assistant.wording import Voice

__all__ = ["question"]


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
            what = f"change {join(change_in_words(outcome, voice))}"
        case "create":
            what = f"add {addition_in_words(outcome, voice)}"
        case _:
            removed = removal_in_words(outcome, voice)
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
    own = label_columns(rows[0], entity, voice.lexicon)
    plain = [c for c in rows[0] if not is_key_column(c) and c not in own]
    scored = []
    for place, column in enumerate(plain):
        distinct = {str(row.get(column)) for row in rows}
        empty = sum(row.get(column) in (None, "") for row in rows)
        if len(distinct) > 1:
            text = isinstance(rows[0].get(column), str)
            scored.append((-len(distinct) + empty, not text, place, column))
    scored.sort()
    return [column for *_, column in scored[:3]]


def _missing(ask: Ask, voice: Voice) -> str:
    param = ask.param
    noun = param.noun if param is not None else "value"
    options = ""
    if param is not None and param.enum:
        shown = [str(o) for o in param.enum if o is not None][:8]
        options = join(shown, "or")
    ending = f": {options}?" if options else "?"
    if ask.text:
        numeric = param is not None and not param.types & {"string"}
        reason = " It has to be a number." if numeric and not options else ""
        misfit = f"{quote(ask.text)} does not fit the {noun}.{reason}"
        return f"{misfit} What should it be{ending}"
    if ask.tool is not None and ask.tool.verb == "create":
        thing = voice.one(ask.entity)
        return voice.choose(
            f"What {noun} should the new {thing} have{ending}",
            f"Which {noun} shall I enter for the new {thing}{ending}",
        )
    return voice.choose(
        f"What should the new {noun} be{ending}",
        f"What shall I set the {noun} to{ending}",
    )
