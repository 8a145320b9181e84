"""Names and weights that only the rest of the program knows: refused in one line, with
a close match, before anything is recorded.

What needs the store, a database or a key is looked at where these are opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from eventsim.behaviour.languages import LANGUAGES
from eventsim.behaviour.personas import PERSONAS
from eventsim.behaviour.registry import RULES
from eventsim.pipelines.registry import PIPELINES
from eventsim.pipelines.stages.registry import STAGES
from eventsim.plugins import is_outside
from eventsim.prompts.render import installed, names_in
from eventsim.run.settings.layers import Layer, Path
from eventsim.run.settings.problems import close_to, refused
from eventsim.run.settings.secrets import looks_secret
from eventsim.run.settings.shape import Document, RolesSettings

__all__ = ["check_names", "read_prompts"]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MOST_PROMPT_BYTES = 200_000


def check_names(document: Document, layer: Layer) -> None:
    """Raises: UsageError for a name that nothing has, and for what cannot be drawn."""
    if document.pipeline not in PIPELINES:
        why = f"{close_to(document.pipeline, tuple(PIPELINES))}the pipelines are "
        raise refused(
            layer,
            ("pipeline",),
            f"there is no pipeline {document.pipeline!r}; {why}{', '.join(PIPELINES)}",
        )
    _names(layer, "personas", document.personas, PERSONAS)
    _names(layer, "languages", document.languages, LANGUAGES)
    ours = [name for name in document.behaviours if not is_outside(name)]
    _names(layer, "behaviours", dict.fromkeys(ours), RULES)
    _names(layer, "stages", document.stages, STAGES)
    _names(layer, "prompts", document.prompts, installed())
    for name in ("personas", "languages"):
        weights = getattr(document, name)
        if weights and not any(weights.values()):
            raise refused(
                layer, (name,), "every weight is 0, so that none can be drawn"
            )
    _variables(document, layer)
    _combination(document, layer)


def _names(
    layer: Layer, setting: str, given: Mapping[str, Any], known: Iterable[str]
) -> None:
    names = tuple(known)
    for name in given:
        if name not in names:
            hint = close_to(name, names).strip() or f"there are {', '.join(names)}"
            raise refused(layer, (setting, name), f"nothing has that name; {hint}")


def _variables(document: Document, layer: Layer) -> None:
    named: dict[Path, str | None] = {("key_env",): document.key_env}
    for name, endpoint in document.endpoints.items():
        named["endpoints", name, "key_env"] = endpoint.key_env
    for name in RolesSettings.model_fields:
        named["roles", name, "key_env"] = getattr(document.roles, name).key_env
    for name, environment in document.environments.items():
        named["environments", name, "key_env"] = environment.key_env
        for passed in environment.pass_env:
            named["environments", name, "pass_env", passed] = passed
    for path, variable in named.items():
        if variable and (looks_secret(variable) or not _VARIABLE.fullmatch(variable)):
            raise refused(
                layer,
                path,
                "must be the name of an environment variable, such as "
                "OPENAI_API_KEY; a key itself is never written here",
            )


def _combination(document: Document, layer: Layer) -> None:
    executes = PIPELINES[document.pipeline].executes
    if executes and (document.tools_by, document.tasks_by) == ("models", "rules"):
        why = "models make tools that tasks by rules do not know; set tasks_by: models"
        raise refused(layer, ("tools_by",), why)
    source = document.source
    if executes and (source.seeds or source.description):
        name = "seeds" if source.seeds else "description"
        raise refused(
            layer,
            ("source", name),
            f"the pipeline {document.pipeline} executes tools on a database; give db "
            "or domain, or choose another pipeline, as in --pipeline user-oriented",
        )
    if not executes and source.db:
        raise refused(
            layer,
            ("source", "db"),
            f"in the pipeline {document.pipeline} a model plays the tools; give seeds, "
            "domain or description, or choose another pipeline",
        )


def read_prompts(document: Document, layer: Layer) -> dict[str, str]:
    """The texts that replace prompts, by name. Raises: UsageError."""
    return {
        name: _prompt(FilePath(file), layer, name, own_stage=name in document.stages)
        for name, file in document.prompts.items()
    }


def _prompt(file: FilePath, layer: Layer, name: str, *, own_stage: bool) -> str:
    from jinja2 import TemplateSyntaxError

    path = ("prompts", name)
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        why = said.lower() if said else "it is not UTF-8, or no name of a file"
        raise refused(layer, path, f"{file} cannot be read: {why}") from None
    if not text.strip() or len(data) > _MOST_PROMPT_BYTES:
        what = "is empty" if not text.strip() else "is too large for a prompt"
        raise refused(layer, path, f"{file} {what}; give a Jinja template")
    try:
        used = names_in(text)
    except TemplateSyntaxError as error:
        said = " ".join((error.message or "").split())
        why = f"{file}, line {error.lineno}: this is no Jinja template: {said}"
        raise refused(layer, path, why) from None
    known = names_in(installed()[name])
    unknown = sorted(used - known)
    if unknown and not own_stage:
        why = f"{file} uses {unknown[0]!r}; there are {', '.join(sorted(known))}"
        raise refused(layer, path, why)
    return text
