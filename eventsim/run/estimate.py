"""How many calls and tokens a configuration will take, and what that costs. Pure.

The calls follow from the structure of the pipeline: so many preparations, each with its
stages, and so many tasks, each with its messages. The prompts are rendered and
measured; what models will write is assumed, in the numbers below. Those were measured
on runs of the rule-based provider; models differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eventsim.config import Role, RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import Source
from eventsim.core.preparation import Preparation
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode
from eventsim.pipelines.pipeline import Pipeline
from eventsim.pipelines.registry import pipeline
from eventsim.pipelines.stage import Input
from eventsim.pipelines.stages.registry import STAGES
from eventsim.pipelines.stages.sql_tools import ROUNDS
from eventsim.prompts.render import render
from eventsim.run.expected import Calls, Estimate, Pricing, priced

__all__ = [
    "TOOLS_OF_A_DATABASE",
    "TOOLS_OF_A_QUESTION",
    "Ground",
    "estimate",
]

TOOLS_OF_A_QUESTION = 6
"""Those that answer it, and those that the expansion adds."""

TOOLS_OF_A_DATABASE = 40
"""Those that are offered: the most that a trajectory gets."""

_LETTERS_A_TOKEN = 4
_OBJECTIVES = {"easy": 2.0, "medium": 3.0, "hard": 4.0, "mixed": 3.0}
_MESSAGES_BESIDE = 1.5  # feedback, an answer to a question, the last word
_ROUNDS_AN_OBJECTIVE = 1.1
_ROUNDS_A_QUESTION = 2.0  # in the task-oriented pipeline; PAPER.md: turns and steps
_CALLS_A_ROUND = 1.05

# Tokens of what is written; a message's include what the protocol puts around it.
_MESSAGE, _REPLY, _CALL, _RESULT = 30, 30, 30, 55
_VERDICT = 200
_TASK = 150  # goal, objectives and profile, as user and judge are shown them
_CALLED_TOOL = 250  # arguments and schemas, as a model that plays the tool is shown
_POLICY = 110
_WRITTEN = {
    "tool_specifications": 370,
    "expansion": 240,
    "output_schemas": 90,
    "sql_tools": 3_000,
    "policy": _POLICY,
    "rubric_tasks": 270,
    "descriptive_tasks": 380,
}
_A_QUESTION = 37
_NOW = "2026-01-05T09:00:00Z"
_QUESTION = "Where is my order from last week, and can it still be changed? " * 2


@dataclass(frozen=True, slots=True)
class Ground:
    """A source as the stages are told of it; `tools` are like those it will have."""

    source: Source
    seed_tools: tuple[Mapping[str, object], ...]
    tools: tuple[ToolDefinition, ...]
    schema_text: str = ""
    data_view: str = ""


def estimate(
    config: RunConfig,
    prompts: Mapping[str, str],
    grounds: Sequence[Ground],
    toolsets: int,
    taken: frozenset[str],
    price: Pricing,
) -> Estimate:
    """What a run will take that prepares `toolsets` and takes the preparations `taken`
    (questions, tools, tasks) from elsewhere.
    """
    work = _Work(config, prompts, grounds, toolsets)
    found = [*work.preparation(taken), *work.dialogues()]
    return Estimate(priced(found, config, price), work.assumed())


class _Work:
    def __init__(
        self,
        config: RunConfig,
        prompts: Mapping[str, str],
        grounds: Sequence[Ground],
        toolsets: int,
    ) -> None:
        self._config, self._prompts, self._toolsets = config, prompts, toolsets
        self._grounds = list(grounds)
        self._pipeline: Pipeline = pipeline(config.pipeline)
        self._objectives = _OBJECTIVES[config.difficulty]
        simulated = self._pipeline.simulates_user
        self._messages = self._objectives + _MESSAGES_BESIDE if simulated else 1.0
        self._replies = self._messages - 1 if simulated else 1.0
        rounds = (
            self._objectives * _ROUNDS_AN_OBJECTIVE if simulated else _ROUNDS_A_QUESTION
        )
        self._rounds = min(rounds, config.limits.max_steps * max(self._replies, 1))
        turns = (
            self._messages + self._replies + self._rounds * (1 + 2 * _CALLS_A_ROUND)
        ) * config.tasks
        self._share = min(1.0, config.limits.max_turns / turns)

    # --- preparation ----------------------------------------------------------------

    def preparation(self, taken: frozenset[str]) -> list[Calls]:
        """The calls of the stages that have to be asked."""
        config, chosen = self._config, self._pipeline
        tools_by_rule = chosen.executes and config.tools_by == "rules"
        found: list[Calls] = []
        if "tasks" in taken:
            return found
        asks_tools = "tools" not in taken and not tools_by_rule
        if asks_tools and "questions" not in taken:
            streams = min(self._toolsets, len(self._grounds))
            found += [self._stage(s, streams) for s in chosen.question_stages]
        if asks_tools:
            found += [self._stage(s, self._toolsets) for s in chosen.tool_stages]
        if not (chosen.executes and config.tasks_by == "rules"):
            found += [self._stage(s, config.count) for s in chosen.task_stages]
        return found

    def _stage(self, name: str, streams: int) -> Calls:
        config, stage = self._config, STAGES[name]
        each = {
            "output_schemas": TOOLS_OF_A_QUESTION,
            "sql_tools": len(ROUNDS),
            "rubric_tasks": config.tasks,
            "descriptive_tasks": config.tasks,
        }.get(name, 1)
        written = (
            config.questions * _A_QUESTION if name == "questions" else _WRITTEN[name]
        )
        sizes = [self._asked(name, ground) for ground in self._grounds]
        first = sum(size for size, _ in sizes) / len(sizes)
        system = sum(size for _, size in sizes) / len(sizes)
        growth = written + _REPLY if name == "output_schemas" else 0
        calls = streams * each
        again = streams * (each - 1)
        return Calls(
            role=stage.role,
            stage=name,
            calls=calls,
            input=calls * first + again * growth * each / 2,
            repeated=again * system + again * growth * each / 2,
            output=calls * written,
        )

    def _asked(self, name: str, ground: Ground) -> tuple[float, float]:
        """Tokens of the stage's first request, and those of its system prompt."""
        begins = name in {"questions", "tool_specifications", "sql_tools"}
        state = Preparation(
            tools=() if begins else ground.tools,
            policy="" if name == "policy" else _filler(_POLICY),
        )
        given = Input(
            config=self._config,
            prompts=self._prompts,
            profiles={},
            source=ground.source,
            draws=Draws(0, "plan"),
            seed_tools=ground.seed_tools,
            question=_QUESTION,
            tools=ground.tools,
            count=self._config.tasks,
            now=_NOW,
            schema_text=ground.schema_text,
            data_view=ground.data_view,
        )
        asked = STAGES[name].ask(state, given)
        if asked is None:
            return 0.0, 0.0
        said = sum(len(text) for _, text in asked.turns)
        return _tokens(len(asked.system) + said), _tokens(len(asked.system))

    # --- dialogues ------------------------------------------------------------------

    def dialogues(self) -> list[Calls]:
        """The calls of the roles that talk, play tools and judge."""
        found = [self._user()] if self._pipeline.simulates_user else []
        found.append(self._assistant())
        if not self._pipeline.executes:
            found += [self._tool(), self._judge()]
        return found

    @property
    def _grown(self) -> float:
        """Tokens that a task adds to the conversation, tool results among them."""
        calls = self._rounds * _CALLS_A_ROUND
        return self._spoken + calls * (_CALL + _RESULT)

    @property
    def _spoken(self) -> float:
        return self._messages * _MESSAGE + self._replies * _REPLY

    def _user(self) -> Calls:
        config = self._config
        system = self._template("user") + _TASK
        last = self._template("user_message")
        seen = self._grown if config.user_sees_tool_results else self._spoken
        return self._talk("user", self._messages, system, last, seen, _MESSAGE, 1)

    def _assistant(self) -> Calls:
        system = self._mean(
            lambda ground: (
                len(
                    render(
                        self._prompts["assistant"],
                        title=ground.source.title,
                        about=ground.source.about,
                        policy=_filler(_POLICY),
                        now=_NOW,
                    )
                )
                + sum(len(encode(tool.as_function())) for tool in ground.tools)
            )
        )
        calls = self._rounds + self._replies
        made = self._rounds * _CALLS_A_ROUND * _CALL + self._replies * _REPLY
        wrote = made / calls
        return self._talk("assistant", calls, system, 0, self._grown, wrote, 0)

    def _tool(self) -> Calls:
        system = self._mean(
            lambda ground: len(
                render(
                    self._prompts["tool"],
                    title=ground.source.title,
                    about=ground.source.about,
                    now=_NOW,
                )
            )
        )
        last = self._template("tool_call") + _CALLED_TOOL
        calls = self._rounds * _CALLS_A_ROUND
        return self._talk("tool", calls, system, last, self._grown, _RESULT, 0)

    def _judge(self) -> Calls:
        system = self._mean(
            lambda ground: len(
                render(
                    self._prompts["judge"],
                    title=ground.source.title,
                    about=ground.source.about,
                    policy=_filler(_POLICY),
                    tools=[f"{t.name}: {t.description}" for t in ground.tools],
                    now=_NOW,
                )
            )
        )
        last = self._template("judge_task") + _TASK + self._grown / 2
        return self._talk("judge", 1, system, last, self._grown, _VERDICT, 0)

    def _talk(
        self,
        role: Role,
        calls_a_task: float,
        system: float,
        last: float,
        grown: float,
        written: float,
        system_changes: int,
    ) -> Calls:
        """Calls spread evenly over a conversation that grows by `grown` a task; each
        repeats all that the one before it showed, but for the `last` words.
        """
        config = self._config
        number = calls_a_task * config.tasks * self._share
        whole = grown * config.tasks * self._share
        taken = number * (system + last) + whole * (number - 1) / 2
        fresh = system + whole + number * last
        if system_changes:
            fresh += (config.tasks - 1) * (system + whole / 2)
        return Calls(
            role=role,
            stage="",
            calls=number * config.count,
            input=taken * config.count,
            repeated=max(0.0, taken - fresh) * config.count,
            output=number * written * config.count,
        )

    def _template(self, name: str) -> float:
        return _tokens(len(self._prompts[name]))

    def _mean(self, letters: Callable[[Ground], int]) -> float:
        return _tokens(sum(map(letters, self._grounds))) / len(self._grounds)

    # --- words ----------------------------------------------------------------------

    def assumed(self) -> tuple[str, ...]:
        """What the numbers rest on, a sentence each without its full stop."""
        said = [
            "each answer can be used at once: nothing fails, is rejected or retried",
            f"{_LETTERS_A_TOKEN} letters a token in prompts, which were measured; "
            "short answers without reasoning, which can be several times as long",
        ]
        if self._pipeline.simulates_user:
            said.append(
                f"{self._objectives:g} objectives a task, {self._messages:g} user "
                f"messages and {self._rounds:.1f} rounds of tool calls"
            )
        else:
            said.append(f"{self._rounds:g} rounds of tool calls a question")
        if self._share < 1:
            said.append(f"limits.max_turns ends each trajectory ({self._share:.0%})")
        if any(ground.source.environments for ground in self._grounds):
            said.append(
                f"external environments were not started; {TOOLS_OF_A_QUESTION} tools "
                "of the usual size stand for those of one alone"
            )
        if self._config.stages:
            names = ", ".join(self._config.stages)
            said.append(f"stages of your own ({names}) ask as those of eventsim do")
        return tuple(said)


def _tokens(letters: float) -> float:
    return letters / _LETTERS_A_TOKEN


def _filler(tokens: int) -> str:
    return "word " * (tokens * _LETTERS_A_TOKEN // 5)
