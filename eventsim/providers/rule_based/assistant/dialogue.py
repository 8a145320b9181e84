"""The state of a conversation, folded over its turns.

A turn takes the goals that are still open and the new ones, works on them as far as
the transcript goes, and leaves the rest. For a turn that has ended nothing is decided:
what the assistant did then is what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eventsim.providers.rule_based.assistant.answers import (
    code_in,
    corrected,
    filled,
    picked_row,
    repeats,
    with_pick,
)
from eventsim.providers.rule_based.assistant.memory import Memory, Thing, thing_of
from eventsim.providers.rule_based.assistant.messages import Message, read_message
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.reading import run_reading
from eventsim.providers.rule_based.assistant.requests import Request
from eventsim.providers.rule_based.assistant.script import (
    Ask,
    Goal,
    Need,
    Outcome,
    Script,
    Stop,
)
from eventsim.providers.rule_based.assistant.tokens import without_literals
from eventsim.providers.rule_based.assistant.toolset import Lexicon
from eventsim.providers.rule_based.assistant.transcript import Call, Turn
from eventsim.providers.rule_based.assistant.writing import run_writing

__all__ = ["Decision", "State", "advance"]


@dataclass(frozen=True, slots=True)
class State:
    """What is known between turns. `code` is empty, asked, given or wrong; `calls` are
    those that open goals may still use.
    """

    memory: Memory = field(default_factory=Memory)
    goals: tuple[Goal, ...] = ()
    question: Ask | None = None
    code: str = ""
    calls: tuple[Call, ...] = ()
    unclear: bool = False


@dataclass(slots=True)
class Decision:
    """What the open turn comes to: calls to make, or what to say.

    `left` counts goals behind the one that stopped; `rows` are what names led to, for
    each call that goes on from them.
    """

    message: Message
    outcomes: list[Outcome] = field(default_factory=list)
    needs: list[tuple[Need, Script]] = field(default_factory=list)
    ask: Ask | None = None
    left: list[Goal] = field(default_factory=list)
    calls: Sequence[Call] = ()
    dropped: bool = False
    unclear: bool = False
    resumed: bool = False
    given_up: Ask | None = None
    met: dict[int, list[Thing]] = field(default_factory=dict)


def advance(
    state: State, turn: Turn, lexicon: Lexicon, policy: Policy
) -> tuple[State, Decision]:
    """Work through one turn: the state after it, and what it comes to."""
    message = lexicon.read.get(turn.text)
    if message is None:
        message = lexicon.read[turn.text] = read_message(turn.text, lexicon)
    decision = Decision(message, calls=turn.calls)
    goals, state = _receive(state, message, turn, lexicon, policy, decision)
    state = _work(goals, state, turn, lexicon, policy, decision)
    if turn.said is not None:
        left = tuple(decision.left)
        waits = bool(left) and "?" in without_literals(turn.said)
        state = replace(
            state,
            goals=left if waits else (),
            question=decision.ask if waits else None,
            calls=(*state.calls, *turn.calls) if waits else (),
            unclear=decision.unclear,
            code=_code_after(state.code, turn.said, policy),
        )
    return state, decision


def _code_after(code: str, said: str, policy: Policy) -> str:
    plain = without_literals(said)
    if not code and policy.code and "?" in plain and policy.code_name in plain:
        return "asked"
    return code


# --- the message --------------------------------------------------------------------


def _receive(
    state: State,
    message: Message,
    turn: Turn,
    lexicon: Lexicon,
    policy: Policy,
    decision: Decision,
) -> tuple[list[Goal], State]:
    """The goals of the turn: those that waited, as the message leaves them, and new."""
    if policy.code is not None and state.code != "given":
        found = code_in(message, state.code == "asked", policy.code)
        state = replace(state, code=found or state.code)
    waiting = list(state.goals)
    fresh = list(message.requests)
    decision.resumed = bool(waiting)
    if waiting:
        waiting, fresh = _answered(state, waiting, fresh, message, lexicon, decision)
    if decision.unclear and state.unclear:
        # The second answer that settles nothing: let it rest.
        waiting, decision.unclear, decision.dropped = [], False, True
    if state.question is not None and (decision.dropped or not waiting):
        question = state.question
        decision.given_up = question
        if question.kind in {"which", "who"} and question.entity is not None:
            memory = state.memory.without(question.entity)
            state = replace(state, memory=memory)
    goals = waiting + [Goal(request, turn.start) for request in fresh]
    return goals, replace(state, goals=(), question=None)


def _answered(
    state: State,
    waiting: list[Goal],
    fresh: list[Request],
    message: Message,
    lexicon: Lexicon,
    decision: Decision,
) -> tuple[list[Goal], list[Request]]:
    """What an answer makes of the goals that waited for it, and what is new in it."""
    question = state.question
    first, rest = waiting[0], waiting[1:]
    new = [r for r in fresh if not repeats(r, waiting)]
    spoken = [r for r in new if r.verb and r.verb not in {"take", "use", "pick"}]
    if question is None:
        return waiting, spoken
    match question.kind:
        case "code":
            if state.code in {"given", "wrong"}:
                return waiting, spoken
            return ([], new) if new else (waiting, [])
        case "confirm":
            return _confirmed(first, rest, message, new, spoken, decision)
        case "which":
            row = picked_row(message, question.rows, question.entity, lexicon)
            if row is not None:
                goal = with_pick(first, question.entity, row, lexicon)
                return [goal, *rest], [r for r in spoken if r.writes]
        case "missing" | "who":
            given = filled(first, question, message, lexicon)
            if given is not None:
                return [given, *rest], []
    if spoken and not (message.unknown and not any(r.writes for r in spoken)):
        return [], spoken
    if message.no or message.unknown or message.bye:
        decision.dropped = True
        return rest, []
    decision.unclear = True
    return waiting, []


def _confirmed(
    first: Goal,
    rest: list[Goal],
    message: Message,
    new: list[Request],
    spoken: list[Request],
    decision: Decision,
) -> tuple[list[Goal], list[Request]]:
    change = corrected(first, message) if message.no or not message.yes else None
    if change is not None and not (spoken and not message.no):
        return [change, *rest], []
    if message.yes:
        return [replace(first, confirmed=True), *rest], spoken
    again = [r for r in message.requests if r.writes and repeats(r, [first])]
    if message.no and again and not new:
        return [first, *rest], []
    if message.no or new:
        decision.dropped = message.no
        return rest, [r for r in new if r.verb]
    decision.unclear = True
    return [first, *rest], []


# --- the goals ----------------------------------------------------------------------


def _work(
    goals: Sequence[Goal],
    state: State,
    turn: Turn,
    lexicon: Lexicon,
    policy: Policy,
    decision: Decision,
) -> State:
    """Run the scripts in order, up to what cannot go on."""
    floor = 0
    for number, wanted in enumerate(goals):
        goal = replace(wanted, start=max(wanted.start, floor))
        waits = decision.ask is not None or (
            bool(decision.needs)
            and (goal.request.writes or goal.request.refers or not goal.request.clues)
        )
        if waits:
            decision.left.append(goal)
            continue
        calls = _window(state, turn, goal)
        script = Script(lexicon, calls, state.memory, policy, goal, code=state.code)
        try:
            outcome = _run(script)
        except Need as need:
            if turn.said is not None and "?" not in without_literals(turn.said):
                # The assistant left it there: still, it was spoken of.
                memory = state.memory.with_things(script.met)
                state = replace(state, memory=memory)
            # Without its traceback, whose frames would hold the whole request.
            decision.needs.append((need.with_traceback(None), script))
            decision.left.append(goal)
            if goal.request.writes:
                decision.left += goals[number + 1 :]
                break
            continue
        except Ask as ask:
            decision.ask = ask.with_traceback(None)
            decision.left.append(goal)
            continue
        except Stop as stop:
            outcome = stop.outcome
        decision.met[len(decision.outcomes)] = list(script.met)
        decision.outcomes.append(outcome)
        if goal.request.writes and outcome.wrote_at >= 0:
            floor = outcome.wrote_at + 1
        memory = _remember(state.memory, outcome, script.met, lexicon)
        state = replace(state, memory=memory)
    return state


def _run(script: Script) -> Outcome:
    if script.request.writes:
        return run_writing(script)
    return run_reading(script)


def _window(state: State, turn: Turn, goal: Goal) -> list[Call]:
    return [c for c in (*state.calls, *turn.calls) if c.index >= goal.start]


def _remember(
    memory: Memory, outcome: Outcome, met: Sequence[Thing], lexicon: Lexicon
) -> Memory:
    """What was spoken of, for later references."""
    memory = memory.with_things(met)
    entity = outcome.entity
    if outcome.kind in {"rows", "ranking", "ambiguous"}:
        listed = [
            t[-1] for row in outcome.rows if (t := thing_of(row, entity, lexicon))
        ]
        if len(listed) == 1:
            memory = memory.with_things(thing_of(outcome.rows[0], entity, lexicon))
        own = [t for t in listed if t.entity == entity]
        return memory.with_list(own, apart=not any(t.entity == entity for t in met))
    row = outcome.row
    if outcome.kind in {"created", "updated"} and outcome.rows:
        row = outcome.rows[0]
    if outcome.kind == "deleted" or row is None:
        return memory
    told = {str(row.get(c)) for _, found in outcome.columns for c in found}
    things = [
        replace(t, implied=False) if t.implied and t.label in told else t
        for t in thing_of(row, entity, lexicon)
    ]
    return memory.with_things(things)
