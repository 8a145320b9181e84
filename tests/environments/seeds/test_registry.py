"""The seed domains that ship: each is complete, and of the style it is to teach."""

from __future__ import annotations

from importlib import resources

import pytest

from eventsim.core.tools import ToolDefinition
from eventsim.environments.domains.registry import DOMAINS
from eventsim.environments.seeds.registry import SEED_DOMAINS, seed_domain
from eventsim.errors import UsageError
from eventsim.pipelines.stages.specification import read_specification


def test_at_least_six_domains_ship() -> None:
    """Their names are sorted, and none is that of a database."""
    assert len(SEED_DOMAINS) >= 6
    assert list(SEED_DOMAINS) == sorted(SEED_DOMAINS)
    assert not set(SEED_DOMAINS) & set(DOMAINS)


def test_every_file_in_the_package_is_registered() -> None:
    """No domain lies there unseen."""
    folder = resources.files("eventsim.environments.seeds") / "domains"
    files = {file.name for file in folder.iterdir()}
    assert files == {f"{name}.json" for name in SEED_DOMAINS}


@pytest.mark.parametrize("name", SEED_DOMAINS)
def test_a_domain_has_a_title_a_description_and_good_tools(name: str) -> None:
    """Each seed passes the rules that generated tools have to pass, as it stands."""
    seeds = seed_domain(name)
    assert seeds.name == name
    assert seeds.title
    assert seeds.about.endswith(".")
    assert 4 <= len(seeds.tools) <= 8
    for tool in seeds.tools:
        read = read_specification(tool)
        assert isinstance(read, ToolDefinition)
        assert read.as_function() == tool


def test_an_unknown_name_is_answered_with_the_names() -> None:
    """A usage error that lists what there is."""
    with pytest.raises(UsageError, match="airline, banking"):
        seed_domain("nowhere")
