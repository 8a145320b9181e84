"""What a behaviour rule is, and the small view it may look at.

A rule shapes one message of the user through one sentence of the prompt, and through
nothing else: whoever plays the user, a model or a rule, reads the same words. Rules
never see the dialogue's text; that keeps a draw cheap and its reasons plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rule", "View", "always", "between", "not_first"]


@dataclass(frozen=True, slots=True)
class View:
    """Where in the dialogue the next user message stands.

    `task` counts from 1, `message` from 0 within the task. `question_open` says that
    the assistant's last message ends with a question. `previous` names the rules that
    shaped the user's last message in this task. `declines` says that the assistant
    has to decline something in this task: then nothing else may give it cause to.
    """

    task: int
    message: int
    objectives: int
    persona: str
    question_open: bool = False
    previous: tuple[str, ...] = ()
    declines: bool = False

    @property
    def opens(self) -> bool:
        """Whether the message is the first of its task."""
        return self.message == 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to shape a message.

    `weight` is the chance in [0, 1] that the rule is drawn where it applies, before
    the persona's traits. Of the rules that share a `group` at most one is drawn; a
    rule without a group is drawn by itself.
    """

    name: str
    weight: float
    instruction: str
    applies: Callable[[View], bool]
    group: str = ""


def always(_: View) -> bool:
    """Every message."""
    return True


def not_first(view: View) -> bool:
    """Messages that something came before in their task."""
    return not view.opens


def between(view: View) -> bool:
    """Messages within a task that answer no question."""
    return not view.opens and not view.question_open
