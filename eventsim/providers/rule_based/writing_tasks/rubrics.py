"""Tasks that are judged by a rubric: a question with what a good answer does.

What is asked comes from the clauses that people of the domain say; the rubric names
the tools that answer them, with placeholders for what only a call can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.designing.clauses import (
    Cast,
    Clause,
    as_told,
    makers,
)
from eventsim.providers.rule_based.designing.knowledge import Knowledge, Param, Tool
from eventsim.providers.rule_based.designing.request import answer
from eventsim.providers.rule_based.designing.words import (
    capital,
    plural,
    split_name,
)
from eventsim.providers.rule_based.writing_tasks.brief import (
    Commission,
    read_commission,
)

__all__ = ["judged_task", "write_rubric_task"]

_COUNTS = {"easy": (1, 2), "medium": (2, 3), "hard": (4, 5)}
_KINDS = {"create": "write", "update": "write", "delete": "write"}
_DRAWS = 40
_MOST_CALLS = 4
_LITERAL = r"(\"[^\"]+\"|-?\d+(?:\.\d+)?(?![\w-])|\d{4}-\d{2}-\d{2})"
_QUESTIONS = (
    "Please {0}.",
    "Please {0}, and then {1}.",
    "First {0}. Then {1}. Finally {2}.",
    "First {0}. Then {1}. After that, {2}. Finally {3}.",
    "First {0}. Then {1}. After that, {2}. Then {3}. Finally {4}.",
)


def write_rubric_task(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for a question with its rubric."""
    commission = read_commission(request)
    question = commission.wishes.question
    if question:
        parts = [(part, tool) for tool, part in _fitting(commission.known, question)]
        calls = _expected(commission.known, parts)
        return answer(
            {
                "title": _short(question),
                "question": question,
                **_rubric([question], calls),
            }
        )
    steps = _steps(commission)
    texts = [clause.text for clause, _ in steps]
    form = _QUESTIONS[min(len(texts), len(_QUESTIONS)) - 1]
    return answer(
        {
            "title": capital(texts[0]),
            "question": form.format(*texts),
            **_rubric(
                texts,
                _expected(
                    commission.known, [(clause.text, tool) for clause, tool in steps]
                ),
            ),
        }
    )


def judged_task(commission: Commission, profile: Mapping[str, Any]) -> dict[str, Any]:
    """A descriptive task over simulated tools, with its rubric."""
    steps = _steps(commission)
    texts = [clause.text for clause, _ in steps]
    outcomes = [_outcome(clause, tool) for clause, tool in steps]
    return {
        "title": capital(texts[0]),
        "goal": f"In the end, {', and '.join(outcomes)}.",
        "profile": profile,
        "objectives": [
            {"text": clause.text, "kind": _KINDS.get(tool.verb, "read")}
            for clause, tool in steps
        ],
        **_rubric(
            texts,
            _expected(
                commission.known, [(clause.text, tool) for clause, tool in steps]
            ),
        ),
    }


_LOOKS = re.compile(
    r"^(?:find out|look up|search for|show me|list all|find|check|list|count|show) "
)


def _outcome(clause: Clause, tool: Tool) -> str:
    """What holds in the end, said to the person."""
    if tool.verb in _KINDS:
        return f"you have had the assistant {clause.text}"
    rest = _LOOKS.sub("", clause.text)
    counted = clause.text.startswith("count ")
    return f"you know the number of {rest[4:]}" if counted else f"you know {rest}"


def _short(question: str) -> str:
    words = question.split()
    return " ".join(words[:12]).rstrip(".,?!") + ("…" if len(words) > 12 else "")


# --- what is asked ------------------------------------------------------------------


def _steps(commission: Commission) -> list[tuple[Clause, Tool]]:
    """Clauses that tools answer, each of another kind, look-ups first."""
    known, rng = commission.known, commission.rng
    low, high = _COUNTS[commission.wishes.difficulty]
    wanted = rng.randint(low, high)
    pool = makers(known)
    earlier = " ".join(commission.wishes.earlier).lower()
    cast = Cast(rng)
    chosen: dict[str, tuple[Clause, Tool]] = {}
    for _ in range(_DRAWS):
        if len(chosen) == wanted or not pool:
            break
        clause = rng.choice(pool)(cast)
        tool = _tool_of(known, clause)
        repeated = clause.text.lower() in earlier
        if tool is not None and tool.name not in chosen and not repeated:
            chosen[tool.name] = (clause, tool)
    found = sorted(chosen.values(), key=lambda step: step[0].rank)
    return found or _as_told(commission, cast, wanted)


def _as_told(
    commission: Commission, cast: Cast, wanted: int
) -> list[tuple[Clause, Tool]]:
    """What tools say of themselves, where their names say no more."""
    tools = list(commission.known.tools)
    if not tools:
        tool = Tool("", "other", "", (), (), "")
        return [(Clause("say what can be done", "", ""), tool)]
    commission.rng.shuffle(tools)
    earlier = " ".join(commission.wishes.earlier).lower()
    steps = [(as_told(tool, cast), tool) for tool in tools]
    new = [step for step in steps if step[0].text.lower() not in earlier]
    return (new or steps)[:wanted]


def _tool_of(known: Knowledge, clause: Clause) -> Tool | None:
    verb, _, rest = clause.shape.partition(" ")
    for tool in known.tools:
        if tool.name == verb:
            return tool
    verb = "list" if verb == "all" else verb
    for tool in known.tools:
        own = tool.verb == verb and rest.startswith(tool.noun) and tool.noun
        if own and (verb != "list" or _lists(tool, clause)):
            return tool
    return None


def _lists(tool: Tool, clause: Clause) -> bool:
    owner = clause.shape.removeprefix(f"list {tool.noun}").strip()
    return any(key.key_of == owner for key in tool.keys) if owner else not tool.keys


_PARTS = re.compile(
    r"[.?!]\s+|,? (?:and )?then |; |, and |,? and (?=[a-z]+ the )"
    r"|, (?=[a-z]+ (?:out|how|the) )"
)


def _fitting(known: Knowledge, question: str) -> list[tuple[Tool, str]]:
    """For each part of a question the tool that most is said for, with the part."""
    chosen: dict[str, tuple[Tool, str]] = {}
    for part in _PARTS.split(question):
        text = f" {' '.join(re.findall(r'[a-z]+', part.lower()))} "
        scored = [(_score(known, tool, part, text), tool) for tool in known.tools]
        best, tool = max(scored, key=lambda each: each[0], default=(0, None))
        if tool is not None and best > 0 and len(chosen) < _MOST_CALLS:
            chosen.setdefault(tool.name, (tool, part))
    return list(chosen.values()) or [(tool, question) for tool in known.tools[:1]]


def _score(known: Knowledge, tool: Tool, part: str, text: str) -> int:
    """How much a part of a question says for a tool; 0 without a word for its rows."""
    if not any(f" {n} " in text for n in (tool.noun, plural(tool.noun)) if n):
        return 0
    verbs = {tool.verb, split_name(tool.name)[0], *_SAID.get(tool.verb, ())}
    said = any(f" {verb} " in text for verb in verbs)
    if tool.verb in _KINDS and not said:
        return 0
    values = [_said_of(known, param, part) for param in tool.params]
    missing = sum(
        p.required for p, v in zip(tool.params, values, strict=True) if v is None
    )
    found = sum(value is not None for value in values)
    first = text.find(f" {tool.noun}") if tool.noun else 0
    earlier = all(
        first <= text.find(f" {key.key_of}") for key in tool.keys if key.key_of in text
    )
    weight = 4 if tool.verb in (*_KINDS, "count") else 2
    return 1 + weight * said + 2 * found + earlier - 2 * missing


_SAID: Mapping[str, tuple[str, ...]] = {
    "get": ("find", "look", "tell", "what", "show"),
    "search": ("find", "look", "which", "any"),
    "list": ("show", "which", "all"),
    "create": ("add", "book", "make", "new", "open", "register", "schedule"),
    "update": ("change", "set", "move", "edit"),
    "delete": ("cancel", "remove"),
    "count": ("many",),
}


# --- the rubric ---------------------------------------------------------------------


def _expected(
    known: Knowledge, steps: Sequence[tuple[str, Tool]]
) -> list[dict[str, Any]]:
    """The calls that answer each text, what they need found before them."""
    calls: list[dict[str, Any]] = []
    for text, tool in steps:
        for key in tool.keys:
            finder = known.tool("search", key.key_of)
            label = re.search(rf"\b{re.escape(key.key_of)} (\"[^\"]+\")", text)
            if finder is not None and label and finder.values:
                found = {finder.values[0].name: label[1].strip('"')}
                call = {"tool": finder.name, "arguments": found}
                if call not in calls:
                    calls.append(call)
        calls.append(_call(known, tool, text))
    return calls


def _call(known: Knowledge, tool: Tool, text: str) -> dict[str, Any]:
    """The call of a tool with what a text says of its arguments."""
    arguments: dict[str, Any] = {}
    for param in tool.params:
        value = _said_of(known, param, text)
        if value is None and not param.required:
            continue
        arguments[param.name] = f"<{param.words}>" if value is None else value
    return {"tool": tool.name, "arguments": arguments}


def _said_of(known: Knowledge, param: Param, text: str) -> Any:
    """What a text says for a parameter: the value itself, or where it comes from."""
    words = re.escape(param.key_of or param.words)
    if param.key_of:
        found = re.search(rf"\b{words} {_LITERAL}", text)
        if found and not found[1].startswith('"'):
            return _typed(found[1], param)
        finder = known.tool("search", param.key_of)
        named = found is not None and finder is not None
        return f"<{param.name} from {finder.name}>" if named and finder else None
    contains = re.search(rf"\bcontains {_LITERAL}", text) if param.required else None
    changed = re.search(rf"\b{words} of .+? to {_LITERAL}", text)
    found = contains or changed or re.search(rf"\b{words} (?:is |to )?{_LITERAL}", text)
    return _typed(found[1], param) if found else None


def _typed(said: str, param: Param) -> Any:
    bare = said.strip('"')
    if param.kinds & {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", bare):
        return float(bare) if "." in bare else int(bare)
    return bare


def _rubric(texts: Sequence[str], calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    criteria = [
        f"What was asked is done, or the answer says why not: {text}" for text in texts
    ]
    criteria.append("Every name, number and date in the answers stands in a result.")
    names = dict.fromkeys(str(call["tool"]) for call in calls)
    checkpoints = [f"{name} has returned, or its error was told." for name in names]
    return {
        "criteria": criteria,
        "expected_calls": list(calls),
        "checkpoints": checkpoints,
    }
