"""Policies: numbered rules, drawn anew for each trajectory."""

from __future__ import annotations

import re

import pytest

from eventsim.core.draws import Draws
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.environments.sql.policy import Policy, write_policy
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.toolgen import generate_tools


def _policies(name: str, count: int = 120) -> list[Policy]:
    image = domain_image(name)
    schema = read_schema(image)
    generated = generate_tools(image, schema)
    title = DOMAINS[name].title
    return [
        write_policy(schema, generated, Draws(5, f"p{n}"), title) for n in range(count)
    ]


@pytest.mark.parametrize("name", DOMAINS)
def test_rules_are_numbered_sentences(name: str) -> None:
    """Each line is a numbered rule in plain English, ending in a full stop."""
    for policy in _policies(name):
        lines = policy.text.split("\n")
        assert 2 <= len(lines) <= 5
        for number, line in enumerate(lines, 1):
            assert re.match(rf"{number}\. [A-Z].*\.$", line)
            assert "_" not in line


@pytest.mark.parametrize("name", DOMAINS)
def test_fields_say_what_the_text_says(name: str) -> None:
    """Code, confirmation and refusals stand in the text exactly if in the fields."""
    for policy in _policies(name):
        assert ("desk code" in policy.text) == (policy.desk_code is not None)
        assert policy.desk_code is None or policy.desk_code in policy.text
        assert ("ask for a yes" in policy.text) == policy.confirm_writes
        assert policy.text.count("refuse and say so") == len(policy.forbidden)


def test_rules_vary_between_trajectories() -> None:
    """About two in five ask for a code, half for a yes, half forbid something."""
    policies = _policies("outdoor", 300)
    assert 0.3 < sum(p.desk_code is not None for p in policies) / 300 < 0.5
    assert 0.4 < sum(p.confirm_writes for p in policies) / 300 < 0.6
    assert 0.35 < sum(bool(p.forbidden) for p in policies) / 300 < 0.75
    assert len({p.text for p in policies}) > 150


def test_the_same_draws_give_the_same_policy() -> None:
    """Nothing but the draws decides."""
    assert _policies("clinic", 20) == _policies("clinic", 20)


def test_what_is_forbidden() -> None:
    """A rule covers its action, its table and, for updates, its column."""
    policies = [p for p in _policies("outdoor", 300) if p.forbidden]
    updates = [r for p in policies for r in p.forbidden if r.action == "update"]
    deletes = [r for p in policies for r in p.forbidden if r.action == "delete"]
    assert updates
    assert deletes
    rule = updates[0]
    policy = Policy("", forbidden=(rule,))
    assert policy.forbids("update", rule.table, rule.column)
    assert not policy.forbids("update", rule.table, "something else")
    assert not policy.forbids("delete", rule.table)
