"""External environments as they are written: what is understood, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.errors import UsageError
from tests.run.settings.conftest import Read

URL = "https://shop.example/mcp"


def said(target: str, **more: Any) -> dict[str, Any]:
    """Flags that say one environment."""
    values = {"target": target, **more}
    return {f"environments.shop.{name}": value for name, value in values.items()}


def test_of_a_url_must_be_said_whether_it_keeps_its_state(read: Read) -> None:
    """Calls that are repeated on a living service have real effects. What is started
    anew each time keeps nothing, unless that is said.
    """
    with pytest.raises(UsageError, match="whether this service keeps its state") as no:
        read(flags=said(URL))
    assert "--set environments.shop.keeps_state=true" in str(no.value)
    assert "\n" not in str(no.value)
    for kept in (True, False):
        (spec,) = read(flags=said(URL, keeps_state=kept)).environments
        assert spec.keeps_state is kept
    for target in ("my_package.shop:Shop", "python -m my_server"):
        (spec,) = read(flags=said(target)).environments
        assert spec.keeps_state is False


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (f"{URL}#part", "no user, password, query or fragment"),
        (f"{URL}?key=1", "no user, password, query or fragment"),
        ("ftp://shop.example", "a URL https://host/mcp"),
        ("my_package.shop.Shop", "a class is written package.module:Class"),
    ],
)
def test_a_target_that_is_none_is_refused(read: Read, target: str, why: str) -> None:
    """With how classes, commands and URLs are written."""
    with pytest.raises(UsageError, match=why):
        read(flags=said(target, keeps_state=False))


def test_a_command_with_a_dot_is_a_command(read: Read) -> None:
    """Only what looks like a class is taken for one."""
    (spec,) = read(flags=said("server.py")).environments
    assert spec.kind == "mcp"


@pytest.mark.parametrize("prefix", ["shop.", "läden_", "a" * 33])
def test_a_prefix_must_fit_into_names(read: Read, prefix: str) -> None:
    """Endpoints take names of few characters."""
    with pytest.raises(UsageError, match="letters, digits, _ and -"):
        read(flags=said("my_server", prefix=prefix))


def test_variables_are_passed_to_classes_and_commands(read: Read) -> None:
    """The process of a URL is not ours."""
    for target in ("my_package.shop:Shop", "my_server"):
        (spec,) = read(flags=said(target, pass_env=["SHOP_DATA"])).environments
        assert spec.pass_env == ("SHOP_DATA",)
    with pytest.raises(UsageError, match="belongs to a class or a command"):
        read(flags=said(URL, pass_env=["SHOP_DATA"], keeps_state=True))
