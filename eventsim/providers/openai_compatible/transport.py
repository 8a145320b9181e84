"""One exchange with an endpoint: bytes out, bytes in, through `openai`.

The body goes out as it is: `chat.completions.create` walks every message of it, which
costs several times the exchange itself. Older clients, whose `post` takes no bytes,
get `create`. Retries are not made here; what libraries raise ends here.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import orjson

from eventsim.config import Endpoint
from eventsim.errors import ProviderFailure
from eventsim.providers.openai_compatible.failures import failure_of_status
from eventsim.providers.openai_compatible.loopback import is_loopback
from eventsim.providers.openai_compatible.scrubbing import Scrubber

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Received", "Transport"]

_PATH = "/chat/completions"
_HEAD_CAME = "eventsim.head_came"
_KEEP_ALIVE_S = 4.0
"""Less than the five seconds after which common servers close an idle connection."""


class Received(NamedTuple):
    """A successful response: its body, decompressed and otherwise as it came."""

    content: bytes
    headers: Mapping[str, str]


class Transport:
    """The connections to one endpoint, opened in the running loop."""

    def __init__(self, endpoint: Endpoint, key: str, scrub: Scrubber) -> None:
        import openai

        self._endpoint = endpoint
        self._scrub = scrub
        # Whichever of httpx2 and httpx this client is made of.
        base: Any = openai.DefaultAsyncHttpxClient.__mro__[1]
        http: Any = import_module(base.__module__.partition(".")[0])
        self._response_type = http.Response
        self._client = self._opened(openai, http, key)
        post = inspect.signature(self._client.post)
        self._takes_bytes = "content" in post.parameters
        authorization: Any = f"Bearer {key}" if key else openai.Omit()
        self._headers = {"Authorization": authorization}
        self._expected = _foreign_errors(openai, http)

    def _opened(self, openai: Any, http: Any, key: str) -> AsyncOpenAI:
        timeouts = self._endpoint.timeouts
        timeout = http.Timeout(
            connect=timeouts.connect_s,
            pool=timeouts.connect_s,  # aiohttp's: name resolution and connecting
            read=timeouts.first_byte_s,
            write=timeouts.first_byte_s,
        )
        host_is_local = is_loopback(self._endpoint.base_url)
        transport = openai.DefaultAioHttpClient(
            timeout=timeout,
            limits=http.Limits(
                max_connections=self._endpoint.concurrency,
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
            follow_redirects=False,  # a redirected POST loses its body
            trust_env=not host_is_local,  # no proxy stands before this machine
            event_hooks={"response": [_note_head]},
        )
        client: AsyncOpenAI = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=self._endpoint.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=transport,
            default_headers=_account_headers(openai, self._endpoint.base_url),
        )
        return client

    async def exchange(self, body: bytes, idempotency_key: str) -> Received:
        """Send a request, and take the response. Raises: ProviderFailure."""
        headers = {**self._headers, "Idempotency-Key": idempotency_key}
        total_s = self._endpoint.timeouts.total_s
        with anyio.move_on_after(total_s):
            try:
                if self._takes_bytes:
                    response = await self._post(body, headers)
                else:
                    response = await self._create(body, headers)
                return Received(response.content, response.headers)
            except self._expected as error:
                raise self._failure(error) from None
        raise ProviderFailure(
            "timeout_total", f"no whole answer in {total_s:g} s", retryable=True
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _post(self, body: bytes, headers: dict[str, Any]) -> Any:
        return await self._client.post(
            _PATH,
            content=body,
            cast_to=self._response_type,
            options={"headers": headers},
        )

    async def _create(self, body: bytes, headers: dict[str, Any]) -> Any:
        """The same through `create`; what it has no parameter for goes beside them."""
        create: Any = self._client.chat.completions.with_raw_response.create
        known = inspect.signature(self._client.chat.completions.create).parameters
        fields = orjson.loads(body)
        named = {name: value for name, value in fields.items() if name in known}
        others = {name: value for name, value in fields.items() if name not in known}
        raw = await create(**named, extra_body=others or None, extra_headers=headers)
        return raw.http_response

    def _failure(self, error: Exception) -> ProviderFailure:
        response = getattr(error, "response", None)
        if response is not None:
            return failure_of_status(
                response.status_code,
                response.headers,
                response.content,
                self._scrub,
                datetime.now(UTC),
            )
        reason, detail = self._unanswered(error)
        return ProviderFailure(reason, self._scrub.line(detail), retryable=True)

    def _unanswered(self, error: Exception) -> tuple[str, str]:
        """What kept a response from coming. The transport takes a lost connection for
        a slow one; the error below it knows better.
        """
        import aiohttp

        timeouts = self._endpoint.timeouts
        first = _first_cause(error)
        if isinstance(first, aiohttp.ConnectionTimeoutError):
            return "timeout_connect", f"no connection in {timeouts.connect_s:g} s"
        if isinstance(first, TimeoutError):
            request = getattr(error, "request", None)
            if request is not None and request.extensions.get(_HEAD_CAME):
                return (
                    "timeout_total",
                    f"the answer stalled for {timeouts.first_byte_s:g} s",
                )
            return "timeout_first_byte", f"no answer in {timeouts.first_byte_s:g} s"
        if isinstance(first, aiohttp.ClientResponseError):
            return "connection", f"what came is not HTTP: {first.message}"
        return "connection", f"{type(first).__name__}: {first}"


async def _note_head(response: Any) -> None:
    """Tells, should the body stall, that the first byte did come."""
    response.request.extensions[_HEAD_CAME] = True


def _foreign_errors(openai: Any, http: Any) -> tuple[type[Exception], ...]:
    """All that the libraries raise when an exchange fails, mapped by them or not."""
    import aiohttp

    return (openai.OpenAIError, aiohttp.ClientError, http.HTTPError, OSError)


def _account_headers(openai: Any, base_url: str) -> dict[str, Any]:
    """Which account of OpenAI a call belongs to, taken from the environment by the
    client, is nobody else's business.
    """
    if "//api.openai.com" in base_url:
        return {}
    nothing = openai.Omit()
    return {"OpenAI-Organization": nothing, "OpenAI-Project": nothing}


def _first_cause(error: BaseException) -> BaseException:
    """The error at the bottom, as far as libraries say what caused what."""
    import aiohttp

    while not isinstance(error, aiohttp.ClientError) and error.__cause__ is not None:
        error = error.__cause__
    return error
