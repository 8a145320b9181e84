"""How a local endpoint fails: each failure as it looks on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anyio
import orjson

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["FAILURES", "error_body"]

_STALLS_S = 600.0
_PAGE = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


def error_body(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """An error as the OpenAI format has it."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return {"error": error}


def _answer(body: object, status: int = 200, **headers: str) -> web.Response:
    from aiohttp import web

    return web.json_response(
        body, status=status, headers=headers, dumps=lambda x: orjson.dumps(x).decode()
    )


async def _limited_for(_: web.Request, __: bytes) -> web.StreamResponse:
    body = error_body("Rate limit reached.", "requests", "rate_limit_exceeded")
    return _answer(body, 429, **{"Retry-After": "0", "retry-after-ms": "50"})


async def _limited(_: web.Request, __: bytes) -> web.StreamResponse:
    body = error_body("Rate limit reached.", "requests", "rate_limit_exceeded")
    return _answer(body, 429)


async def _server_error(_: web.Request, __: bytes) -> web.StreamResponse:
    return _answer(error_body("The server had an error.", "server_error"), 500)


async def _unavailable(_: web.Request, __: bytes) -> web.StreamResponse:
    return _answer(error_body("The engine is overloaded.", "overloaded"), 503)


async def _reset(request: web.Request, _: bytes) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return _answer({})


async def _stalled(request: web.Request, sound: bytes) -> web.StreamResponse:
    from aiohttp import web

    response = web.StreamResponse()
    response.content_type = "application/json"
    response.content_length = len(sound)
    await response.prepare(request)
    await response.write(sound[: len(sound) // 2])
    await anyio.sleep(_STALLS_S)  # aiohttp cancels it when the client goes away
    return response


async def _page(_: web.Request, __: bytes) -> web.StreamResponse:
    from aiohttp import web

    return web.Response(text=_PAGE, content_type="text/html")


async def _error_in_200(_: web.Request, __: bytes) -> web.StreamResponse:
    return _answer(error_body("The upstream provider failed.", "upstream_error"))


async def _no_choices(_: web.Request, sound: bytes) -> web.StreamResponse:
    return _answer({**orjson.loads(sound), "choices": []})


async def _broken(_: web.Request, sound: bytes) -> web.StreamResponse:
    from aiohttp import web

    return web.Response(body=sound[:-20], content_type="application/json")


FAILURES: dict[str, Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]] = {
    "rate_limit_retry_after": _limited_for,
    "rate_limit": _limited,
    "server_error": _server_error,
    "unavailable": _unavailable,
    "connection_reset": _reset,
    "stalled_body": _stalled,
    "html_page": _page,
    "error_in_200": _error_in_200,
    "empty_choices": _no_choices,
    "broken_json": _broken,
}
"""By the names of `web/faults.py`: each takes the request and the sound answer."""
