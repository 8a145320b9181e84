"""Where the endpoints of a run are now, when they are no longer where they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from eventsim.config import Endpoint, RunConfig
from eventsim.errors import UsageError

__all__ = ["moved_endpoints"]


def moved_endpoints(
    configs: Iterable[RunConfig], places: Sequence[str]
) -> dict[str, Endpoint]:
    """The endpoints that `places`, each `URL` or `NAME=URL`, put elsewhere.

    Raises: UsageError for an unknown name, or a URL that could mean several.
    """
    known: dict[str, Endpoint] = {}
    for config in configs:
        known.update(config.endpoints)
    moved: dict[str, Endpoint] = {}
    for place in places:
        name, separator, url = place.partition("=")
        if not separator or "/" in name:
            name, url = _only(known), place
        if name not in known:
            raise UsageError(
                f"--base-url: no endpoint is named {name!r}; "
                f"there are {', '.join(known) or 'none'}"
            )
        plain = {**known[name].model_dump(), "base_url": url}
        try:
            moved[name] = Endpoint.model_validate(plain)
        except ValidationError as error:
            said = error.errors(include_input=False)[0]["msg"]
            raise UsageError(f"--base-url: {said}") from None
    return moved


def _only(known: dict[str, Endpoint]) -> str:
    if len(known) != 1:
        raise UsageError(
            f"--base-url: say which endpoint, NAME=URL; "
            f"there are {', '.join(known) or 'none'}"
        )
    return next(iter(known))
