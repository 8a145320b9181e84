"""Templates of roles and stages: the installed texts, and rendering them.

A template is a Jinja text in this folder, `NAME.j2`; a run records each by its digest
and goes on with the recorded text. Rendering is strict: a name that a template uses
and a role does not show is an error, never an empty string.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from eventsim.errors import UsageError

__all__ = ["installed", "names_in", "render"]

_ERRORS = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError)


@cache
def installed() -> dict[str, str]:
    """Every template as this release ships it, by name."""
    folder = resources.files("eventsim.prompts")
    files = [file for file in folder.iterdir() if file.name.endswith(".j2")]
    return {
        file.name.removesuffix(".j2"): file.read_text("utf-8")
        for file in sorted(files, key=lambda file: file.name)
    }


def names_in(text: str) -> set[str]:
    """The names that a template wants filled in. Raises: TemplateSyntaxError."""
    return set(find_undeclared_variables(_environment().parse(text)))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # prompts are plain text
    )


@cache
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


def render(text: str, **names: Any) -> str:
    """The template `text` with `names` filled in. Raises: UsageError."""
    try:
        return _compiled(text).render(**names).strip() + "\n"
    except _ERRORS as error:
        begins = text.strip().partition("\n")[0][:60]
        said = " ".join(str(error).split())
        raise UsageError(
            f"the prompt that begins with {begins!r} cannot be filled in: {said}"
        ) from None
