"""Where a run can go on from: one path, all of a run or an import, or a file.

What is not said is taken over: the pipeline, the tools, the tasks that are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eventsim.config import RunConfig
from eventsim.core.events import Ref, Start
from eventsim.errors import BadInput, NotFound, UsageError
from eventsim.exchange.formats.registry import format_named, format_of
from eventsim.log.store import Store
from eventsim.pipelines.registry import pipeline
from eventsim.run.continuing import check_start
from eventsim.run.importing.importing import Imported, Importing
from eventsim.run.importing.masking import MASKED, masker
from eventsim.run.importing.rows import open_rows
from eventsim.run.paths import open_path
from eventsim.run.places import locate
from eventsim.run.prepare import Seedbed
from eventsim.run.settings.recorded import over
from eventsim.run.settings.resolving import Settings
from eventsim.run.shelf import Shelf

__all__ = ["Given", "config_over", "going_on", "import_to_start", "starts_of"]

_MOST = 10_000


async def starts_of(store: Store, text: str) -> list[Start]:
    """The place that is meant by `T` or `T@n`, or all trajectories of a run or an
    import that is named by its label. Raises: NotFound, UsageError.
    """
    for info in store.labelled(text):
        if info.family == "run":
            return _all_of(store, text, info.stream)
    whole, at, _ = text.partition("@")
    if at and any(info.family == "run" for info in store.labelled(whole)):
        raise UsageError(
            f"{whole} is a run or an import; a position belongs to one trajectory of "
            f"it, as in {whole}-1{text.removeprefix(whole)}"
        )
    place = await locate(store, text)
    records = await store.path(place.info.stream)
    return [Start(parent=records[place.end].ref, position=place.end, label=text)]


def _all_of(store: Store, text: str, run: str) -> list[Start]:
    infos = [i for i in store.streams(family="dialogue", run=run) if i.planned]
    if not infos:
        raise NotFound(f"{text} has no trajectory to go on from")
    if len(infos) > _MOST:
        raise UsageError(
            f"{text} has {len(infos):,} trajectories, and a run goes on from at most "
            f"{_MOST:,}; name single ones"
        )
    ordered = sorted(infos, key=lambda info: info.index or 0)
    return [
        Start(
            parent=Ref(stream=i.stream, version=i.version, hash=i.hash),
            position=i.position,
            label=i.label,
        )
        for i in ordered
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """A file to go on from, and what is known of it: its format (told by its first row
    if it is empty), licence and benchmark; `masks` personal data.
    """

    path: Path
    form: str = ""
    licence: str = ""
    benchmark: str = ""
    masks: bool = False


async def import_to_start(store: Store, given: Given) -> Imported:
    """Import a file in order to go on from its rows. Raises: BadInput, UsageError."""
    path, name = given.path, given.form or None
    if name is None and not path.is_file():
        raise UsageError(f"{path} is no file that can be read twice; say its --format")
    guess = format_named("messages" if name is None else name)
    file = await open_rows(path, guess)
    if name is None:
        async for row in file.rows():
            guess = format_of(row.value)
            break
        file = await open_rows(path, guess)
    done = await Importing(
        store,
        file,
        guess,
        licence=given.licence,
        benchmark=given.benchmark,
        mask=masker() if given.masks else None,
        masked=MASKED if given.masks else (),
    ).go()
    if not (done.imported or done.existing):
        why = (
            f"row {done.rejected[0][0]}: {done.rejected[0][1]}" if done.rejected else ""
        )
        raise BadInput(f"nothing of {path} could be imported. {why}".strip())
    return done


async def going_on(
    store: Store, starts: Sequence[Start], settings: Settings, *, has_source: bool
) -> tuple[RunConfig, bool]:
    """The configuration of a run that goes on, and whether it adds tasks: what was not
    said is that of the first path, but for its limits; `has_source` if there is
    something else to generate from. Raises: UsageError.
    """
    shelf = Shelf(store)
    opened = await open_path(
        store, shelf, starts[0].parent.stream, position=starts[0].position
    )
    plan = await shelf.plan(opened.footing.run)
    said = {each.path for each in settings.every if each.origin is not None}
    if plan.imported is None:
        seed = settings.run_config.seed
        settings = over(settings.layer, plan.config, seed=seed, limits=False)
    config = settings.run_config
    update: dict[str, object] = {}
    each = config.count if ("count",) in said else 1
    update["count"] = each * len(starts)
    if ("pipeline",) not in said and ("preset",) not in said:
        parents = opened.footing.pipeline
        update["pipeline"] = _pipeline(parents, settings, has_source=has_source)
    if ("tasks",) not in said and not has_source:
        update["tasks"] = 1
    config = config.model_copy(update=update)
    more = ("tasks",) in said or has_source
    check_start(opened, config, adds=more, has_source=has_source)
    imported = opened.records[0].kind == "trajectory.imported"
    none_left = len(opened.materials.tasks) <= len(opened.state.verdicts)
    return config, more or (none_left and not imported)


def _pipeline(parents: str, settings: Settings, *, has_source: bool) -> str:
    """That of the parent, unless a source asks for another one."""
    source = settings.source
    if source.db is not None or source.domain is not None:
        return settings.run_config.pipeline
    if has_source and pipeline(parents).executes:
        return _CHAT
    return parents


def config_over(config: RunConfig, beds: Sequence[Seedbed]) -> RunConfig:
    """With another pipeline where there are external environments and no database."""
    alone = beds and beds[0].environments and beds[0].image is None
    if alone and pipeline(config.pipeline).executes:
        return config.model_copy(update={"pipeline": _CHAT})
    return config


_CHAT = "user-oriented"
