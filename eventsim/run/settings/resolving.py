"""All sources into one frozen `Settings`: what the commands work with.

Preset, file, environment, flags: the later wins. Everything that can be said without
the store, a database or a network is checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from eventsim.config import EMBEDDED, RunConfig
from eventsim.core.events import EnvironmentSpec
from eventsim.core.values import freeze
from eventsim.run.settings.checking import check_names, read_prompts
from eventsim.run.settings.environments import environments_of
from eventsim.run.settings.layers import Layer, Origin, Path, layer_of, merge
from eventsim.run.settings.presets import preset_layer
from eventsim.run.settings.problems import checked, refuse_secrets, refused
from eventsim.run.settings.shape import SourceChoice
from eventsim.run.settings.sources import PREFIX, from_environment, from_file
from eventsim.run.settings.wiring import run_config_of

__all__ = [
    "FILE",
    "Said",
    "Setting",
    "Settings",
    "read_settings",
    "resettled",
    "unpriced",
]

FILE = FilePath("eventsim.yaml")
"""The file that is read where none is named, if it is there."""

Said = tuple[Path, Any, Origin]
"""One value of a flag, and which."""


_WHAT = frozenset(("source", "environments", "count", "preset", "pipeline"))
"""The settings that say what to generate."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One resolved value; `origin` is None for a default."""

    path: Path
    value: Any
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved configuration. `run_config` is recorded whole, the rest is not;
    `prompts` are texts by name, `prepared` labels of runs by purpose. `seed_drawn`:
    no source gave a seed. `layer` is all that was said.
    """

    run_config: RunConfig
    source: SourceChoice
    environments: tuple[EnvironmentSpec, ...]
    store: FilePath
    concurrency: int
    budget_usd: float | None
    budget_tokens: int | None
    prompts: Mapping[str, str]
    prepared: Mapping[str, str]
    tags: tuple[str, ...]
    seed_drawn: bool
    every: tuple[Setting, ...]
    layer: Layer

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was said about what to generate, nor how many."""
        return (
            not any(each.origin and (each.path[0] in _WHAT) for each in self.every)
            and not self.run_config.endpoints
        )

    def origin(self, *path: str) -> Origin | None:
        """Where a setting was said, None for a default."""
        return next((each.origin for each in self.every if each.path == path), None)


def read_settings(
    file: FilePath | None,
    environment: Mapping[str, str],
    flags: Sequence[Said],
    *,
    draw_seed: Callable[[], int],
    default_file: FilePath | None = FILE,
) -> Settings:
    """What all sources come to; `file` of None is the default one, if it is there.

    Raises: UsageError, one line that says what is wrong and where.
    """
    if file is None and default_file is not None and default_file.exists():
        file = default_file
    layers = [from_file(file)] if file is not None else []
    layers += [_of_environment(environment, layers, flags), layer_of(flags)]
    for each in layers:
        refuse_secrets(each)
    layer = merge(layers)
    preset = layer.values.get("preset")
    if isinstance(preset, str) and preset:
        origin = layer.origin(("preset",))
        place = origin.place if origin is not None else "preset"
        layer = merge([preset_layer(preset, place), *layers])
    return _settled(layer, draw_seed)


def resettled(under: Layer, said: Layer, seed: int) -> Settings:
    """What was said, over what stands `under` it. Raises: UsageError."""
    refuse_secrets(said)
    return replace(_settled(merge([under, said]), lambda: seed), layer=said)


def _settled(layer: Layer, draw_seed: Callable[[], int]) -> Settings:
    document = checked(layer)
    check_names(document, layer)
    drawn = document.seed is None
    config = run_config_of(
        document, layer, draw_seed() if document.seed is None else document.seed
    )
    if document.budget.usd is not None and (models := unpriced(config)):
        why = (
            f"no price is known of {' and of '.join(models)}; give prices, as in "
            "--set 'endpoints.default.prices={NAME: {input_usd: 1, output_usd: 4}}', "
            "or a budget in tokens"
        )
        raise refused(layer, ("budget", "usd"), why)
    prepared = document.prepared.model_dump(exclude_none=True)
    return Settings(
        run_config=config,
        source=document.source,
        environments=environments_of(document, layer),
        store=FilePath(document.store),
        concurrency=document.concurrency,
        budget_usd=document.budget.usd,
        budget_tokens=document.budget.tokens,
        prompts=freeze(read_prompts(document, layer)),
        prepared=freeze(prepared),
        tags=tuple(document.tags),
        seed_drawn=drawn,
        every=tuple(_every(document, layer)),
        layer=layer,
    )


def _of_environment(
    environment: Mapping[str, str], layers: Sequence[Layer], flags: Sequence[Said]
) -> Layer:
    """The variables that say settings; those that `key_env` names hold keys."""
    naming = {name: environment[name] for name in environment if name.endswith(_NAMING)}
    said = [*layers, layer_of(flags), from_environment(naming)]
    keys = {variable for layer in said for variable in _key_variables(layer.values)}
    return from_environment(
        {name: value for name, value in environment.items() if name not in keys}
    )


_NAMING = "KEY_ENV"


def _key_variables(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == "key_env" and isinstance(item, str) and item.startswith(PREFIX):
                yield item
            yield from _key_variables(item)


def unpriced(config: RunConfig) -> list[str]:
    """The models that a run calls over a network and whose price nobody knows."""
    from eventsim.core.events import Usage
    from eventsim.pipelines.registry import roles_of
    from eventsim.providers.openai_compatible.prices import cost_usd

    some = Usage(input_tokens=1_000, output_tokens=1_000)
    choices = [config.roles.of(role) for role in roles_of(config)]
    found = {
        choice.model: None
        for choice in choices
        if choice.endpoint != EMBEDDED
        and cost_usd(choice.model, config.endpoints[choice.endpoint], some) is None
    }
    return list(found)


def _every(document: BaseModel, layer: Layer, path: Path = ()) -> Iterator[Setting]:
    for name in type(document).model_fields:
        value, here = getattr(document, name), (*path, name)
        yield from _settings(value, layer, here)


def _settings(value: Any, layer: Layer, path: Path) -> Iterator[Setting]:
    if isinstance(value, BaseModel):
        yield from _every(value, layer, path)
    elif isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _settings(item, layer, (*path, name))
    else:
        yield Setting(path, value, layer.origins.get(path))
