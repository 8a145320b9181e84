"""Who answers by rule, by the name in the first heading of a request's system prompt:
`# Your part: questions`. A new part is its function and one line here.

Each function takes a request and gives the message of the answer, from the request's
text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventsim.providers.rule_based.designing.expansion import write_expansion
from eventsim.providers.rule_based.designing.outputs import write_output
from eventsim.providers.rule_based.designing.questions import write_questions
from eventsim.providers.rule_based.designing.specifications import (
    write_specifications,
)
from eventsim.providers.rule_based.judge.judging import judge
from eventsim.providers.rule_based.tool.play import play_tool
from eventsim.providers.rule_based.user.speak import speak
from eventsim.providers.rule_based.writing_tasks.inferred import infer_task
from eventsim.providers.rule_based.writing_tasks.policy import write_policy
from eventsim.providers.rule_based.writing_tasks.rubrics import (
    write_rubric_task,
)
from eventsim.providers.rule_based.writing_tasks.solver import solve_task
from eventsim.providers.rule_based.writing_tasks.sql_tools import (
    write_sql_tools,
)
from eventsim.providers.rule_based.writing_tasks.tasks import write_task

__all__ = ["PARTS"]

PARTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "descriptive_tasks": write_task,
    "expansion": write_expansion,
    "inferred_task": infer_task,
    "judge": judge,
    "output_schemas": write_output,
    "policy": write_policy,
    "questions": write_questions,
    "rubric_tasks": write_rubric_task,
    "sql_tools": write_sql_tools,
    "task_solver": solve_task,
    "tool": play_tool,
    "tool_specifications": write_specifications,
    "user": speak,
}
