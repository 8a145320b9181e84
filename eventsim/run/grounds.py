"""What an estimate stands on: each source in words, and tools as it may have them.

Nothing is prepared for it: tools that models would make are stood in for by those that
rules make of a database, or by the seed tools.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.draws import Draws
from eventsim.core.events import Source, ToolDefined
from eventsim.core.tools import ToolDefinition
from eventsim.environments.seeds.registry import SEED_DOMAINS, seed_domain
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.toolgen import generate_tools
from eventsim.environments.sql.view import data_view, schema_text
from eventsim.pipelines.stages.specification import read_proposals
from eventsim.run.estimate import TOOLS_OF_A_DATABASE, TOOLS_OF_A_QUESTION, Ground
from eventsim.run.prepare import Seedbed

__all__ = ["grounds_of"]


def grounds_of(beds: Sequence[Seedbed]) -> list[Ground]:
    """One for each source, in their order; databases are read, nothing is written."""
    return [_ground(bed) for bed in beds]


def _ground(bed: Seedbed) -> Ground:
    if bed.image is None:
        source = Source(
            name=bed.name,
            title=bed.title,
            about=bed.about,
            environments=bed.environments,
        )
        examples = bed.tools or seed_domain(SEED_DOMAINS[0]).tools
        defined = read_proposals(examples, ())
        tools = [each.tool for each in defined if isinstance(each, ToolDefined)]
        return Ground(source, bed.tools, tuple(tools[:TOOLS_OF_A_QUESTION]))
    source = Source(name=bed.image.name, title=bed.title, about=bed.about)
    generated = generate_tools(bed.image, read_schema(bed.image)).tools
    draws = Draws(0, "plan")  # the same plan each time, also where no seed is given
    offered: list[ToolDefinition] = list(generated)
    draws.generator("toolset").shuffle(offered)
    return Ground(
        source,
        (),
        tuple(offered[:TOOLS_OF_A_DATABASE]),
        schema_text=schema_text(bed.image),
        data_view=data_view(bed.image, draws),
    )
