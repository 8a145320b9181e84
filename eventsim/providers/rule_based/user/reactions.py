"""What the user says first about what just came back.

A reaction is short, fits the outcome, and at most repeats one number of the answer:
that is what shows that somebody read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventsim.providers.rule_based.user.act import After
from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.outcome import was_written
from eventsim.providers.rule_based.user.prompt import MessageWishes
from eventsim.providers.rule_based.user.transcript import Progress
from eventsim.providers.rule_based.user.voice import Voice
from eventsim.providers.rule_based.user.words import plain

__all__ = ["reaction_to"]

_NUMBER = re.compile(r"(?<![\w.\-\"])\d{1,5}(?:\.\d{1,2})?(?![\w\-\"%]|\.\d)")


def reaction_to(
    after: After,
    wishes: MessageWishes,
    clauses: Sequence[Clause],
    progress: Progress,
    voice: Voice,
) -> str | None:
    """A few words on the last reply; None when the person goes straight on."""
    if after in {"refused", "failed", "stuck", "aside"}:
        return voice.say(after)
    if not after or not progress.replies:
        return None
    wanted = wishes.react or wishes.thank
    if not wanted and (wishes.terse or not voice.chance(_eagerness(voice))):
        return None
    clause = clauses[progress.batch[-1]]
    written = clause.kind == "write" and was_written(progress.replies)
    if wishes.thank:
        return voice.say("thanks_done" if written else "thanks")
    if written:
        return voice.say("done")
    if after == "none" or clause.kind == "write":
        return voice.say("none")
    number = _number_in(progress.replies[-1].text, clause)
    if number is not None and voice.chance(0.4):
        return voice.say("value", v=number)
    return voice.say("react" if wishes.react else "ack")


def _eagerness(voice: Voice) -> float:
    manner = voice.manner
    if manner.courtesy == 2 or manner.warm:
        return 0.75
    return 0.15 if manner.length == 0 else 0.45


def _number_in(text: str, clause: Clause) -> str | None:
    """The number that answers a question for an amount, when there is just one."""
    if "how many" not in clause.text and not re.search(
        r"\b(total|average|number of|count)\b", plain(clause.text)
    ):
        return None
    numbers = {n for n in _NUMBER.findall(text) if n not in clause.values}
    return numbers.pop() if len(numbers) == 1 else None
