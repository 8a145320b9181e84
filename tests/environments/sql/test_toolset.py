"""A trajectory is offered what it needs, what is near, and some that is neither."""

from __future__ import annotations

import pytest

from eventsim.core.draws import Draws
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools
from eventsim.environments.sql.toolset import choose_toolset


@pytest.fixture(scope="module")
def generated(shop: Image) -> GeneratedTools:
    """The tools of the shop."""
    return generate_tools(shop)


def _names(
    generated: GeneratedTools, needed: list[str], seed: int, **size: int
) -> list[str]:
    draws = Draws(seed, "toolset")
    return [tool.name for tool in choose_toolset(generated, needed, draws, **size)]


def test_needed_tools_are_there_and_the_number_holds(generated: GeneratedTools) -> None:
    """Between 8 and 25 tools, in the order in which they were made."""
    needed = ["update_customer", "count_invoices_by_customer"]
    sizes = set()
    order = [tool.name for tool in generated.tools]
    for seed in range(60):
        names = _names(generated, needed, seed)
        assert set(needed) <= set(names)
        assert names == sorted(set(names), key=order.index)
        sizes.add(len(names))
    assert min(sizes) >= 8
    assert max(sizes) <= 25
    assert len(sizes) > 10


def test_the_choice_follows_from_the_draws(generated: GeneratedTools) -> None:
    """The same draws give the same tools; others vary."""
    one = _names(generated, ["update_customer"], 3)
    assert one == _names(generated, ["update_customer"], 3)
    assert any(one != _names(generated, ["update_customer"], seed) for seed in (4, 5))


def test_what_finds_keys_is_offered(generated: GeneratedTools) -> None:
    """A tool that takes the key of a customer comes with one that finds customers."""
    for seed in range(40):
        names = _names(generated, ["list_invoices_by_customer"], seed)
        assert "search_customers" in names


def test_there_are_distractors(generated: GeneratedTools) -> None:
    """Some tools have nothing to do with the tables of the task."""
    for seed in range(20):
        names = _names(generated, ["update_customer"], seed)
        purposes = [generated.purposes[name] for name in names]
        assert any("Customer" not in (p.table, p.parent) for p in purposes)


def test_a_small_database_gives_what_it_has(generated: GeneratedTools) -> None:
    """Neither are tools invented, nor needed ones dropped."""
    every = [tool.name for tool in generated.tools]
    assert _names(generated, every, 1) == every
    assert _names(generated, [], 1, low=500, high=500) == every
