"""What a person's message holds: requests, an answer to a question, courtesies.

The message is cut into clauses at sentence ends and where a new verb begins; each
clause with something to do becomes a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventsim.providers.rule_based.assistant.ask_requests import (
    ask_request,
    check_request,
)
from eventsim.providers.rule_based.assistant.english import (
    ASK_VERBS,
    CHECK_VERBS,
    DETERMINERS,
    FILLERS,
    NUMBER_WORDS,
    ORDINALS,
    PRONOUNS,
    VERB_PHRASES,
    WRITE_VERBS,
)
from eventsim.providers.rule_based.assistant.phrases import read_phrases
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.tokens import (
    Token,
    sentences,
    tokens,
    without_literals,
)
from eventsim.providers.rule_based.assistant.toolset import Lexicon
from eventsim.providers.rule_based.assistant.write_requests import write_request

__all__ = ["Message", "read_message"]

_YES = re.compile(
    r"^\W*(?:(?:oh|ah|well|ok|okay|great|perfect|thanks|thank you|um+|uh|hm+)\W+)*"
    r"(?:yes|yep|yeah|yup|ya|sure|please do|go ahead|go for it|do it|do so|correct|"
    r"confirmed|i confirm|absolutely|exactly|right|that is right|that's right|"
    r"that's correct|that is correct|sounds good|looks good|ok|okay|fine|please go|"
    r"that's it|that is it|of course|definitely|certainly|please proceed|proceed|"
    r"that works|good|all good|agreed|indeed|affirmative)\b"
)
_NO = re.compile(
    r"^\W*(?:(?:oh|ah|well|um+|uh|hm+|sorry|wait|actually)\W+)*"
    r"(?:no|nope|nah|not quite|not really|don't|do not|stop|wait|hold on|cancel that|"
    r"leave it|never mind|forget it|that's wrong|that is wrong|wrong|rather not)\b"
)
_YES_INSIDE = re.compile(r"\b(?:go ahead|please proceed|i confirm|confirmed|yes)\b")
_UNKNOWN = re.compile(
    r"\b(?:i )?(?:do not|don't|dont) (?:know|have|remember|recall)\b|\bno idea\b"
    r"|\bnot sure\b|\bno clue\b|\bcan(?:'t|not) (?:say|tell|remember)\b|\bdon't have\b"
    r"|\bhave none\b|\bany of them\b|\bdoesn't matter\b|\bwhichever\b"
)
_THANKS = re.compile(r"\b(?:thanks|thank you|thx|cheers|appreciate)\b")
_BYE = re.compile(
    r"\b(?:that(?:'?s| is| was| will be|'ll be| covers) (?:all|everything|it)|bye|"
    r"goodbye|"
    r"nothing else|all i needed|all set|have a (?:nice|good|great)|that does it)\b"
)
_HELLO = re.compile(r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day))\b")
_JOINTS = frozenset({"and", "then", "also", "afterwards", "plus", "next", "so", "but"})
_LEAD_INS = frozenset(
    "to please could can would will you me i we kindly also then just help with and "
    "by let let's us so now want need like love about start begin try first next "
    "trying going wondering".split()
)
# Verbs that are as often nouns; before a value they are.
_NOUNS_TOO = frozenset(
    "name state report order book record open set mark list count sum share log "
    "display schedule switch reduce fix look".split()
)
_QUESTION_WORDS = frozenset("what which who whose when where how".split())
_DOING = frozenset("i'm am we're are is was were been be".split())
_WANTING = frozenset(
    "need want like looking after interested wish love curious please require".split()
)
_BEFORE_NOUNS = frozenset(
    "the a an this these those their its his her my your our each every no of in on at "
    "from with same new".split()
)
_GERUND = re.compile(r"^([a-z]{2,}?)(?:([a-z])\2)?ing$")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as read. `yes` and `no` are answers; `loose` its tokens for others."""

    text: str
    requests: tuple[Request, ...]
    tokens: tuple[Token, ...]
    yes: bool = False
    no: bool = False
    unknown: bool = False
    thanks: bool = False
    bye: bool = False
    hello: bool = False


def read_message(text: str, lexicon: Lexicon) -> Message:
    """Everything that a message says."""
    plain = without_literals(text).replace("’", "'")
    found = tokens(text)
    requests: list[Request] = []
    for sentence in sentences(found):
        for clause in _clauses(sentence):
            request = _request(clause, lexicon, bool(requests))
            if request is not None:
                _append(requests, _unknown_nouns(request, lexicon))
    no = bool(_NO.search(plain))
    unknown = bool(_UNKNOWN.search(plain))
    if unknown:
        # Not to know is no wish, unless it names what is not known.
        requests = [r for r in requests if r.writes or _named(r)]
    return Message(
        text=text,
        requests=tuple(requests),
        tokens=found,
        yes=not no and bool(_YES.search(plain) or _YES_INSIDE.search(plain)),
        no=no,
        unknown=unknown,
        thanks=bool(_THANKS.search(plain)),
        bye=bool(_BYE.search(plain)),
        hello=bool(_HELLO.search(plain)),
    )


def _named(request: Request) -> bool:
    return any(c.value is not None or c.refers for c in request.clues)


def _unknown_nouns(request: Request, lexicon: Lexicon) -> Request:
    """A number after words that no tool knows is that of a thing called so."""
    if request.expected is not None:
        return request

    def as_noun(clue: Clue) -> Clue:
        plain = clue.entity is None and clue.kind in {"number", "text"}
        if clue.kind == "text" and not _thing_like(request, clue):
            return clue
        if (
            not plain
            or clue.op
            or not clue.words
            or set(clue.words) & lexicon.vocabulary
        ):
            return clue
        if clue.prep in {"with", "whose", "to", "is"}:
            return clue
        return replace(clue, words=(), noun=clue.words)

    return replace(
        request,
        clues=tuple(as_noun(c) for c in request.clues),
        sets=tuple(as_noun(c) for c in request.sets),
    )


def _thing_like(request: Request, clue: Clue) -> bool:
    """Whether a quoted name after unknown words is that of a thing."""
    return clue.prep in {"of", "for"} and (
        request.act == "update" or request.focus is None
    )


def _append(requests: list[Request], request: Request) -> None:
    """Add a request, or join it to the one that it only completes."""
    last = requests[-1] if requests else None
    follows = (
        last is not None
        and request.act == "read"
        and not request.check
        and all(c.refers and c.entity is None for c in request.clues)
        and not request.writes
        and last.act in {"read", "list"}
        and not last.check
    )
    if follows and last is not None:
        words = request.focus_words or ()
        asked = (*last.asked, *request.asked, *((words,) if words else ()))
        if last.act == "list" and not last.clues:
            requests.append(request)
            return
        if asked == last.asked:
            return
        requests[-1] = replace(last, asked=asked, text=f"{last.text} {request.text}")
        return
    requests.append(request)


# --- clauses ------------------------------------------------------------------------


def _clauses(sentence: Sequence[Token]) -> list[tuple[Token, ...]]:
    """A sentence cut where a conjunction begins a new verb."""
    result: list[tuple[Token, ...]] = []
    start = 0
    at = 1
    while at < len(sentence):
        token = sentence[at]
        joint = token.word in _JOINTS or (token.kind == "mark" and token.text == ",")
        if joint and at > start:
            after = at + 1
            while after < len(sentence) and (
                sentence[after].word in _JOINTS
                or sentence[after].word in _LEAD_INS
                or (sentence[after].kind == "mark" and sentence[after].text == ",")
            ):
                after += 1
            if after < len(sentence) and _verb_at(sentence, after) is not None:
                result.append(tuple(sentence[start:at]))
                start = after
                at = after
        at += 1
    result.append(tuple(sentence[start:]))
    return [clause for clause in result if clause]


def _verb_at(found: Sequence[Token], at: int) -> tuple[str, str, int] | None:
    """The verb that begins at a token: its act, the word, and where it ends."""
    token = found[at]
    if token.kind != "word":
        return None
    before = found[at - 1] if at else None
    if before is not None and (
        before.word in _BEFORE_NOUNS or before.kind == "own" or before.literal
    ):
        return None
    base = _base(token.word)
    if base != token.word and base not in {"look", "search"}:
        doing = before is not None and before.word in _DOING
        if doing:
            return None
    for words, act in VERB_PHRASES.items():
        heads = (base, *(t.word for t in found[at + 1 : at + len(words)]))
        if heads == words:
            return act, " ".join(words), at + len(words)
    act = "ask" if base in ASK_VERBS else "check" if base in CHECK_VERBS else ""
    act = act or WRITE_VERBS.get(base, "")
    if not act:
        return None
    after = found[at + 1] if at + 1 < len(found) else None
    if after is None or (after.kind == "mark" and after.text not in "\"'"):
        return (act, base, at + 1) if act == "ask" and at == 0 else None
    if base == "take" and not any(t.word in {"from", "off"} for t in found[at:]):
        return None
    return (act, base, at + 1) if _takes_object(base, after, act) else None


def _takes_object(base: str, after: Token, act: str) -> bool:
    """Whether the word is a verb here: what follows can be its object."""
    if base in {"what", "which", "who", "whose", "when", "where", "how"}:
        return True
    if after.literal:
        return base not in _NOUNS_TOO
    if after.kind == "own":
        return False
    if after.word in DETERMINERS or after.word in PRONOUNS or after.word in ORDINALS:
        return True
    if after.word in NUMBER_WORDS:
        return True
    if after.word in {"me", "us", "my", "our", "you", "how", "what", "which", "who"}:
        return True
    if after.word in {"whether", "if", "when", "where", "out", "up", "that", "for"}:
        return True
    if base == "work":
        return after.word == "out"
    if base in {"look", "search"}:
        return after.word in {"at", "into", "out", "up", "for"}
    if after.word in FILLERS or after.word in {"of", "in", "to", "is", "by", "and"}:
        return False
    return base not in {
        "name",
        "state",
        "report",
        "order",
        "book",
        "record",
        "open",
    } or (act == "ask" and after.word.endswith("s"))


def _base(word: str) -> str:
    """The base form of a verb in -ing, or the word."""
    if word in WRITE_VERBS or word in ASK_VERBS or word in CHECK_VERBS:
        return word
    found = _GERUND.match(word)
    if found is None:
        return word
    for base in (word[:-3], word[:-3] + "e", found[1] + (found[2] or "")):
        if base in WRITE_VERBS or base in ASK_VERBS or base in CHECK_VERBS:
            return base
    return word


def _verb(clause: Sequence[Token]) -> tuple[str, str, int] | None:
    """The verb of a clause. A question word counts at its head, or without a verb."""
    asking: tuple[str, str, int] | None = None
    for at, token in enumerate(clause):
        found = _verb_at(clause, at)
        if found is None:
            continue
        if token.word in _QUESTION_WORDS and found[1] == token.word:
            if at == 0 and token.word not in {"when", "where", "how"}:
                return found
            asking = asking or found
            continue
        return found
    return asking


def _request(clause: Sequence[Token], lexicon: Lexicon, later: bool) -> Request | None:
    """The request of one clause, if it asks for anything."""
    verb = _verb(clause)
    text = " ".join(t.text for t in clause)
    how_many = _how_many(clause) or (verb is not None and verb[1] == "count")
    if verb is None:
        phrases = read_phrases(clause, lexicon)
        is_question = clause[-1].text == "?" and clause[0].word in {"is", "are", "does"}
        if is_question:
            return _kept(check_request(phrases, how_many, text), lexicon)
        request = ask_request(phrases, how_many, text)
        solid = request.focus or request.asked or request.by
        telling = any(
            c.refers or (c.value is not None and (c.entity or c.kind == "text"))
            for c in request.clues
        )
        if not solid or not (telling or request.by or request.many):
            return None
        if _statement(clause):
            return None
        return _kept(request, lexicon, later)
    act, base, end = verb
    start = end if base not in {"which", "what", "who", "whose"} else end - 1
    body = clause[start:]
    if act == "ask" and _asks_whether(body):
        act = "check"
    phrases = read_phrases(body, lexicon)
    if act in {"ask", "sum"}:
        if act == "sum" and phrases and not any(p.total for p in phrases):
            phrases[0].total = "sum"
            phrases[0].words.insert(0, "total")
        request = ask_request(phrases, how_many, text)
        return _kept(replace(request, verb=base), lexicon, later)
    if act == "check":
        request = check_request(phrases, how_many, text)
        return _kept(replace(request, verb=base), lexicon, later)
    request = write_request(act, base, phrases, text)
    return request if request.substance else None


def _asks_whether(body: Sequence[Token]) -> bool:
    return any(t.word in {"whether", "if"} for t in body[:2])


def _how_many(clause: Sequence[Token]) -> bool:
    return any(
        t.word == "how"
        and n + 1 < len(clause)
        and clause[n + 1].word in {"many", "much"}
        for n, t in enumerate(clause)
    ) or any(
        t.word == "count" and n + 1 < len(clause) and clause[n + 1].kind == "word"
        for n, t in enumerate(clause[:3])
    )


def _statement(clause: Sequence[Token]) -> bool:
    """Whether a clause without a verb of asking only tells something."""
    if clause[-1].text == "?":
        return False
    words = [t.word for t in clause if t.kind == "word"]
    if set(words) & _WANTING:
        return False
    told = {"i", "i'm", "we", "we're", "it", "my", "our", "here", "there", "that"}
    return bool(words) and (words[0] in told or "is" in words or "are" in words)


def _kept(request: Request, lexicon: Lexicon, later: bool = False) -> Request | None:
    """The request if something known is asked, else nothing."""
    if later and request.asked and request.verb:
        return request
    if request.clues or request.by or request.focus:
        return request
    known = lexicon.vocabulary
    if any(set(words) & known for words in request.asked):
        return request
    return None
