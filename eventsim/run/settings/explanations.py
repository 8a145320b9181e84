"""What each setting means, in one line, with an example where it has no default.

The line stands in the file that `eventsim init` writes. A name that stands in several
sections is explained where it is first met; `*` stands for a name of the user's choice.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EXPLANATIONS", "HEADINGS", "Explanation"]


class Explanation(NamedTuple):
    """`line` ends without a full stop; `example` is YAML, shown commented out."""

    line: str
    example: str = ""


def _of(line: str, example: str = "") -> Explanation:
    return Explanation(line, example)


HEADINGS: dict[str, str] = {
    "preset": "What to generate",
    "model": "Which models",
    "tools_by": "Preparation: tools and tasks",
    "user_sees_tool_results": "The user",
    "limits": "What ends a trajectory, and what goes wrong on purpose",
    "keep": "What is kept, and how fast",
}
"""Titles in the file, by the setting before which they stand."""

EXPLANATIONS: dict[str, Explanation] = {
    "preset": _of(
        "what the rest stands upon: paper-task, paper-user or paper-exec",
        "paper-user",
    ),
    "pipeline": _of("task-oriented, user-oriented or user-oriented+execution"),
    "count": _of("trajectories"),
    "tasks": _of("tasks a trajectory"),
    "seed": _of("where all draws come from; drawn and printed if not given", "7"),
    "source": _of("one of these; without any, all that is built in and fits"),
    "source.db": _of("an SQLite file; it is only read", "shop.sqlite"),
    "source.domain": _of("a built-in one; eventsim domains lists them", "library"),
    "source.seeds": _of("seed tools: JSON or JSONL of function tools", "seeds.json"),
    "source.description": _of(
        "a domain in words", '"Bike rental: customers rent bikes at ten stations"'
    ),
    "environments": _of("external ones, beside the source or alone, by name"),
    "environments.*.target": _of(
        "package.module:Class, or the command or URL of an MCP server",
        "my_package.shop:Shop",
    ),
    "environments.*.settings": _of("arguments of the class", "{opens: 9}"),
    "environments.*.requestor": _of("whose tools these are: assistant or user"),
    "environments.*.prefix": _of("before the names of its tools", "shop_"),
    "environments.*.exclude": _of("tools that are not offered", "[close_shop]"),
    "environments.*.pass_env": _of(
        "variables that it may see, beside PATH, HOME, LANG", "[SHOP_DATA]"
    ),
    "environments.*.key_env": _of("the variable of a URL's bearer token", "SHOP_TOKEN"),
    "environments.*.keeps_state": _of(
        "must be said of a URL; false if kept by session", "true"
    ),
    "environments.*.seconds": _of("the longest that a call may take"),
    "environments.*.characters": _of("the longest answer that is taken"),
    "model": _of("the model of every role; without one, all is by rule", "MODEL-NAME"),
    "base_url": _of("where it answers", "http://localhost:8000/v1"),
    "key_env": _of(
        "the variable that holds the key; '' is none, as on localhost if not said"
    ),
    "sampling": _of("parameters of every role's calls; what is not given is not sent"),
    "sampling.temperature": _of("0 or more", "1.0"),
    "sampling.top_p": _of("above 0, up to 1", "1.0"),
    "sampling.max_tokens": _of("the longest answer", "4096"),
    "sampling.reasoning_effort": _of("as the endpoint calls it", "low"),
    "sampling.seed": _of("drawn for each call, none, or a number"),
    "sampling.extra_body": _of(
        "whatever else the endpoint takes, as it is", "{top_k: 20}"
    ),
    "roles": _of("what is particular to a role; the rest is as for every role"),
    "roles.*": _of("each may say what the first one shows"),
    "roles.*.model": _of("its own model", "OTHER-MODEL"),
    "roles.*.endpoint": _of("one of endpoints, or rule-based", "here"),
    "roles.*.base_url": _of("or its own URL", "http://localhost:8001/v1"),
    "roles.*.key_env": _of("of that URL", "OTHER_API_KEY"),
    "roles.*.temperature": _of("", "0.9"),
    "roles.*.top_p": _of("", "0.95"),
    "roles.*.max_tokens": _of("", "1024"),
    "roles.*.reasoning_effort": _of("", "medium"),
    "roles.*.seed": _of("", "drawn"),
    "roles.*.extra_body": _of("", "{min_p: 0.05}"),
    "endpoints": _of("endpoints by name; `default` is the one of base_url"),
    "endpoints.*.base_url": _of("", "http://localhost:8002/v1"),
    "endpoints.*.key_env": _of("", "THIRD_API_KEY"),
    "endpoints.*.timeouts.connect_s": _of("seconds to connect"),
    "endpoints.*.timeouts.first_byte_s": _of("seconds until the answer begins"),
    "endpoints.*.timeouts.total_s": _of("seconds in all"),
    "endpoints.*.concurrency": _of("the most calls at a time"),
    "endpoints.*.prices": _of("US dollars a million tokens, before the price list's"),
    "endpoints.*.prices.*.input_usd": _of("", "0.5"),
    "endpoints.*.prices.*.output_usd": _of("", "2.0"),
    "endpoints.*.prices.*.cached_input_usd": _of("", "0.05"),
    "endpoints.*.profile": _of("what it can do; what is not given is found out"),
    "endpoints.*.profile.tools": _of("native or prompted", "prompted"),
    "endpoints.*.profile.structured": _of(
        "json_schema, json_object_schema, json_object or prompt", "json_schema"
    ),
    "endpoints.*.profile.reasoning_back": _of(
        "reasoning, reasoning_content or ''", "''"
    ),
    "endpoints.*.profile.seed": _of("whether it takes one", "true"),
    "endpoints.*.profile.max_tokens_field": _of(
        "or max_completion_tokens", "max_tokens"
    ),
    "budget": _of("the most that a run may take; it stops cleanly and can be resumed"),
    "budget.usd": _of("US dollars", "5.0"),
    "budget.tokens": _of("tokens, input and output", "5000000"),
    "tools_by": _of("for databases: rules, or models"),
    "tasks_by": _of("for databases: rules (each task proven), or models"),
    "difficulty": _of("easy, medium, hard or mixed"),
    "more_tools": _of(
        "where a run goes on from a conversation: tools that fit what was said"
    ),
    "questions": _of("questions a domain, from which toolsets are made"),
    "toolsets": _of(
        "toolsets a run; one for every four trajectories if not given", "3"
    ),
    "prepared": _of("runs in the store whose preparations are taken"),
    "prepared.questions": _of("the label of a run", "bodume"),
    "prepared.tools": _of("the same", "bodume"),
    "prepared.tasks": _of("the same", "bodume"),
    "stages": _of(
        "a stage of your own, by the name of its slot",
        "{policy: my_package.module:Name}",
    ),
    "prompts": _of("files that replace prompts, by name", "{user: my-user.j2}"),
    "user_sees_tool_results": _of("the paper's user does; ours sees answers only"),
    "personas": _of("weights by name; all alike if empty", "{brisk: 2, formal: 1}"),
    "languages": _of("weights by name; English if empty", "{English: 3, German: 1}"),
    "behaviours": _of(
        "how often, 0 to 1; else a rule's own weight; your own as package.module:NAME",
        "{small_talk: 0.2}",
    ),
    "limits": _of("a trajectory that reaches one ends with that as its reason"),
    "limits.max_turns": _of("user messages, replies, tool calls and results"),
    "limits.max_steps": _of("rounds of tool calls for one user request"),
    "limits.attempts": _of("tries of a model call that bring no answer"),
    "limits.samples": _of("answers to one call that were rejected"),
    "limits.max_tokens": _of("tokens of a trajectory", "200000"),
    "limits.max_seconds": _of("seconds of model calls of a trajectory", "1800"),
    "limits.max_context_tokens": _of("input tokens of one call", "32000"),
    "flaws": _of("how often the assistant by rule errs, a request"),
    "flaws.needless_question": _of("asks what it knows"),
    "flaws.half_done": _of("leaves something out"),
    "flaws.wrong_row": _of("takes another row"),
    "flaws.misreported_value": _of("says another value"),
    "faults": _of("how often a tool call is made to fail, a call"),
    "faults.timeout": _of("not executed: time-out"),
    "faults.rate_limit": _of("not executed: too many requests"),
    "faults.server_error": _of("not executed: server error"),
    "faults.permission_denied": _of("not executed: not allowed"),
    "faults.stale": _of("executed, shown as it was before"),
    "faults.partial": _of("executed, shown in part"),
    "faults.schema_drift": _of("executed, a field renamed"),
    "faults.empty": _of("executed, shown as empty"),
    "keep": _of("logprobs, token_ids, fingerprint of answers; params ask for them"),
    "tags": _of("tags of the run"),
    "store": _of("the directory that holds the log; commands that read take --store"),
    "concurrency": _of("trajectories at a time; it changes nothing in them"),
}
