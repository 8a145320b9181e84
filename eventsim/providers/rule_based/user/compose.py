"""From a decision to the words of one message.

A message is a reaction to what came back, a lead-in, and one or two requests; or an
answer; or a farewell. What the prompt asks of this message and the person's manner
say how much of it there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventsim.providers.rule_based.user.act import Act
from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.facts import Fact, first_person
from eventsim.providers.rule_based.user.finish import finished
from eventsim.providers.rule_based.user.prompt import Brief
from eventsim.providers.rule_based.user.reactions import reaction_to
from eventsim.providers.rule_based.user.request import (
    loosened,
    referring,
    request_for,
    request_for_two,
    unquoted,
)
from eventsim.providers.rule_based.user.slip import slipped
from eventsim.providers.rule_based.user.transcript import Progress, is_closing
from eventsim.providers.rule_based.user.voice import Voice

__all__ = ["compose"]

_FILLERS = frozenset(
    ("ok", "good", "great", "cool", "thanks", "thank", "thx", "cheers", "right")
)
_BARE_LEADS = frozenset({"now", "then", "and", "ok now", "next,"})
_NO_BARE_LEAD = (
    "I was ",
    "I've been ",
    "what I'd like ",
    "it ",
    "wondering ",
    "do you think ",
)
_AGAIN = {
    "skipped": "skipped",
    "unclear": "unclear",
    "detail": "detail",
    "failed": "again_failed",
    "wrong": "again_wrong",
    "doubt": "doubt",
    "corrected": "corrected",
}
_LEADS = {"swap": "swap", "switch": "switch", "back": "back"}


def compose(
    act: Act,
    brief: Brief,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
) -> str:
    """The text of the message that does what was decided."""
    match act.kind:
        case "ask" if act.reason in _AGAIN:
            sentences = _again(act, clauses, voice)
        case "ask":
            sentences = _ask(act, brief, clauses, progress, voice)
        case "close":
            sentences = _close(act, brief, clauses, progress, voice)
        case "aside":
            sentences = [voice.say("off_topic")]
        case _:
            sentences = _answer(act, clauses, voice)
    if brief.wishes.hurry and act.kind == "ask" and act.reason != "first":
        sentences.append(voice.say("hurry"))
    text = finished(sentences, voice.manner, voice.random, slips=brief.wishes.slips)
    if brief.wishes.slips and is_closing(text) != (act.kind == "close"):
        return finished(sentences, voice.manner, voice.random, slips=False)
    return text


def _ask(
    act: Act,
    brief: Brief,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
) -> list[str]:
    wishes, manner = brief.wishes, voice.manner
    sentences: list[str] = []
    opens = act.reason == "first"
    if opens:
        sentences += _opening(brief, progress, voice)
    elif reaction := reaction_to(act.after, wishes, clauses, progress, voice):
        sentences.append(reaction)
    lead = _lead_in(act, clauses, progress, voice, spoken=bool(sentences))
    likely = 0.5 if manner.length == 2 else 0.18 if opens and manner.length else 0.0
    if not wishes.terse and (wishes.background or voice.chance(likely)):
        context = _background(brief, progress, voice, opens=opens)
        if opens and lead and not lead.startswith("on "):
            sentences.append(lead.rstrip(":"))
            lead = ""
        sentences += [context] if context else []
    if wishes.chat and (remark := voice.say_once("small_talk")):
        sentences.append(remark)
    if opens and wishes.hurry:
        sentences.append(voice.say("hurry"))
    requests = _requests(act, brief, clauses, progress, voice)
    requests[0] = _led(lead, requests[0])
    return sentences + requests


def _led(lead: str, request: str) -> str:
    twice = "now" in lead and re.search(r" now\b", request)
    if twice or (lead in _BARE_LEADS and request.startswith(_NO_BARE_LEAD)):
        return request
    return f"{lead} {request}".strip()


def _opening(brief: Brief, progress: Progress, voice: Voice) -> list[str]:
    if progress.own_texts:  # they have spoken, be it about something else
        return []
    manner, wishes = voice.manner, brief.wishes
    likely = 0.85 if manner.greets else 0.2 if manner.length == 0 else 0.45
    if wishes.terse or not voice.chance(likely):
        return []
    return [voice.say("greeting")]


def _background(
    brief: Brief, progress: Progress, voice: Voice, *, opens: bool
) -> str | None:
    new = opens and not progress.own_texts
    if new and brief.role and voice.chance(0.4):
        return _lowered(first_person(brief.role))
    return voice.say_once("context" if opens else "more_context")


def _lowered(sentence: str) -> str:
    first = sentence.split(" ", 1)[0]
    return sentence if first in {"I", "I'm"} else sentence[:1].lower() + sentence[1:]


def _lead_in(
    act: Act,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
    *,
    spoken: bool,
) -> str:
    if act.reason in _LEADS:
        return voice.say(_LEADS[act.reason])
    if act.reason == "first":
        return voice.say("new_task") if progress.earlier_tasks else ""
    if (
        act.objectives[-1] == len(clauses) - 1
        and len(clauses) > 2
        and voice.chance(0.3)
    ):
        return voice.say("last")
    return voice.say("next") if voice.chance(0.35 if spoken else 0.65) else ""


def _requests(
    act: Act,
    brief: Brief,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
) -> list[str]:
    wanted = [clauses[index] for index in act.objectives]
    if act.reason in {"first", "next"}:
        if brief.wishes.vague and (looser := loosened(wanted[0])):
            return [request_for(looser, voice)]
        if brief.wishes.slip and (wrong := slipped(wanted[0], voice.random)):
            return [request_for(wrong, voice)]
    before = [clauses[index] for index in progress.batch]
    if act.after in {"answered", "none"} and voice.chance(0.3):
        wanted[0] = referring(wanted[0], before)
    if len(wanted) == 1:
        return [unquoted(request_for(wanted[0], voice), wanted, voice)]
    if voice.chance(0.45):
        both = request_for_two(wanted[0], wanted[1], voice)
        return [unquoted(both, wanted, voice)]
    first = request_for(wanted[0], voice)
    second = _led(voice.say("next"), request_for(wanted[1], voice))
    return [unquoted(first, wanted, voice), unquoted(second, wanted, voice)]


def _again(act: Act, clauses: Sequence[Clause], voice: Voice) -> list[str]:
    sentences = [voice.say(_AGAIN[act.reason])]
    sentences += [request_for(clauses[index], voice) for index in act.objectives]
    if len(act.objectives) > 1:
        sentences[-1] = _led(voice.say("next"), sentences[-1])
    return sentences


def _close(
    act: Act,
    brief: Brief,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
) -> list[str]:
    reaction = reaction_to(act.after, brief.wishes, clauses, progress, voice)
    closing = voice.say("closing")
    if reaction is None or _FILLERS.isdisjoint(_words(closing) & _words(reaction)):
        return [closing] if reaction is None else [reaction, closing]
    return [closing]


def _words(text: str) -> set[str]:
    text = text.lower().replace("okay", "ok").replace("thanks", "thank")
    return set(re.findall(r"[a-z]+", text))


def _answer(act: Act, clauses: Sequence[Clause], voice: Voice) -> list[str]:
    match act.kind:
        case "confirm":
            return [voice.say("yes")]
        case "correct":
            clause = clauses[act.objectives[0]]
            return [voice.say("wrong"), request_for(clause, voice)]
        case "repeat":
            again = [request_for(clauses[index], voice) for index in act.objectives]
            return [voice.say("repeat"), *again]
        case "choose":
            return [voice.say("choose", v=_named(act.facts[0].value))]
        case "tell":
            told = _told(act.facts[0], clauses, voice)
            return [voice.say("yes"), told] if act.confirmed else [told]
        case _:
            return _unknown(act, clauses, voice)


def _named(value: str) -> str:
    """Album Heart of the Night becomes the album "Heart of the Night"."""
    words = value.split()
    count = next((i for i, word in enumerate(words) if not word.islower()), 0)
    label, name = " ".join(words[:count]), " ".join(words[count:])
    if " " in name or not name[0].isalnum():
        name = f'"{name}"'
    return f"the {label} {name}" if label else name


def _told(fact: Fact, clauses: Sequence[Clause], voice: Voice) -> str:
    if not fact.value:
        return _lowered(fact.sentence)
    value = fact.value
    quoted = f'"{value}"' in " ".join(clause.text for clause in clauses)
    if quoted or re.search(r"[^\W\d_] ", value):
        value = f'"{value}"'
    if not fact.label:
        return voice.say("tell", v=value)
    label = fact.label[0].lower() + fact.label[1:]
    if not label.startswith(("the ", "my ")):
        label = f"the {label}"
    return voice.say("tell", v=value, label=label)


def _unknown(act: Act, clauses: Sequence[Clause], voice: Voice) -> list[str]:
    match act.reason:
        case "code":
            return [voice.say("no_code")]
        case "only":
            return [voice.say("only_code")]
        case "choice":
            return [voice.say("choice_unknown")]
        case _:
            sentences = [voice.say("unknown")]
            if act.reason == "again" and act.objectives:
                sentences.append(request_for(clauses[act.objectives[0]], voice))
            return sentences
