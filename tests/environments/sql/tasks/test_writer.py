"""Tasks: proven, varied, plain, and the same for the same draws."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from functools import cache

import apsw
import pytest

from eventsim.core.draws import Draws
from eventsim.core.tasks import Task, Witness
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image, image_from_connection
from eventsim.environments.sql.policy import Policy, write_policy
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tasks.scene import Call
from eventsim.environments.sql.tasks.witness import execute, ideal_answer
from eventsim.environments.sql.tasks.writer import TaskPlan, write_tasks
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools
from eventsim.errors import BadInput
from eventsim.quality.checks import judge

NOW = "2026-06-24 10:00:00"
SEEDS = 200


@cache
def _tools(name: str) -> GeneratedTools:
    return generate_tools(domain_image(name), read_schema(domain_image(name)))


def _plan(image: Image, generated: GeneratedTools, seed: int, title: str) -> TaskPlan:
    schema = read_schema(image)
    draws = Draws(seed, f"t{seed}")
    policy = write_policy(schema, generated, draws, title)
    return write_tasks(
        image, schema, generated, draws=draws, count=2, policy=policy, now=NOW
    )


@cache
def _plans(name: str) -> tuple[TaskPlan, ...]:
    title = DOMAINS[name].title
    return tuple(
        _plan(domain_image(name), _tools(name), seed, title) for seed in range(SEEDS)
    )


def _tasks(name: str) -> list[Task]:
    return [task for plan in _plans(name) for task, _ in plan.tasks]


def _calls(witness: Witness, tools: dict[str, ToolDefinition]) -> list[Call]:
    return [Call(tools[c.tool], c.arguments) for c in witness.solution]


@pytest.mark.parametrize("name", DOMAINS)
def test_witnesses_hold_on_a_fresh_copy(name: str) -> None:
    """Repeated on a new mount, each reference passes its checks, and doing nothing
    fails them.
    """
    tools = {tool.name: tool for tool in _tools(name).tools}
    for plan in _plans(name):
        assert len(plan.tasks) == 2
        env = SqlEnvironment.mount(domain_image(name), now=NOW, seed=99)
        for task, witness in plan.tasks:
            changes = execute(env, _calls(witness, tools))
            judgment, findings = judge(task, changes, ideal_answer(task), True)  # noqa: FBT003
            assert judgment == "valid", (task, findings)
            assert judge(task, [], ["Done."], True)[0] == "invalid"  # noqa: FBT003
            assert ": " in witness.nothing_fails
            assert ": " in witness.altered_fails
        env.dismount()


@pytest.mark.parametrize("name", DOMAINS)
def test_clauses_are_plain_english(name: str) -> None:
    """No snake case, None, midnight, stray quotes, double spaces or long literals."""
    for task in _tasks(name):
        assert 2 <= len(task.objectives) <= 5
        texts = [objective.text for objective in task.objectives]
        for text in (*texts, task.goal, *task.profile.known_info, task.profile.role):
            assert not re.search(r"\w_\w|None|00:00:00|  |\n|\bid\b", text), text
            assert text.count('"') % 2 == 0
        for text in texts:
            assert re.match(r"[a-z]+ ", text)
            assert not text.endswith(".")
            assert all(len(quote) <= 60 for quote in re.findall(r'"([^"]*)"', text))
        assert len(set(texts)) == len(texts)
        assert [o.number for o in task.objectives] == list(range(1, len(texts) + 1))


@pytest.mark.parametrize("name", DOMAINS)
def test_clauses_vary(name: str) -> None:
    """With literals taken out, there are hundreds of different clauses."""
    shapes = {
        re.sub(r'"[^"]*"|\d[\d.-]*', "X", objective.text)
        for task in _tasks(name)
        for objective in task.objectives
    }
    assert len(shapes) > 300
    goals = Counter(task.goal for task in _tasks(name))
    assert max(goals.values()) <= 3


@pytest.mark.parametrize("name", DOMAINS)
def test_all_sorts_of_tasks_occur_in_their_shares(name: str) -> None:
    """Refusals, questions back and missing details have about the shares intended."""
    tasks = _tasks(name)
    kinds = [{objective.kind for objective in task.objectives} for task in tasks]
    refusing = sum("refusal" in k for k in kinds) / len(tasks)
    writing = sum("write" in k for k in kinds) / len(tasks)
    checking = sum("check" in k for k in kinds) / len(tasks)
    known = [" ".join(task.profile.known_info) for task in tasks]
    ambiguous = sum("you mean" in k for k in known) / len(tasks)
    missing = sum(bool(re.search(r"The new .* is ", k)) for k in known) / len(tasks)
    assert 0.12 <= refusing <= 0.3
    assert 0.45 <= writing <= 0.8
    assert 0.2 <= checking <= 0.6
    assert 0.02 <= ambiguous <= 0.12
    assert 0.04 <= missing <= 0.16
    assert {task.difficulty for task in tasks} == {"easy", "medium", "hard"}


@pytest.mark.parametrize("name", DOMAINS)
def test_refusals_leave_the_state_and_are_told(name: str) -> None:
    """A refused objective has a refusal fact and no expected change."""
    for task in _tasks(name):
        for objective in task.objectives:
            if objective.kind != "refusal":
                continue
            facts = [f for f in task.checks.facts if f.objective == objective.number]
            assert [f.refusal for f in facts] == [True]
            changed = {c.objective for c in task.checks.changes}
            assert objective.number not in changed


@pytest.mark.parametrize("name", DOMAINS)
def test_policy_is_kept_by_the_reference(name: str) -> None:
    """No reference makes a forbidden change, and a wrong code changes nothing."""
    schema, title = read_schema(domain_image(name)), DOMAINS[name].title
    for seed, plan in enumerate(_plans(name)):
        policy = write_policy(schema, _tools(name), Draws(seed, f"t{seed}"), title)
        for task, witness in plan.tasks:
            for change in witness.net_change:
                for column in change.new or {"": None}:
                    assert not policy.forbids(change.op, change.table, column)
            codes = re.findall(r"desk code is (\d+)", " ".join(task.profile.known_info))
            assert bool(codes) == (policy.desk_code is not None)
            if codes and codes[0] != policy.desk_code:
                assert witness.net_change == ()


@pytest.mark.parametrize("name", DOMAINS)
def test_tasks_of_a_trajectory_write_different_rows(name: str) -> None:
    """No row is written by two tasks, totals that follow from others apart."""
    derived = {(d.table, d.column) for d in read_schema(domain_image(name)).derivations}
    for plan in _plans(name):
        written: list[str] = []
        for _, witness in plan.tasks:
            written += [
                f"{c.table} {dict(c.key)}"
                for c in witness.net_change
                if not all((c.table, column) in derived for column in c.new)
                or not c.new
            ]
        assert len(set(written)) == len(written)


@pytest.mark.parametrize("name", DOMAINS)
def test_names_are_unique_or_known_by_a_detail(name: str) -> None:
    """Where a search finds several rows of one name, the user knows which is meant."""
    tools = {tool.name: tool for tool in _tools(name).tools}
    for plan in _plans(name)[:60]:
        env = SqlEnvironment.mount(domain_image(name), now=NOW, seed=1)
        for task, witness in plan.tasks:
            known = " ".join(task.profile.known_info)
            for call in witness.solution:
                if not call.tool.startswith("search_"):
                    continue
                (text,) = call.arguments.values()
                named = f'"{text}"' in " ".join(o.text for o in task.objectives)
                found = env.execute(tools[call.tool], call.arguments, ordinal=0)
                if (
                    named
                    and found.content.count("{") > 2
                    and f'contains "{text}"' not in str(task.objectives)
                    and f'with "{text}" in' not in str(task.objectives)
                ):
                    assert f"{text} you mean" in known, (task, found.content)
            execute(env, _calls(witness, tools))
        env.dismount()


def test_the_same_draws_give_the_same_tasks_in_another_process() -> None:
    """Neither the process nor its hash seed shows."""
    code = (
        "from tests.environments.sql.tasks import test_writer as t\n"
        "from eventsim.core.values import digest_of\n"
        "print(t._digest())\n"
    )
    script = f"import sys; sys.path.insert(0, '.')\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONHASHSEED": "77"},
    )
    assert done.stdout.strip() == _digest(), done.stderr


def _digest() -> str:
    plans = [_plan(domain_image("clinic"), _tools("clinic"), n, "a") for n in range(6)]
    return digest_of(
        [[task.model_dump(mode="json") for task, _ in p.tasks] for p in plans]
    )


def _image(script: str) -> Image:
    con = apsw.Connection(":memory:")
    con.execute(script)
    return image_from_connection("weird", con)


WEIRD = """
CREATE TABLE "Größen & Maße" ("Schlüssel" TEXT PRIMARY KEY, "Höhe (cm)" REAL,
  "select" TEXT, "" TEXT) WITHOUT ROWID;
INSERT INTO "Größen & Maße" VALUES
  ('a "quoted"', 1.5, 'x', NULL), ('b', NULL, 'y', ''), ('c
d', 3.25, 'z', 'long ' || hex(zeroblob(60))), ('é', 4.0, 'x', 'ok');
CREATE TABLE "order" (id INTEGER PRIMARY KEY, "group" TEXT, note TEXT, parent INTEGER
  REFERENCES "order"(id));
INSERT INTO "order" VALUES (1, 'first', 'None', NULL), (2, 'second', NULL, 1),
  (3, 'third', ' padded ', 2), (4, 'fourth', 'plain', 2);
CREATE TABLE t1 (a, b, PRIMARY KEY (a, b));
INSERT INTO t1 VALUES (1, 2), (NULL, 2), (3, NULL);
CREATE TABLE empty_one (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE no_key (x TEXT, y BLOB);
INSERT INTO no_key VALUES ('q', x'00ff');
CREATE VIEW v AS SELECT id, "group" FROM "order";
"""


def test_a_weird_schema_gives_tasks_in_plain_words() -> None:
    """Quoted, reserved and foreign names, NULL keys, BLOBs and views do no harm."""
    image = _image(WEIRD)
    generated = generate_tools(image, read_schema(image))
    for seed in range(40):
        plan = _plan(image, generated, seed, "the office")
        for task, _ in plan.tasks:
            for objective in task.objectives:
                text = objective.text
                assert not re.search(r"\w_\w|\bNone\b|\n|  ", text), text
                assert text.count('"') % 2 == 0


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE t (x BLOB); INSERT INTO t VALUES (x'00')",
    ],
)
def test_where_no_task_can_be_written_one_line_says_so(script: str) -> None:
    """Databases without anything to ask about are bad input."""
    image = _image(script)
    generated = generate_tools(image, read_schema(image))
    policy = Policy("1. Be brief.")
    with pytest.raises(BadInput, match="no task could be written") as caught:
        write_tasks(
            image,
            read_schema(image),
            generated,
            draws=Draws(1, "a"),
            count=2,
            policy=policy,
            now=NOW,
        )
    assert "\n" not in str(caught.value)
