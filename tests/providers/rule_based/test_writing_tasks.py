"""SQL tools, policies and tasks by rule: from the text of a request alone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest

from eventsim.config import FlawRates, RunConfig
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.events import Source
from eventsim.core.preparation import Preparation
from eventsim.core.tools import ToolDefinition
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.view import data_view, schema_text
from eventsim.environments.sql.workbench import SqlWorkbench
from eventsim.pipelines.stage import Ask, Input, Stage
from eventsim.pipelines.stages.descriptive_tasks import DescriptiveTasks
from eventsim.pipelines.stages.policy import PolicyStage
from eventsim.pipelines.stages.rubric_tasks import RubricTasks
from eventsim.pipelines.stages.sql_tools import SqlTools
from eventsim.prompts.render import installed
from eventsim.providers.rule_based.parts import PARTS
from eventsim.providers.rule_based.provider import RuleBased
from eventsim.providers.rule_based.writing_tasks.ddl import read_tables
from tests.environments.sql.conftest import SHOP, image_of
from tests.pipelines.stages.benching import BenchStory

pytestmark = pytest.mark.anyio

NOW = "2026-03-02T09:30:00Z"
STREAMS = 12
NAMES = (*DOMAINS, "shop")
QUESTION = 'Please find the phone of the customer "Ana Lima".'


@pytest.fixture
def anyio_backend() -> str:
    """One backend is enough."""
    return "asyncio"


@cache
def image_named(name: str) -> Image:
    """A built-in domain, or a shop with names in camel case."""
    return image_of(SHOP, "shop") if name == "shop" else domain_image(name)


def request_of(ask: Ask, seed: int = 1) -> dict[str, Any]:
    """The request that an ask becomes."""
    turns = [{"role": role, "content": text} for role, text in ask.turns]
    system = {"role": "system", "content": ask.system}
    return {"model": "rule-based", "messages": [system, *turns], "seed": seed}


def answered(ask: Ask) -> Any:
    """The value of the answer by rule."""
    part = ask.system.splitlines()[0].removeprefix("# Your part: ")
    return orjson.loads(PARTS[part](request_of(ask))["content"])


def story(
    stage: Stage,
    name: str,
    tools: tuple[ToolDefinition, ...] = (),
    lineage: str = "a",
    state: Preparation | None = None,
    **fields: Any,
) -> BenchStory:
    """A stream over a database, all answers by rule."""
    image, draws = image_named(name), Draws(3, lineage)
    domain = DOMAINS.get(name)
    looked = Input(
        config=RunConfig(seed=3, count=1, tasks=2),
        prompts=installed(),
        profiles={},
        source=Source(name=name, title=domain.title if domain else "the shop"),
        draws=draws,
        tools=tools,
        count=2,
        now=NOW,
        schema_text=schema_text(image),
        data_view=data_view(image, draws),
    )
    looked = dataclasses.replace(looked, **fields)
    bench = SqlWorkbench(image, now=NOW)
    begun = BenchStory(stage, looked, state or Preparation(), bench=bench)
    begun.play(answered)
    bench.close()
    return begun


@cache
def tools_of(name: str) -> BenchStory:
    """The stream of tools of a database."""
    return story(SqlTools(), name)


def tasks_of(name: str) -> Iterator[BenchStory]:
    """Streams of tasks over a database, each with its policy."""
    tools = tools_of(name).state.tools
    for number in range(STREAMS):
        lineage = f"tasks {number}"
        policy = story(PolicyStage(), name, tools, lineage).state
        begun = policy._replace(answers=())
        yield story(DescriptiveTasks(), name, tools, lineage, begun)


# --- tools --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_written_tool_holds(name: str) -> None:
    """Reads, figures and changes; not one is rejected by the workbench."""
    written = tools_of(name)
    assert written.of("tool.rejected") == []
    statements = [t.statement for t in written.state.tools if t.statement]
    effects = {statement.effect for statement in statements}
    shapes = {statement.returns for statement in statements}
    assert {"read", "insert", "update"} <= effects
    assert {"row", "rows", "value", "written"} == shapes
    assert len(statements) >= 15


def test_a_schema_is_read_from_its_statements() -> None:
    """Keys, references, choices and remarks, in whatever style they are written."""
    customer, invoice = read_tables(
        "CREATE TABLE [Customer] (\n  [CustomerId] INTEGER NOT NULL,\n"
        "  Name NVARCHAR(40) NOT NULL, -- as printed\n"
        "  Level TEXT DEFAULT 'a' CHECK (Level IN ('a', 'it''s')),\n"
        "  CONSTRAINT pk PRIMARY KEY ([CustomerId])\n);\n-- Customer has 59 rows.\n\n"
        'CREATE TABLE "Invoice" (id INTEGER PRIMARY KEY, CustomerId INTEGER,\n'
        "  Total NUMERIC(10,2), FOREIGN KEY (CustomerId) REFERENCES Customer\n);\n"
        "-- Invoice.Total cannot be set by a tool: it follows.\n"
    )
    assert (customer.primary, customer.label, customer.rows) == (
        ("CustomerId",),
        ("Name",),
        59,
    )
    assert customer.column("level").choices == ("a", "it's")
    assert [c.key for c in invoice.columns] == ["invoice_id", "customer_id", "total"]
    assert invoice.column("Total").derived
    (reference,) = invoice.references
    assert (reference.parent, reference.target) == ("Customer", "CustomerId")


# --- tasks --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_most_tasks_are_accepted_within_two_tries(name: str) -> None:
    """At least four of five that are asked for, each with its witness."""
    soon, asked = 0, 0
    for written in tasks_of(name):
        asked += 2
        misses = 0
        for event in written.events:
            if isinstance(event, e.TaskRejected):
                misses += 1
            elif isinstance(event, e.TaskCreated):
                soon += misses < 2
                misses = 0
                assert event.witness is not None
    assert soon >= 0.8 * asked


def test_tasks_of_different_streams_differ() -> None:
    """No objective comes up in most of them."""
    texts = [
        o.text for s in tasks_of("outdoor") for t in s.state.tasks for o in t.objectives
    ]
    assert len(set(texts)) > 0.8 * len(texts)


def test_a_code_that_the_policy_asks_for_is_known_to_the_person() -> None:
    """Otherwise nothing could be changed."""
    checked = 0
    for written in tasks_of("clinic"):
        code = re.search(r"valid desk code is (\d+)", written.state.policy)
        for task in written.state.tasks:
            if code and any(o.kind == "write" for o in task.objectives):
                checked += 1
                assert f"The desk code is {code[1]}." in task.profile.known_info
    assert checked


def test_what_the_policy_forbids_is_not_asked_as_a_change() -> None:
    """Only as something to be refused."""
    policy = "1. Do not change the status of orders: refuse and say so."
    tools = tools_of("outdoor").state.tools
    for number in range(STREAMS):
        begun = Preparation()._replace(policy=policy)
        written = story(DescriptiveTasks(), "outdoor", tools, f"p{number}", begun)
        for task in written.state.tasks:
            for change in task.checks.changes:
                if (change.table, change.op) == ("orders", "update"):
                    assert "status" not in change.new


def test_a_question_gets_its_rubric() -> None:
    """The tools that it is about, with what it holds; what it does not is open."""
    tools = tools_of("outdoor").state.tools
    written = story(
        RubricTasks(),
        "outdoor",
        tools,
        question=QUESTION,
        config=RunConfig(seed=3, count=1, pipeline="task-oriented"),
        schema_text="",
        data_view="",
    )
    first, second = written.state.tasks
    assert first.question == QUESTION
    assert first.rubric is not None
    assert [call.tool for call in first.rubric.expected_calls] == [
        "search_customers",
        "get_customer",
    ]
    assert first.rubric.expected_calls[1].arguments == {
        "customer_id": "<customer_id from search_customers>"
    }
    assert second.question != QUESTION


# --- the provider -------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["sql_tools", "policy", "rubric_tasks", "descriptive_tasks", "task_solver"]
)
def test_every_part_of_these_stages_is_answered(part: str) -> None:
    """By the name in the first heading of its prompt."""
    assert installed()[part].startswith(f"# Your part: {part}\n")
    assert part in PARTS


async def test_the_provider_answers_from_the_bytes_of_a_request() -> None:
    """The same bytes have the same answer, other bytes another."""
    begun = Preparation()._replace(policy="1. Be brief.")
    tools = tools_of("library").state.tools
    draws = Draws(3, "x")
    image = domain_image("library")
    looked = dataclasses.replace(
        story(PolicyStage(), "library", tools).input,
        draws=draws,
        data_view=data_view(image, draws),
    )
    ask = DescriptiveTasks().ask(begun, looked)
    assert ask is not None
    provider = RuleBased(FlawRates())
    answers = [
        await provider.complete(
            orjson.dumps(request_of(ask, seed)), idempotency_key="k"
        )
        for seed in (1, 1, 2)
    ]
    texts = [orjson.loads(a)["choices"][0]["message"]["content"] for a in answers]
    assert texts[0] == texts[1] != texts[2]


def test_a_request_without_tables_or_tools_is_answered_all_the_same() -> None:
    """Whatever comes in: nothing is raised, and the shape is right."""
    for part in ("sql_tools", "policy", "rubric_tasks", "descriptive_tasks"):
        system = f"# Your part: {part}\nYou write for the assistant of nobody."
        messages = [{"role": "system", "content": system}]
        value = orjson.loads(PARTS[part]({"messages": messages})["content"])
        assert isinstance(value, dict)
