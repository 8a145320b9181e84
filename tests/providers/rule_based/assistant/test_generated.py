"""The assistant does generated tasks over databases that it has never seen.

A cooperative person utters each objective as it is written and answers from what the
profile knows; the checks decide.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from eventsim.core.draws import Draws
from eventsim.core.tasks import Task
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.policy import write_policy
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tasks.writer import write_tasks
from eventsim.environments.sql.toolgen import generate_tools
from eventsim.environments.sql.toolset import choose_toolset
from eventsim.prompts.render import installed, render
from eventsim.providers.rule_based.assistant.reply import reply
from eventsim.quality.checks import judge
from tests.providers.rule_based.assistant.world import FLAWLESS

pytestmark = pytest.mark.anyio

_NOW = "2026-03-02T10:00:00Z"
_TRAJECTORIES = 16
_LEAST = 0.95


def _answer(question: str, task: Task) -> str:
    """What a cooperative person answers."""
    known = task.profile.known_info
    if re.search(r"desk code", question):
        return next((k for k in known if "desk code" in k), "I have none.")
    if re.search(r"Shall I go ahead|Is that right|May I do that", question):
        return "Yes, please."
    asks_value = re.search(r"^(What|Which .* shall I)", question)
    facts = [k for k in known if "desk code" not in k]
    wanted = [k for k in facts if (" new " in k) == bool(asks_value)]
    return " ".join(wanted or facts) or "I don't know."


class _Desk:
    """One conversation with the assistant over a mounted database."""

    def __init__(self, domain: str, index: int) -> None:
        image = domain_image(domain)
        schema = read_schema(image)
        generated = generate_tools(image, schema)
        draws = Draws(5, f"desk-{index}")
        policy = write_policy(schema, generated, draws, domain)
        plan = write_tasks(
            image, schema, generated, draws=draws, count=2, policy=policy, now=_NOW
        )
        offered = choose_toolset(generated, plan.needed, draws)
        system = render(
            installed()["assistant"],
            title=domain,
            about="",
            now=_NOW,
            policy=policy.text,
        )
        self.tasks = [task for task, _ in plan.tasks]
        self.tools = {tool.name: tool for tool in offered}
        self.offered = [tool.as_function() for tool in offered]
        self.environment = SqlEnvironment.mount(image, now=_NOW, seed=5)
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": system}]
        self.changes: list[Any] = []
        self.calls = 0

    async def say(self, text: str) -> str:
        """One user message, its calls executed; the answer."""
        self.messages.append({"role": "user", "content": text})
        while True:
            request = {
                "messages": self.messages,
                "seed": len(self.messages),
                "tools": self.offered,
            }
            message = reply(request, FLAWLESS)
            self.messages.append(message)
            if not message.get("tool_calls"):
                return str(message["content"])
            for call in message["tool_calls"]:
                name = call["function"]["name"]
                arguments = json.loads(call["function"]["arguments"])
                outcome = await self.environment.call(
                    self.tools[name], arguments, ordinal=self.calls
                )
                self.calls += 1
                self.changes += outcome.changes
                self.messages.append(
                    {
                        "role": "tool",
                        "tool_call_id": call["id"],
                        "content": outcome.content,
                    }
                )

    async def do(self, task: Task) -> bool:
        """Utter every objective; whether the checks pass."""
        self.changes, told = [], []
        for objective in task.objectives:
            text = f"Could you {objective.text}?"
            for _ in range(5):
                told.append(await self.say(text))
                if not told[-1].endswith("?"):
                    break
                text = _answer(told[-1], task)
        return judge(task, self.changes, told, finished=True)[0] == "valid"


@pytest.mark.parametrize("domain", sorted(DOMAINS))
async def test_generated_tasks_pass_their_checks(domain: str) -> None:
    """Without flaws at least 95 % of the tasks of a domain are done."""
    done: list[bool] = []
    for index in range(_TRAJECTORIES):
        desk = _Desk(domain, index)
        try:
            done += [await desk.do(task) for task in desk.tasks]
        finally:
            await desk.environment.close()
    assert len(done) >= _TRAJECTORIES
    assert sum(done) >= _LEAST * len(done)
