"""The assistant's answer to one chat completion request: calls, or a text.

A pure function of the request. What earlier turns came to is folded once and kept by
content, so that a long conversation costs no more than its last turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from eventsim.config import FlawRates
from eventsim.core.draws import Draws
from eventsim.providers.rule_based.assistant.dialogue import Decision, State, advance
from eventsim.providers.rule_based.assistant.flaws import Lapses
from eventsim.providers.rule_based.assistant.guessing import changes, guess
from eventsim.providers.rule_based.assistant.policy import Policy, read_policy
from eventsim.providers.rule_based.assistant.replying import (
    compose,
    half_answer,
    hedge,
    seen,
)
from eventsim.providers.rule_based.assistant.script import Need, Script
from eventsim.providers.rule_based.assistant.toolset import Lexicon, read_toolset
from eventsim.providers.rule_based.assistant.transcript import (
    Turn,
    encoded,
    read_turns,
)
from eventsim.providers.rule_based.assistant.wording import Voice

__all__ = ["reply"]

_KEPT_LEXICONS = 64
_KEPT_STATES = 1024
_TOGETHER = 0.6  # how often two independent look-ups are made in one step
_HELPLESS = frozenset({"no_tool", "no_search"})
_MOST_CALLS = 24  # calls for one message before the assistant gives up

_lexicons: dict[bytes, Lexicon] = {}
_states: dict[bytes, State] = {}


def reply(request: Mapping[str, Any], flaws: FlawRates) -> dict[str, Any]:
    """The assistant's message: content, or tool calls, and notes of flaws applied."""
    messages = request.get("messages")
    tools = request.get("tools")
    lexicon, digest = _lexicon(tools if isinstance(tools, list | tuple) else ())
    system, turns = read_turns(messages if isinstance(messages, list | tuple) else ())
    policy = read_policy(system)
    draws = Draws(_seed(request.get("seed")), "assistant")
    voice = Voice(lexicon, draws)
    if not turns:
        return _text(
            voice.choose("Hello! What can I do for you?", "Hi! How can I help?")
        )
    state = _before(turns[:-1], lexicon, policy, digest + system.encode())
    lapses = Lapses(flaws, draws)
    last = _reopened(turns[-1])
    _, decision = advance(state, last, lexicon, policy)
    guessed = _guessed(decision, turns, tools if isinstance(tools, list) else ())
    if guessed is not None:
        return guessed
    message = _message(decision, last, policy, voice, lapses)
    if lapses.applied:
        message["notes"] = {"flaws": list(lapses.applied)}
    return message


def _seed(seed: Any) -> int:
    return seed if isinstance(seed, int) else 0


def _reopened(turn: Turn) -> Turn:
    """The last turn, as if the assistant had not spoken yet."""
    turn.said = None
    return turn


def _lexicon(tools: Sequence[Any]) -> tuple[Lexicon, bytes]:
    digest = hashlib.blake2b(encoded(tools), digest_size=16).digest()
    found = _lexicons.get(digest)
    if found is None:
        found = read_toolset([t for t in tools if isinstance(t, Mapping)])
        if len(_lexicons) >= _KEPT_LEXICONS:
            _lexicons.clear()
        _lexicons[digest] = found
    return found, digest


def _before(
    turns: Sequence[Turn], lexicon: Lexicon, policy: Policy, origin: bytes
) -> State:
    """The state after turns that have ended."""
    keys: list[bytes] = []
    key = origin
    for turn in turns:
        key = _turn_key(key, turn)
        keys.append(key)
    state, start = State(), 0
    for number in range(len(keys) - 1, -1, -1):
        known = _states.get(keys[number])
        if known is not None:
            state, start = known, number + 1
            break
    for turn, key in zip(turns[start:], keys[start:], strict=True):
        if turn.said is None:
            turn.said = ""
        state, _ = advance(state, turn, lexicon, policy)
        if len(_states) >= _KEPT_STATES:
            _states.clear()
        _states[key] = state
    return state


def _turn_key(before: bytes, turn: Turn) -> bytes:
    parts = [before, turn.text.encode("utf-8", "replace"), str(turn.start).encode()]
    for call in turn.calls:
        parts.append(f"{call.index}\0{call.id}\0{call.name}".encode("utf-8", "replace"))
        parts.append(encoded(call.arguments))
        if call.result is not None:
            parts.append(call.result.text.encode("utf-8", "replace"))
    parts.append((turn.said or "").encode("utf-8", "replace"))
    return hashlib.blake2b(b"\1".join(parts), digest_size=16).digest()


# --- what to do ---------------------------------------------------------------------


def _message(
    decision: Decision, turn: Turn, policy: Policy, voice: Voice, lapses: Lapses
) -> dict[str, Any]:
    if decision.needs and len(turn.calls) < _MOST_CALLS:
        first = not turn.calls
        fresh = first and not decision.resumed
        if fresh and lapses.happens("needless_question"):
            lapses.note("needless_question")
            need, script = decision.needs[0]
            return _text(hedge(need, script, voice))
        cut = _half_done(decision, policy, voice, lapses)
        if cut is not None:
            return _text(cut)
        return _calls(decision, turn, lapses)
    if decision.needs:
        return _text(
            "I'm sorry, I could not finish this: it takes more look-ups than I can "
            "make at once. Could you ask for one part at a time?"
        )
    if lapses.happens("half_done"):
        shorter = lapses.shortened(decision.outcomes, turn.calls)
        if shorter is not None:
            decision.outcomes = shorter
            lapses.note("half_done")
    for number, outcome in enumerate(decision.outcomes):
        if lapses.happens("misreported_value"):
            wrong = lapses.misreported(outcome)
            if wrong is not None:
                decision.outcomes[number] = wrong
                lapses.note("misreported_value")
                break
    return _text(compose(decision, policy, voice))


def _guessed(
    decision: Decision, turns: Sequence[Turn], tools: Sequence[Any]
) -> dict[str, Any] | None:
    """Where no rule helps: what calls of this turn gave, or a call that the words of
    the request suggest.
    """
    helpless = bool(decision.outcomes) or not _is_courtesy(decision)
    helpless = helpless and all(o.kind in _HELPLESS for o in decision.outcomes)
    if decision.needs or decision.ask is not None or not helpless:
        return None
    turn = turns[-1]
    if turn.calls:
        # A change that no tool makes is declined, whatever was looked up for it.
        changed = any(changes(call.name) for call in turn.calls)
        wanted = any(outcome.request.writes for outcome in decision.outcomes)
        told = seen(turn) if changed or not wanted else ""
        return _text(told) if told else None
    before = turns[-2] if len(turns) > 1 else None
    answers = before is not None and (before.said or "").rstrip().endswith("?")
    text = f"{before.text} {turn.text}" if before and answers else turn.text
    functions = [t.get("function", t) for t in tools if isinstance(t, Mapping)]
    found = guess(text, [f for f in functions if isinstance(f, Mapping)])
    if found is None:
        return None
    if found.missing:
        return None if answers else _text(f"Could you tell me the {found.missing}?")
    return _called([(found.name, found.arguments)], turn)


def _is_courtesy(decision: Decision) -> bool:
    message = decision.message
    return bool(message.thanks or message.bye or message.hello or decision.dropped)


def _half_done(
    decision: Decision, policy: Policy, voice: Voice, lapses: Lapses
) -> str | None:
    """An answer that leaves out what is still to be done, if that flaw is drawn."""
    need, script = decision.needs[0]
    ends = bool(decision.outcomes) or need.tool.writes
    if not ends or not lapses.happens("half_done"):
        return None
    text = half_answer(decision, script, policy, voice)
    if text:
        lapses.note("half_done")
    return text or None


def _calls(decision: Decision, turn: Turn, lapses: Lapses) -> dict[str, Any]:
    together = decision.needs[0][0].tool.writes is False and (
        lapses.draws.fraction("together") < _TOGETHER
    )
    chosen = decision.needs if together else decision.needs[:1]
    made: list[tuple[str, Mapping[str, Any]]] = []
    twice: set[bytes] = set()
    for need, script in chosen:
        arguments = dict(_arguments(need, script, turn, lapses))
        body = encoded([need.tool.name, arguments])
        if body in twice:
            continue
        twice.add(body)
        made.append((need.tool.name, arguments))
    return _called(made, turn)


def _called(
    made: Sequence[tuple[str, Mapping[str, Any]]], turn: Turn
) -> dict[str, Any]:
    calls = [
        {
            "id": f"call_{turn.end * 10 + number}",
            "type": "function",
            "function": {"name": name, "arguments": _plain(arguments)},
        }
        for number, (name, arguments) in enumerate(made)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _arguments(
    need: Need, script: Script, turn: Turn, lapses: Lapses
) -> Mapping[str, Any]:
    """The arguments of a call, with another row's key if that flaw is drawn."""
    used = any(
        p.role == "key" and p.name in call.arguments
        for call in turn.calls
        if (tool := script.lexicon.by_name.get(call.name)) is not None
        for p in tool.params
    )
    if not used and lapses.happens("wrong_row"):
        wrong = lapses.wrong_arguments(need, script)
        if wrong is not None:
            lapses.note("wrong_row")
            return wrong
    return need.arguments


def _text(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _plain(arguments: Mapping[str, Any]) -> str:
    """Arguments as JSON text, in the order of the tool's parameters."""
    try:
        return orjson.dumps(dict(arguments)).decode()
    except TypeError:
        return encoded(arguments).decode()
