"""Every stage by name: a new stage is its file and one line here.

A configuration replaces one by `package.module:name`, or by the name of a plug-in.
"""

from __future__ import annotations

from eventsim.pipelines.stage import Stage

__all__ = ["STAGES"]

STAGES: dict[str, Stage] = {}
