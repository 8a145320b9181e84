"""A person's answer to a question: which one, what value, yes or no, the code.

An answer changes the goals that wait for it. What an answer does not settle stays as
it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.english import ORDINALS, stem
from eventsim.providers.rule_based.assistant.messages import Message
from eventsim.providers.rule_based.assistant.phrases import read_phrases
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.rows import Row, key_of, plain, same_value
from eventsim.providers.rule_based.assistant.script import Ask, Goal
from eventsim.providers.rule_based.assistant.tokens import tokens, without_literals
from eventsim.providers.rule_based.assistant.toolset import Lexicon, Param

__all__ = ["code_in", "corrected", "filled", "picked_row", "repeats", "with_pick"]

_LEAD = re.compile(
    r"^.*?\b(?:i have|it(?:'s| is)|would be|should be|must be|is|are|to be|to|use|take|"
    r"make it|say|put|called|named)\s+(?P<value>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_INTERJECTION = re.compile(
    r"^(?:(?:oh|ah|well|yes|yeah|sure|of course|certainly|right|ok|okay|um+|uh|hm+|"
    r"sorry|please|alright|all right|good question|thanks|here you go|there you go)"
    r"\b[\s,:.!;–—-]*)+",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:\s+here)?[.!]*$|[,.!]?\s*(?:please|thanks|thank you|then)\b.*$", re.IGNORECASE
)
_WORDS = re.compile(r"[\w@.+-]+")
_HAS_CODE = re.compile(r"\b(?:code|pin|password)\b")
_NO_CODE = re.compile(
    r"\b(?:do not|don't|dont|haven't|have not) (?:have|know|remember|got)\b|"
    r"\b(?:no|without a|without any) (?:desk )?code\b|\bhave none\b|\bno idea\b|"
    r"\bnot sure\b|\bforgot\b|\bforgotten\b|\bcan't find\b"
)


def code_in(message: Message, asked: bool, code: str) -> str:
    """What the message says of the code: given, wrong, or nothing."""
    values = [t.text for t in message.tokens if t.literal]
    words = [t.text for t in message.tokens if t.kind == "word"]
    if code in values or (code.casefold() in (w.casefold() for w in words)):
        return "given" if asked or _HAS_CODE.search(message.text.casefold()) else ""
    folded = without_literals(message.text).replace("’", "'")
    named = re.search(
        r"\b(?:code|pin|password)\b(?: that i have| i have| here)?\s*"
        r"(?:is|:|would be|should be|of)?\s*[\"“]?(\d[\w-]*)",
        message.text.casefold(),
    )
    if named is not None:
        return "wrong"
    if asked and (_NO_CODE.search(folded) or message.unknown or message.no):
        return "wrong"
    if asked and any(any(c.isdigit() for c in value) for value in values):
        return "wrong"
    return ""


# --- which one ----------------------------------------------------------------------


def picked_row(
    message: Message, rows: Sequence[Row], entity: str | None, lexicon: Lexicon
) -> Row | None:
    """The row that an answer means, by number, place, or anything that it holds."""
    literals = [t for t in message.tokens if t.literal]
    for token in literals:
        for row in rows:
            key = key_of(row, entity, lexicon)
            if token.kind == "number" and key and same_value(key[0], token.text):
                return row
    best = _best_match(message, rows)
    if best is not None:
        return best
    for token in message.tokens:
        if token.kind == "word" and token.word in ORDINALS:
            place = ORDINALS[token.word]
            return rows[place] if -1 <= place < len(rows) else None
    for token in literals:
        if token.kind == "number" and token.text.isdigit():
            place = int(token.text) - 1
            if 0 <= place < len(rows):
                return rows[place]
    loose = re.search(
        r"\b(?:any|either|whichever|doesn't matter|no matter)\b",
        message.text.casefold(),
    )
    return rows[0] if loose and rows else None


def _best_match(message: Message, rows: Sequence[Row]) -> Row | None:
    """The row of which the answer holds the most that the others do not have."""
    text = _spaced(message.text)
    for value in rows[0].values() if rows else ():
        shared = isinstance(value, str) and len(rows) > 1 and value
        if shared and all(value in row.values() for row in rows):
            # The name that all of them have chooses none of them.
            text = text.replace(_spaced(value), " ", 1)
    scores = []
    for row in rows:
        score = 0
        for column, value in row.items():
            if value in (None, "") or isinstance(value, bool | list | dict):
                continue
            if all(same_value(value, other.get(column)) for other in rows):
                continue
            if _spaced(value) in text:
                score += 2 if isinstance(value, str) else 1
        scores.append(score)
    top = max(scores, default=0)
    if top > 0 and scores.count(top) == 1:
        return rows[scores.index(top)]
    return None


def _spaced(value: object) -> str:
    """The words of a value between single spaces."""
    words = [w.strip(".") for w in _WORDS.findall(plain(value))]
    return f" {' '.join(words)} "


def with_pick(goal: Goal, entity: str | None, row: Row, lexicon: Lexicon) -> Goal:
    """The goal with a row chosen."""
    key = key_of(row, entity, lexicon)
    if entity is None or key is None:
        return goal
    return replace(goal, picks=(*goal.picks, (entity, key)))


# --- what is missing ----------------------------------------------------------------


def filled(
    goal: Goal, question: Ask, message: Message, lexicon: Lexicon
) -> Goal | None:
    """The goal with the missing value or thing put in; None if none was given."""
    request = goal.request
    if question.kind == "who":
        return _with_thing(goal, question, message, lexicon)
    param = question.param
    if param is None:
        return None
    held = {c.value for c in (*request.clues, *request.sets)}
    clue = _value(message, param, held)
    if clue is None:
        if message.unknown or message.no:
            return replace(goal, unknown=(*goal.unknown, param.name))
        return None
    words = tuple(stem(w) for w in param.words)
    entity = param.key_of if param.role == "key" else None
    given = replace(clue, words=() if entity else words, entity=entity, prep="to")
    kept = []
    placed = False
    for old in request.sets:
        empty = old.value is None and not old.refers
        same = bool(set(old.words) & set(words)) or empty
        if not placed and same and (empty or question.text):
            kept.append(replace(given, words=old.words or given.words))
            placed = True
        else:
            kept.append(old)
    if not placed:
        kept.append(given)
    return replace(goal, request=replace(request, sets=tuple(kept)))


def _with_thing(
    goal: Goal, question: Ask, message: Message, lexicon: Lexicon
) -> Goal | None:
    phrases = read_phrases(message.tokens, lexicon)
    literal = next((p.value for p in phrases if p.value is not None), None)
    named = [c for r in message.requests for c in r.clues if c.value is not None]
    if named:
        clue = replace(named[0], entity=named[0].entity or question.entity)
    elif literal is not None:
        clue = Clue(entity=question.entity, value=literal.text, kind=literal.kind)
    else:
        return None
    kept = tuple(c for c in goal.request.clues if not c.refers)
    return replace(goal, request=replace(goal.request, clues=(clue, *kept)))


def _value(message: Message, param: Param, held: set[str | None]) -> Clue | None:
    """The value in an answer: a literal, an option, or what is left of the words."""
    part = _about(message.text, param)
    found = tokens(part)
    literals = [t for t in found if t.literal and t.text not in held]
    quoted = [t for t in literals if t.kind == "text" and not t.bare]
    whole = [t for t in literals if t.kind == "date" or "@" in t.text]
    if quoted or whole or (literals and "string" not in param.types):
        chosen = (quoted or whole or literals)[-1]
        return Clue(value=chosen.text, kind=chosen.kind)
    folded = part.casefold()
    for option in param.enum:
        if re.search(rf"\b{re.escape(str(option).casefold())}\b", folded):
            return Clue(value=str(option))
    if message.unknown or message.no or "string" not in param.types:
        return None
    return _worded(part, [t.text for t in literals])


def _worded(part: str, literals: Sequence[str]) -> Clue | None:
    """A text without quotation marks: what is left when the frame is taken away."""
    pieces = re.split(r"(?<=[.!?])\s+", part)
    text = next((p for p in pieces if any(v in p for v in literals)), pieces[0])
    text = _INTERJECTION.sub("", text.strip()) or text.strip()
    found = _LEAD.match(text)
    value = _COURTESY.sub("", found["value"] if found else text).strip(" .!?,")
    if literals and found is None and len(text.split()) > len(literals[-1].split()) + 3:
        return Clue(value=literals[-1])
    if not value or len(value.split()) > 12:
        return None
    return Clue(value=value, bare=found is None)


def _about(text: str, param: Param) -> str:
    """The sentence of an answer that is about the parameter, or the whole answer."""
    wanted = {stem(w) for w in param.words} | set(param.relation)
    best, most = text, 0
    begin = 0
    for sentence in re.split(r"(?<=[.!?])(?=\s)", text):
        found = tokens(sentence)
        words = {t.stem for t in found if t.kind == "word"}
        score = 2 * bool(words & wanted) + ("new" in words)
        if score > most and words & wanted:
            ends = re.search(r"\b(?:is|are|be|to)\b.*\w", sentence)
            best, most = (sentence if ends else text[begin:]), score
        begin += len(sentence)
    return best.strip()


# --- corrections --------------------------------------------------------------------


def corrected(goal: Goal, message: Message) -> Goal | None:
    """The goal with what an answer puts right; None if it puts nothing right."""
    request = goal.request
    values = [t for t in message.tokens if t.literal]
    if not values:
        return None
    held = {c.value for c in (*request.clues, *request.sets)}
    sets, clues = list(request.sets), list(request.clues)
    for other in message.requests:
        for given in (*other.sets, *other.clues):
            if given.value is None or given.value in held:
                continue
            if _replaced(sets, given) or _replaced(clues, given, by_entity=True):
                return _changed(goal, sets, clues)
    new = [t for t in values if t.text not in held]
    if not new:
        return None
    free = [n for n, c in enumerate(sets) if c.entity is None]
    if free:
        sets[free[-1]] = replace(sets[free[-1]], value=new[-1].text, kind=new[-1].kind)
        return _changed(goal, sets, clues)
    return None


def _replaced(clues: list[Clue], given: Clue, *, by_entity: bool = False) -> bool:
    for number, old in enumerate(clues):
        same = set(old.words) & set(given.words) and old.entity in {None, given.entity}
        if by_entity:
            same = old.entity is not None and old.entity == given.entity
        if same:
            clues[number] = replace(old, value=given.value, kind=given.kind, ref="")
            return True
    return False


def _changed(goal: Goal, sets: list[Clue], clues: list[Clue]) -> Goal:
    request = replace(goal.request, sets=tuple(sets), clues=tuple(clues))
    return replace(goal, request=request, confirmed=False, picks=())


def repeats(request: Request, goals: Sequence[Goal]) -> bool:
    """Whether a request only says again what a goal holds already."""
    values = {c.value for c in (*request.clues, *request.sets) if c.value is not None}
    for goal in goals:
        known = goal.request
        held = {c.value for c in (*known.clues, *known.sets)}
        if values <= held and (request.act == known.act or not request.verb):
            return True
    return False
