"""Templates of the roles: the installed texts, and rendering them.

A template is a Jinja text in this folder, `ROLE.j2`; a run records each by its digest
and goes on with the recorded text. Rendering is strict: a name that a template uses
and a role does not show is an error, never an empty string.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["ROLES", "installed", "render"]

ROLES = ("user", "assistant")


@cache
def installed() -> dict[str, str]:
    """The text of each role's template as this release ships it."""
    folder = resources.files("eventsim.prompts")
    return {role: (folder / f"{role}.j2").read_text("utf-8") for role in ROLES}


@cache
def _compiled(text: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # prompts are plain text
    )
    return environment.from_string(text)


def render(text: str, **names: Any) -> str:
    """The template `text` with `names` filled in."""
    return _compiled(text).render(**names).strip() + "\n"
