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

__all__ = ["PARTS"]

PARTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "expansion": write_expansion,
    "output_schemas": write_output,
    "questions": write_questions,
    "tool_specifications": write_specifications,
}
