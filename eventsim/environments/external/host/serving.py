"""Serves the public methods of one Python object over stdin and stdout, as JSON lines.

Runs in a process of its own, under any Python from 3.8 on and with the standard
library alone, so that an environment may need packages that ours must not. What the
object prints goes to stderr, and what it asks for on stdin is not there.

    {"do":"open","target":"package.module:Class","settings":{},"setup":[["method",[…]]]}
    {"do":"call","name":"method","arguments":{}}
    {"do":"digest"}

Each is answered by one line: {"ok": …} or {"error": {"code": …, "message": …}}.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import importlib
import inspect
import json
import os
import queue
import signal
import threading
from typing import Any

from .plain import failure, plain
from .signatures import arguments_of, parameters_of

__all__ = ["main"]


def main() -> None:
    """Answer until stdin ends, which ends everything, a call that is under way too."""
    wishes = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    asked: Any = queue.Queue()
    threading.Thread(target=_read, args=(wishes, asked), daemon=True).start()
    hosted = _Hosted()
    while True:
        wish = json.loads(asked.get())
        try:
            said = json.dumps(hosted.answer(wish), allow_nan=False)
        except (Exception, SystemExit) as error:  # whatever somebody else's code raises
            said = json.dumps({"error": {"code": "failed", "message": failure(error)}})
        answers.write(said + "\n")
        answers.flush()


def _read(wishes: Any, asked: Any) -> None:
    for line in wishes:
        asked.put(line)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with all that the object has started
    os._exit(0)


class _Hosted:
    """The object, and the loop in which its coroutines run."""

    def __init__(self) -> None:
        self._thing: Any = None
        self._methods: Any = {}
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

    def answer(self, wish: Any) -> Any:
        """What is said to one wish; it may raise anything."""
        if wish["do"] == "open":
            return {"ok": self._open(wish)}
        if wish["do"] == "digest":
            return {"ok": self._digest()}
        method = self._methods.get(wish["name"])
        if method is None:
            said = "There is no tool named %s." % wish["name"]
            return {"error": {"code": "unknown_tool", "message": said}}
        positional, named = arguments_of(method, wish["arguments"])
        value = plain(self._settled(method(*positional, **named)))
        return {"ok": value if isinstance(value, str) else json.dumps(value)}

    def _open(self, wish: Any) -> Any:
        module, _, name = wish["target"].partition(":")
        made = getattr(importlib.import_module(module), name)
        thing = made(**wish["settings"]) if callable(made) else made
        self._thing = thing = self._settled(thing)
        for method, arguments in wish["setup"]:
            self._settled(getattr(thing, method)(*arguments))
        tools = []
        for each, method in _methods(thing):
            tool = _tool(each, method)
            if tool is not None:
                self._methods[each] = method
                tools.append(tool)
        package = type(thing).__module__.partition(".")[0]
        return plain({"tools": tools, "version": _version(package)}, lenient=True)

    def _settled(self, value: Any) -> Any:
        """What a coroutine comes to, and all that a generator gives."""
        if inspect.isawaitable(value):
            value = self._loop.run_until_complete(_awaited(value))
        if inspect.isasyncgen(value):
            value = self._loop.run_until_complete(_gathered(value))
        return value

    def _digest(self) -> str:
        state = json.dumps(plain(vars(self._thing), lenient=True), sort_keys=True)
        return hashlib.sha256(state.encode()).hexdigest()


async def _awaited(value: Any) -> Any:
    return await value


async def _gathered(items: Any) -> Any:
    return [item async for item in items]


# --- what there is ------------------------------------------------------------------


def _methods(thing: Any) -> Any:
    """The public methods by name. Nothing is evaluated to find them: what a property
    gives is its own affair.
    """
    for name in sorted(dir(thing)):
        if name.startswith("_"):
            continue
        raw = inspect.getattr_static(thing, name, None)
        bound = isinstance(raw, (staticmethod, classmethod, functools.partialmethod))
        if not (bound or callable(raw)):
            continue
        method = getattr(thing, name, None)
        if inspect.isroutine(method) or (bound and callable(method)):
            yield name, method


def _tool(name: str, method: Any) -> Any:
    about, parameters = _told(inspect.getdoc(method) or "")
    try:
        schema = parameters_of(method, parameters)
    except (ValueError, TypeError):  # it has no signature: nobody can call it
        return None
    return {
        "name": name,
        "description": about or name.replace("_", " "),
        "parameters": schema,
        "reads": bool(getattr(method, "reads", False)),
        "repeatable": bool(getattr(method, "repeatable", False)),
    }


def _version(package: str) -> str:
    try:
        from importlib import metadata

        for each in metadata.packages_distributions().get(package, ()):
            return "%s %s" % (each, metadata.version(each))
    except Exception:  # there is none, or this Python cannot tell
        return ""
    return ""


_ARGUMENTS = ("Args", "Arguments", "Parameters")
_SECTIONS = (*_ARGUMENTS, "Returns", "Raises")


def _told(said: str) -> Any:
    """What a docstring says of the whole, and of each parameter by name."""
    about: Any = []
    parameters: Any = {}
    section = last = ""
    for line in said.splitlines():
        stripped = line.strip()
        if stripped.rstrip(":") in _SECTIONS:
            section = stripped.rstrip(":")
        elif not section:
            about.append(stripped)
        elif section in _ARGUMENTS and stripped:
            head, colon, words = stripped.partition(":")
            name = head.split("(")[0].strip()
            if colon and name.isidentifier():
                last = name
                parameters[name] = words.strip()
            elif last:
                parameters[last] += " " + stripped
    return " ".join(filter(None, about)), parameters
