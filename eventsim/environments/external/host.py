"""Serves the public methods of one Python object over stdin and stdout, as JSON lines.

Runs in a process of its own, under any Python from 3.8 on and with the standard
library alone, so that an environment may need packages that ours must not. What the
object prints goes to stderr.

    {"do":"open","target":"package.module:Class","settings":{},"setup":[["method",[…]]]}
    {"do":"call","name":"method","arguments":{}}
    {"do":"digest"}

Each is answered by one line: {"ok": …} or {"error": {"code": …, "message": …}}.
"""

import hashlib
import importlib
import inspect
import json
import os
import sys
import typing
from typing import Any

_TYPES: Any = {str: "string", int: "integer", float: "number", bool: "boolean"}
_TYPES.update({list: "array", tuple: "array", dict: "object", type(None): "null"})


def main() -> None:
    """Answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    thing = None
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            if wish["do"] == "open":
                thing = _open(wish)
                answer = {"ok": _described(thing)}
            elif wish["do"] == "call":
                answer = _call(thing, wish["name"], wish["arguments"])
            else:
                answer = {"ok": _digest(thing)}
        except Exception as error:  # whatever somebody else's code raises
            message = "%s: %s" % (type(error).__name__, error)
            answer = {"error": {"code": "failed", "message": message}}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _open(wish: Any) -> Any:
    sys.path.insert(0, "")
    module, _, name = wish["target"].partition(":")
    made = getattr(importlib.import_module(module), name)
    thing = made(**wish["settings"]) if callable(made) else made
    for method, arguments in wish["setup"]:
        getattr(thing, method)(*arguments)
    return thing


def _call(thing: Any, name: str, arguments: Any) -> Any:
    if name.startswith("_"):
        return {"error": {"code": "unknown_tool", "message": name}}
    value = getattr(thing, name)(**arguments)
    if not isinstance(value, str):
        value = json.dumps(_plain(value))
    return {"ok": value}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=repr)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    for method in ("model_dump", "to_dict"):
        if hasattr(value, method):
            return _plain(getattr(value, method)())
    if hasattr(value, "__dict__"):
        return _plain(vars(value))
    return str(value)


def _digest(thing: Any) -> str:
    state = json.dumps(_plain(vars(thing)), sort_keys=True)
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


# --- what there is ------------------------------------------------------------------


def _described(thing: Any) -> Any:
    module = type(thing).__module__
    return {
        "tools": [_tool(name, method) for name, method in _methods(thing)],
        "version": _version(module.partition(".")[0]),
        "python": "%d.%d" % sys.version_info[:2],
    }


def _methods(thing: Any) -> Any:
    found = inspect.getmembers(thing, callable)
    return [
        (name, method)
        for name, method in found
        if not name.startswith("_") and inspect.isroutine(method)
    ]


def _version(package: str) -> str:
    try:
        from importlib import metadata

        for each in metadata.packages_distributions().get(package, ()):
            return "%s %s" % (each, metadata.version(each))
    except Exception:  # there is none, or this Python cannot tell
        return ""
    return ""


def _tool(name: str, method: Any) -> Any:
    hints = _hints(method)
    told = _told(inspect.getdoc(method) or "")
    properties: Any = {}
    required = []
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        schema = _schema(hints.get(parameter.name, parameter.annotation))
        about = told[1].get(parameter.name)
        if about:
            schema["description"] = about
        properties[parameter.name] = schema
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    return {
        "name": name,
        "description": told[0] or name.replace("_", " "),
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": required,
        },
        "reads": bool(getattr(method, "reads", False)),
    }


def _hints(method: Any) -> Any:
    try:
        return typing.get_type_hints(method)
    except Exception:  # a name that only type checkers know
        return {}


def _schema(kind: Any) -> Any:
    origin = getattr(kind, "__origin__", None)
    inner = getattr(kind, "__args__", ())
    if kind in _TYPES:
        return {"type": _TYPES[kind]}
    if origin in _TYPES:
        schema = {"type": _TYPES[origin]}
        if origin in (list, tuple) and inner and inner[0] is not Ellipsis:
            items = _schema(inner[0])
            if items:
                schema["items"] = items
        return schema
    if str(origin) == "typing.Literal":
        return {"enum": list(inner)}
    known = [_schema(each) for each in inner if each is not type(None)]
    if len(known) == 1:
        return known[0]
    types = [each["type"] for each in known if "type" in each]
    return {"type": types} if len(types) == len(known) and types else {}


def _told(text: str) -> Any:
    """What a docstring says of the whole, and of each parameter by name."""
    about: Any = []
    parameters: Any = {}
    section = last = ""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.rstrip(":") in (
            "Args",
            "Arguments",
            "Parameters",
            "Returns",
            "Raises",
        ):
            section = stripped.rstrip(":")
        elif not section:
            about.append(stripped)
        elif section in ("Args", "Arguments", "Parameters") and stripped:
            head, colon, words = stripped.partition(":")
            name = head.split("(")[0].strip()
            if colon and name.isidentifier():
                last = name
                parameters[name] = words.strip()
            elif last:
                parameters[last] += " " + stripped
    return " ".join(filter(None, about)), parameters


if __name__ == "__main__":
    main()
