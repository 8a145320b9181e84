"""What a behaviour rule is, and the small view it may look at.

A rule shapes one message of the user through one sentence of the prompt, and through
nothing else: whoever plays the user, a model or a rule, reads the same words. Rules
never see the dialogue's text; that keeps a draw cheap and its reasons plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rule", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """Where in the dialogue the next user message stands.

    `task` counts from 1, `message` from 0 within the task. `question_open` says that
    the assistant's last message ends with a question.
    """

    task: int
    message: int
    objectives: int
    persona: str
    question_open: bool = False

    @property
    def opens(self) -> bool:
        """Whether the message is the first of its task."""
        return self.message == 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to shape a message.

    `weight` is the chance in [0, 1] that the rule is drawn where it applies. Of the
    rules that share a `group` at most one is drawn; a rule without a group is drawn
    by itself.
    """

    name: str
    weight: float
    instruction: str
    applies: Callable[[View], bool]
    group: str = ""
