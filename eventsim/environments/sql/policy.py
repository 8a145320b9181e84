"""The assistant's policy for one trajectory, and what it forbids in terms of tables.

The assistant gets the text alone. The task writer reads the fields, so that tasks test
the rules: a code that has to be asked for, a yes before each change, changes that must
be refused although a tool could make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from eventsim.core.draws import Draws
from eventsim.environments.sql.tables import Column, Schema, Table
from eventsim.environments.sql.toolgen import GeneratedTools

__all__ = ["Forbidden", "Policy", "write_policy"]

_CODE_SHARE = 0.4
_CONFIRM_SHARE = 0.5
_FORBIDDEN_SHARES = (0.45, 0.4, 0.15)  # none, one, two


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A change that must be refused; `column` for updates of one attribute."""

    action: Literal["insert", "update", "delete"]
    table: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbered rules in plain English, and what they mean.

    `title` is whom the assistant works for, as in "the Fernhill outdoor shop".
    """

    text: str
    desk_code: str | None = None
    confirm_writes: bool = False
    forbidden: tuple[Forbidden, ...] = ()
    title: str = ""

    def forbids(self, action: str, table: str, column: str | None = None) -> bool:
        """Whether a change of that kind must be refused."""
        return any(
            (rule.action, rule.table) == (action, table)
            and rule.column in (None, column)
            for rule in self.forbidden
        )


def write_policy(
    schema: Schema, generated: GeneratedTools, draws: Draws, title: str
) -> Policy:
    """The policy of one trajectory, drawn from what its tools could do."""
    rng = draws.generator("policy")
    code = f"{rng.randint(1000, 9999)}" if rng.random() < _CODE_SHARE else None
    confirm = rng.random() < _CONFIRM_SHARE
    forbidden = _forbidden(schema, generated, rng)
    rules: list[str] = []
    if code is not None:
        rules.append(_code_rule(rng, code))
    if confirm:
        rules.append(rng.choice(_CONFIRM))
    rules += [_refusal_rule(rng, schema, rule) for rule in forbidden]
    rules += rng.sample(_MANNERS, 2 if len(rules) < 2 else 1)
    text = "\n".join(f"{number}. {rule}" for number, rule in enumerate(rules, 1))
    return Policy(text, code, confirm, forbidden, title)


_CODE = (
    "Before the first change in a conversation, ask for the desk code. The valid desk "
    "code is {code}. If the person gives a different code or has none, make no change "
    "and say that it is not possible without the right code.",
    "Ask for the desk code before the first change in a conversation. The valid desk "
    "code is {code}. With a different code or without one, make no change and say that "
    "it is not possible without the right code.",
)
_CONFIRM = (
    "Before any change, say what will be changed and ask for a yes; make the change "
    "only after the person confirms.",
    "Before any change, tell the person what will be changed and ask for a yes. Make "
    "the change only after the person confirms.",
)
_MANNERS = (
    "Do what the person asks for and nothing beyond it.",
    "Make no guesses: where the tools do not tell, say so.",
    "Keep answers to what was asked; leave out details that nobody asked for.",
    "If a change fails, say so and leave everything else as it is.",
)
_DELETE = (
    "Do not delete {many}: refuse and say so.",
    "Do not delete {many}. If the person asks for it, refuse and say so.",
)
_UPDATE = (
    "Do not change the {words} of {many}: refuse and say so.",
    "Do not change the {words} of {many}. If the person asks for it, refuse and say "
    "so.",
)
_INSERT = ("Do not add {many}: refuse and say so.",)


def _code_rule(rng: Random, code: str) -> str:
    return rng.choice(_CODE).format(code=code)


def _refusal_rule(rng: Random, schema: Schema, rule: Forbidden) -> str:
    table = schema.by_name[rule.table]
    forms = {"delete": _DELETE, "update": _UPDATE, "insert": _INSERT}[rule.action]
    words = table.by_name[rule.column].words if rule.column else ""
    return rng.choice(forms).format(many=table.plural, words=words)


def _forbidden(
    schema: Schema, generated: GeneratedTools, rng: Random
) -> tuple[Forbidden, ...]:
    """None, one or two changes that tools could make; most stay allowed."""
    candidates = _candidates(schema, generated)
    wanted = rng.choices((0, 1, 2), _FORBIDDEN_SHARES)[0]
    limit = min(wanted, max(0, len(candidates) - 2))
    chosen: list[Forbidden] = []
    for rule in rng.sample(candidates, len(candidates)):
        if len(chosen) < limit and all(rule.table != other.table for other in chosen):
            chosen.append(rule)
    return tuple(chosen)


def _candidates(schema: Schema, generated: GeneratedTools) -> list[Forbidden]:
    """Deletions, and updates of attributes that a rule would plausibly protect."""
    found = []
    for purpose in generated.purposes.values():
        table = schema.by_name.get(purpose.table)
        if table is None or table.link:
            continue
        if purpose.family == "delete":
            found.append(Forbidden("delete", table.name))
        if purpose.family == "update":
            found += [
                Forbidden("update", table.name, target.column)
                for target in purpose.parameters.values()
                if target.role == "value" and _protects(table, target.column)
            ]
    return found


def _protects(table: Table, name: str) -> bool:
    column: Column | None = table.by_name.get(name)
    if column is None or table.foreign_key_of(name) or name in table.label:
        return False
    worth = column.measure or column.category or column.kind == "date"
    return worth and all(word.isalpha() for word in column.words.split())
