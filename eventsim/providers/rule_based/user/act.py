"""What the next message does: a pure decision over brief, objectives and progress.

The order of concern is a person's: answer what is asked, look whether the last request
was dealt with, go on with the next one, end. Every loop has a bound, so that the worst
assistant only makes the user give up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.facts import (
    Fact,
    choice_among,
    code_of,
    facts_for,
)
from eventsim.providers.rule_based.user.manner import Manner
from eventsim.providers.rule_based.user.outcome import left_open, states_another_value
from eventsim.providers.rule_based.user.prompt import Brief
from eventsim.providers.rule_based.user.proposal import closest_clause, differs
from eventsim.providers.rule_based.user.reading import Reading
from eventsim.providers.rule_based.user.transcript import Progress
from eventsim.providers.rule_based.user.words import plain, says

__all__ = ["Act", "After", "choose_act"]

After = Literal["", "answered", "none", "refused", "failed", "stuck", "aside"]

_REFERS = re.compile(
    r"\b(that|those|this|these|its?|their|his|her|now|still|again|more|left)\b"
)
_OPTIONS = re.compile(r'[:;"(]| or |\d|[A-ZÀ-Þ]\w+ and [A-ZÀ-Þ]')
_TRIES = 2
_ANSWERS = 4


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to say.

    `ask`: `objectives` for the `reason` first, next, swap or switch (out of order),
    back (what was left out), corrected, skipped, unclear, detail, failed, wrong or
    doubt. `tell`: `facts`, and a yes before them when `confirmed`. `repeat`: the
    request in other words. `correct`: the clause at `objectives[0]`. `unknown`: the
    question has no answer. `aside`: something that has nothing to do with the matter.
    `after` is what the last reply was, for the reaction.
    """

    kind: Literal[
        "ask", "confirm", "correct", "tell", "choose", "repeat", "unknown", "aside",
        "close",
    ]  # fmt: skip
    objectives: tuple[int, ...] = ()
    reason: str = ""
    facts: tuple[Fact, ...] = ()
    confirmed: bool = False
    after: After = ""


def choose_act(
    brief: Brief, manner: Manner, clauses: Sequence[Clause], progress: Progress
) -> Act:
    """Decide what the next message does."""
    if brief.wishes.opening and progress.replies:
        return Act("ask", (0,), "first")  # what came before was another matter
    if progress.own_count >= 4 * len(clauses) + 4:
        return Act("close", reason="bound", after="stuck")
    if progress.misnamed is not None:
        return Act("ask", (progress.misnamed,), "corrected")
    if progress.aside:
        return _go_on(brief, clauses, progress, "aside")
    if not progress.replies:
        return _unanswered(brief, clauses, progress)
    last = progress.replies[-1]
    if last.asks and progress.own_count:
        answer = _answer(brief, clauses, progress)
        return answer or _go_on(brief, clauses, progress, "stuck")
    if not progress.batch:
        return _go_on(brief, clauses, progress, "")
    return _after_reply(brief, manner, clauses, progress, last)


def _unanswered(brief: Brief, clauses: Sequence[Clause], progress: Progress) -> Act:
    """What to say when nothing came back since the last request, if there was one."""
    again = tuple(i for i in progress.batch if progress.tries[i] < _TRIES)
    if again:
        return Act("ask", again, "unclear")
    return _go_on(brief, clauses, progress, "failed" if progress.batch else "")


def _after_reply(
    brief: Brief,
    manner: Manner,
    clauses: Sequence[Clause],
    progress: Progress,
    last: Reading,
) -> Act:
    batch = progress.batch
    fresh = [i for i in batch if progress.tries[i] < _TRIES]
    if len(fresh) == 1 and _left_out(clauses, progress, fresh[0]):
        declined = last.refuses and clauses[fresh[0]].kind == "write"
        if not declined:
            return Act("ask", (fresh[0],), "detail")
    open_ = [i for i in left_open(batch, clauses, progress.replies) if i in fresh]
    if open_:
        reason = "skipped" if len(open_) < len(batch) else "unclear"
        return Act("ask", tuple(open_), reason)
    if last.refuses:
        return _go_on(brief, clauses, progress, "refused")
    writes = any(clauses[index].kind == "write" for index in batch)
    if last.fails and (writes or not last.finds_none):
        if fresh and len(batch) == 1 and not manner.impatient:
            return Act("ask", (batch[-1],), "failed")
        return _go_on(brief, clauses, progress, "failed")
    if last.denies and clauses[batch[-1]].shape == "that":
        return _denied(brief, clauses, progress)
    wrong = [i for i in fresh if states_another_value(clauses[i], progress.replies)]
    if wrong:
        return Act("ask", (wrong[0],), "wrong")
    look = clauses[batch[-1]].kind == "look"
    if brief.wishes.doubt and look and batch[-1] in fresh and not last.finds_none:
        return Act("ask", (batch[-1],), "doubt")
    return _go_on(brief, clauses, progress, "none" if last.finds_none else "answered")


def _denied(brief: Brief, clauses: Sequence[Clause], progress: Progress) -> Act:
    """A check came out wrong: ask for the change again, unless it was turned down."""
    checked = progress.batch[-1]
    if not any(reply.refuses or reply.fails for reply in progress.all_replies):
        for index in range(checked - 1, -1, -1):
            same = set(clauses[index].news) & set(clauses[checked].values)
            if (
                same
                and clauses[index].kind == "write"
                and progress.tries[index] < _TRIES
            ):
                return Act("ask", (index,), "wrong")
    return _go_on(brief, clauses, progress, "none")


def _left_out(clauses: Sequence[Clause], progress: Progress, index: int) -> bool:
    """Whether the request kept back a value that nobody has asked for."""
    said = "\n".join(progress.own_texts[-progress.own_count :])
    before = {value for clause in clauses[:index] for value in clause.values}
    return any(
        value not in before and not says(said, value) for value in clauses[index].values
    )


def _go_on(
    brief: Brief, clauses: Sequence[Clause], progress: Progress, after: After
) -> Act:
    wishes, open_ = brief.wishes, progress.open
    if wishes.aside and progress.batch and after in {"answered", "none"}:
        return Act("aside", after=after)
    if not open_:
        return Act("close", after=after)
    if (wishes.swap or wishes.switch) and _may_wait(clauses, open_):
        return Act("ask", open_[1:2], "swap" if wishes.swap else "switch", after=after)
    single = not wishes.two or wishes.vague or wishes.slip
    reason = "first" if open_[0] == 0 and progress.own_count == 0 else "next"
    if any(progress.tries[open_[0] :]):
        reason = "back"
    return Act("ask", open_[: 1 if single else 2], reason, after=after)


def _may_wait(clauses: Sequence[Clause], open_: Sequence[int]) -> bool:
    """Whether the next two may change places: both only look something up, and none
    of what is left speaks of what was spoken of before it.
    """
    if len(open_) < 2 or any(clauses[index].kind != "look" for index in open_[:2]):
        return False
    return not any(
        _REFERS.search(re.sub(r'"[^"]*"', "", clauses[index].text))
        for index in open_[:3]
    )


def _answer(brief: Brief, clauses: Sequence[Clause], progress: Progress) -> Act | None:
    """An answer to the open questions; None when it is time to give up."""
    last = progress.replies[-1]
    same = sum(1 for r in progress.replies if plain(r.text) == plain(last.text))
    if same > _TRIES or progress.answers >= _ANSWERS:
        return None
    about = [clauses[i] for i in (*progress.batch, *_earlier(progress))]
    said = "\n".join(progress.own_texts[-progress.own_count :])
    if last.code:
        return _code(brief, last, said)
    if last.choice:
        return _choice(brief, progress, last, about)
    if last.lost:
        return Act("repeat", progress.batch[:1]) if progress.batch else None
    if last.confirm:
        return _confirmation(clauses, progress, last)
    facts = facts_for(last.asked, brief.known, about)
    if not facts:
        return Act("unknown", progress.batch[:1], "again" if same > 1 else "")
    new = [fact for fact in facts if not fact.value or not says(said, fact.value)]
    chosen = (new or list(facts))[:1]
    return Act("tell", progress.batch[:1], facts=tuple(chosen))


def _earlier(progress: Progress) -> tuple[int, ...]:
    return tuple(
        i for i in range(progress.asked - 1, -1, -1) if i not in progress.batch
    )


def _code(brief: Brief, last: Reading, said: str) -> Act:
    code = code_of(brief.known)
    if code is None:
        return Act("unknown", reason="code")
    if says(said, code.value) and (last.refuses or last.fails):
        return Act("unknown", reason="only")
    return Act("tell", facts=(code,), confirmed=last.confirm and _yes_no(last))


def _yes_no(last: Reading) -> bool:
    return any(
        q.startswith(("shall", "should", "do you want", "may i", "is ", "would you"))
        or "yes" in q
        for q in last.questions
    )


def _choice(
    brief: Brief, progress: Progress, last: Reading, about: Sequence[Clause]
) -> Act:
    value = choice_among(last.text, brief.known, about)
    if value is not None:
        return Act("choose", facts=(Fact("", value),))
    facts = facts_for(last.asked, brief.known, about)
    for fact in facts:
        if fact.value and not says(last.text, fact.value):
            return Act("tell", facts=(fact,))
    if progress.batch and not _OPTIONS.search(last.text):
        return Act("repeat", progress.batch[:1])
    return Act("unknown", reason="choice")


def _confirmation(clauses: Sequence[Clause], progress: Progress, last: Reading) -> Act:
    batch = [clauses[i] for i in progress.batch]
    clause = closest_clause(last.text, batch)
    if clause is not None and progress.answers < 2 and differs(last.text, clause):
        return Act("correct", (progress.batch[batch.index(clause)],))
    return Act("confirm", progress.batch)
