"""From friendly settings to the configuration of a run: endpoints, and who uses which.

A role has its own model, endpoint and parameters where it says so, else those of all.
A key never goes to a host that it was not named for: where endpoints are on several
hosts, each says the variable of its own key.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from eventsim.config import (
    BY_PYTHON,
    EMBEDDED,
    Endpoint,
    ModelChoice,
    Role,
    Roles,
    RunConfig,
)
from eventsim.core.values import freeze
from eventsim.errors import UsageError
from eventsim.providers.openai_compatible.loopback import is_loopback
from eventsim.run.settings.layers import Layer, Path
from eventsim.run.settings.problems import close_to, refused
from eventsim.run.settings.shape import (
    Document,
    EndpointSettings,
    RoleSettings,
)

__all__ = ["DEFAULT", "OURS", "run_config_of"]

DEFAULT = "default"
"""The endpoint that `base_url` says."""

OURS = frozenset(
    "model messages tools tool_choice response_format stream seed n temperature top_p "
    "max_tokens max_completion_tokens reasoning_effort".split()
)
"""What a request gets from elsewhere, and `extra_body` must not hold."""

_ROLES: tuple[Role, ...] = (
    "user",
    "assistant",
    "tool",
    "judge",
    "tool_designer",
    "task_writer",
)


def run_config_of(document: Document, layer: Layer, seed: int) -> RunConfig:
    """The configuration of a run; `layer` says where each setting was said.

    Raises: UsageError.
    """
    wiring = _Wiring(document, layer)
    choices = {role: wiring.choice(role) for role in _ROLES}
    used = {choice.endpoint for choice in choices.values()} - {EMBEDDED}
    return RunConfig(
        seed=seed,
        count=document.count,
        tasks=document.tasks,
        pipeline=document.pipeline,
        limits=document.limits,
        flaws=document.flaws,
        faults=document.faults,
        endpoints=wiring.endpoints(used),
        roles=Roles(**choices),
        tools_by=document.tools_by,
        tasks_by=document.tasks_by,
        stages=freeze(document.stages),
        more_tools=document.more_tools,
        questions=document.questions,
        toolsets=document.toolsets,
        difficulty=document.difficulty,
        behaviours=freeze(document.behaviours),
        personas=freeze(document.personas),
        languages=freeze(document.languages),
        user_sees_tool_results=document.user_sees_tool_results,
        keep=tuple(document.keep),
    )


class _Wiring:
    def __init__(self, document: Document, layer: Layer) -> None:
        self._document = document
        self._layer = layer
        self._places: dict[str, Path] = {}
        self._known = self._declared()
        for role in _ROLES:
            self._add_own(role)

    # --- endpoints ------------------------------------------------------------------

    def _declared(self) -> dict[str, EndpointSettings]:
        document = self._document
        known = dict(document.endpoints)
        for name in known:
            if name == EMBEDDED:
                why = "is the name of the endpoint that needs none; choose another"
                raise refused(self._layer, ("endpoints", name), why)
            self._places[name] = ("endpoints", name, "base_url")
        if document.base_url is not None:
            given = known.get(DEFAULT, EndpointSettings())
            said: dict[str, Any] = {"base_url": document.base_url}
            if self._layer.origin(("key_env",)) is not None:
                said["key_env"] = document.key_env
            known[DEFAULT] = given.model_copy(update=said)
            self._places[DEFAULT] = ("base_url",)
        return known

    def _add_own(self, role: Role) -> None:
        """An endpoint for a role that says its own URL, by the role's name."""
        chosen = self._role(role)
        if chosen.base_url is None:
            if chosen.key_env is not None:
                path: Path = ("roles", role, "key_env")
                why = f"belongs to an own endpoint; give roles.{role}.base_url too"
                raise refused(self._layer, path, why)
            return
        given = self._known.get(role, EndpointSettings())
        path = ("roles", role, "base_url")
        if given.base_url not in (None, chosen.base_url):
            why = f"differs from that of endpoints.{role}; keep one"
            raise refused(self._layer, path, why)
        said: dict[str, Any] = {"base_url": chosen.base_url}
        if chosen.key_env is not None:
            said["key_env"] = chosen.key_env
        self._known[role] = given.model_copy(update=said)
        self._places[role] = path

    def endpoints(self, used: set[str]) -> dict[str, Endpoint]:
        """Those that are used, complete. Raises: UsageError."""
        hosts: dict[str, str] = {}
        found = {}
        for name in sorted(used, key=lambda each: (each != DEFAULT, each)):
            settings, path = self._known[name], self._places[name]
            if settings.base_url is None:
                raise refused(self._layer, path, "is missing; say where it is")
            endpoint = self._endpoint(settings, path)
            inherits = settings.key_env is None or name == DEFAULT
            if inherits and not is_loopback(endpoint.base_url) and endpoint.key_env:
                hosts.setdefault(urlsplit(endpoint.base_url).netloc, name)
                if len(hosts) > 1:
                    first = next(iter(hosts.values()))
                    why = (
                        f"is on another host than the endpoint {first}; name the "
                        f"variable of its key in {self._key_setting(name)} ('' if it "
                        "takes none)"
                    )
                    raise refused(self._layer, path, why)
            found[name] = endpoint
        return found

    def _key_setting(self, name: str) -> str:
        first = self._places[name][0]
        return (
            f"roles.{name}.key_env" if first == "roles" else f"endpoints.{name}.key_env"
        )

    def _endpoint(self, settings: EndpointSettings, path: Path) -> Endpoint:
        url = settings.base_url or ""
        if url.rstrip("/").endswith(("/chat/completions", "/completions", "/models")):
            raise refused(
                self._layer, path, "ends before /chat/completions, often in /v1"
            )
        outside = url.startswith(BY_PYTHON)
        if not outside and not _is_place(url):
            why = "must be the http or https URL of an endpoint, as in http://localhost:8000/v1"
            raise refused(self._layer, path, why)
        key_env = settings.key_env
        if key_env is None:
            local = outside or is_loopback(url)
            key_env = "" if local else self._document.key_env
        profile = settings.profile.model_dump(exclude_none=True)
        try:
            return Endpoint(
                base_url=url,
                key_env=key_env,
                timeouts=settings.timeouts,
                prices=freeze(settings.prices),
                concurrency=settings.concurrency,
                profile=freeze(profile),
            )
        except ValidationError as error:
            said = error.errors(include_input=False)[0]["msg"]
            why = said.removeprefix("Value error, ").removeprefix("base_url ")
            raise refused(self._layer, path, why) from None

    # --- roles ----------------------------------------------------------------------

    def choice(self, role: Role) -> ModelChoice:
        """What answers a role's calls. Raises: UsageError."""
        chosen = self._role(role)
        endpoint, model = self._endpoint_of(role), chosen.model or self._document.model
        if endpoint == EMBEDDED:
            if chosen.endpoint is None and model not in (None, EMBEDDED):
                raise self._nowhere(role)
            if chosen.model not in (None, EMBEDDED):
                why = f"is not used by the endpoint {EMBEDDED}; keep one of the two"
                raise refused(self._layer, ("roles", role, "model"), why)
            return ModelChoice()
        if model is None:
            path = self._places[endpoint]
            why = "needs a model as well: name one with --model NAME, or model: NAME"
            raise refused(self._layer, path, why)
        seed = self._document.sampling.seed if chosen.seed is None else chosen.seed
        return ModelChoice(
            endpoint=endpoint,
            model=model,
            params=freeze(self._params(role)),
            seed=None if seed == "none" else seed,  # type: ignore[arg-type]
        )

    def _endpoint_of(self, role: Role) -> str:
        chosen = self._role(role)
        if chosen.base_url is not None:
            return role
        name = chosen.endpoint
        if name is None:
            return DEFAULT if self._known.get(DEFAULT) and self._has_url() else EMBEDDED
        if name not in self._known and name != EMBEDDED:
            known = (EMBEDDED, *self._known)
            why = f"{close_to(name, known)}the endpoints are {', '.join(known)}"
            path = ("roles", role, "endpoint")
            raise refused(self._layer, path, f"no endpoint is named {name!r}; {why}")
        return name

    def _has_url(self) -> bool:
        return self._known[DEFAULT].base_url is not None

    def _nowhere(self, role: Role) -> UsageError:
        own = self._role(role).model is not None
        path: Path = ("roles", role, "model") if own else ("model",)
        return refused(
            self._layer,
            path,
            "needs an endpoint: say where with --base-url URL, or base_url: URL (a "
            "local server, or https://api.openai.com/v1)",
        )

    def _params(self, role: Role) -> dict[str, Any]:
        common, own = self._document.sampling, self._role(role)
        params: dict[str, Any] = {}
        for name in ("temperature", "top_p", "max_tokens", "reasoning_effort"):
            is_given = name in own.model_fields_set
            value = getattr(own if is_given else common, name)
            if value is not None:
                params[name] = value
        for path, extra in (
            (("sampling", "extra_body"), common.extra_body),
            (("roles", role, "extra_body"), own.extra_body),
        ):
            for name in sorted(OURS & set(extra)):
                why = "stands in every request already; set it by its own name"
                raise refused(self._layer, (*path, name), why)
            params |= extra
        return params

    def _role(self, role: Role) -> RoleSettings:
        settings: RoleSettings = getattr(self._document.roles, role)
        return settings


def _is_place(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port or 1) > 0 and url.isprintable()
    except ValueError:
        return False
