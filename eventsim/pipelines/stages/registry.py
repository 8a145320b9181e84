"""Every stage by name: a new stage is its file and one line here.

A configuration replaces one by `package.module:name`, or by the name of a plug-in.
"""

from __future__ import annotations

from eventsim.pipelines.stage import Stage
from eventsim.pipelines.stages.descriptive_tasks import DescriptiveTasks
from eventsim.pipelines.stages.expansion import Expansion
from eventsim.pipelines.stages.inferred_task import InferredTask
from eventsim.pipelines.stages.output_schemas import OutputSchemas
from eventsim.pipelines.stages.policy import PolicyStage
from eventsim.pipelines.stages.questions import Questions
from eventsim.pipelines.stages.rubric_tasks import RubricTasks
from eventsim.pipelines.stages.sql_tools import SqlTools
from eventsim.pipelines.stages.tool_specifications import ToolSpecifications

__all__ = ["STAGES"]

STAGES: dict[str, Stage] = {
    "questions": Questions(),
    "tool_specifications": ToolSpecifications(),
    "expansion": Expansion(),
    "output_schemas": OutputSchemas(),
    "sql_tools": SqlTools(),
    "policy": PolicyStage(),
    "rubric_tasks": RubricTasks(),
    "descriptive_tasks": DescriptiveTasks(),
    "inferred_task": InferredTask(),
}
