"""Stages over a real database, played by hand: a workbench on a small league."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import apsw

from eventsim.config import RunConfig
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.events import Source
from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.sql.image import Image, image_from_connection
from eventsim.environments.sql.view import data_view, schema_text
from eventsim.environments.sql.workbench import SqlWorkbench
from eventsim.pipelines.stage import Input
from eventsim.prompts.render import installed
from tests.pipelines.stages.staging import Story

LEAGUE = """
CREATE TABLE club (
  club_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT NOT NULL);
CREATE TABLE player (
  player_id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  club_id INTEGER NOT NULL REFERENCES club (club_id),
  position TEXT NOT NULL CHECK (position IN ('goal', 'defence', 'attack')),
  phone TEXT);
INSERT INTO club VALUES (1, 'Harbour Rovers', 'Leeds'), (2, 'Northgate', 'Porto'),
  (3, 'Elm Park', 'Graz');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
INSERT INTO player SELECT i, 'Player ' || char(64 + i), i % 3 + 1,
  CASE i % 3 WHEN 0 THEN 'goal' WHEN 1 THEN 'defence' ELSE 'attack' END,
  '555 01' || (10 + i) FROM n;
"""
NOW = "2026-03-02T09:30:00Z"


@cache
def league() -> Image:
    """Three clubs and thirty players."""
    con = apsw.Connection(":memory:")
    con.execute(LEAGUE)
    image = image_from_connection("league", con)
    con.close()
    return image


def tool(called: str, sql: str, /, **kinds: str) -> ToolDefinition:
    """A tool with a statement as it was proposed; all arguments are required."""
    properties = {n: {"type": k, "description": n} for n, k in kinds.items()}
    return ToolDefinition(
        name=called,
        description="Do it.",
        parameters={
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
        returns={},
        statement=SqlStatement(sql=sql, effect="read", table="", returns="rows"),
    )


@cache
def tools() -> tuple[ToolDefinition, ...]:
    """A search, a look-up and a change, as a workbench found them."""
    proposed = (
        tool(
            "search_players",
            "SELECT player_id, name FROM player WHERE name LIKE '%' || :name || '%'"
            " ORDER BY name",
            name="string",
        ),
        tool(
            "get_player",
            "SELECT player_id, name, position, phone FROM player"
            " WHERE player_id = :player_id",
            player_id="integer",
        ),
        tool(
            "update_player",
            "UPDATE player SET phone = :phone WHERE player_id = :player_id",
            player_id="integer",
            phone="string",
        ),
    )
    bench = SqlWorkbench(league(), now=NOW)
    found = [bench.try_tool(each) for each in proposed]
    bench.close()
    assert all(isinstance(each, ToolDefinition) for each in found), found
    return tuple(each for each in found if isinstance(each, ToolDefinition))


def given(
    *, with_tools: bool = True, count: int = 1, lineage: str = "a", **config: Any
) -> Input:
    """What a stage over the league looks at."""
    draws = Draws(1, lineage)
    return Input(
        config=RunConfig(seed=1, count=1, **config),
        prompts=installed(),
        profiles={},
        source=Source(name="league", title="the league", about="It has clubs."),
        draws=draws,
        tools=tools() if with_tools else (),
        count=count,
        now=NOW,
        schema_text=schema_text(league()),
        data_view=data_view(league(), draws),
    )


@dataclass
class BenchStory(Story):
    """A stream whose stage tries things on the league."""

    bench: SqlWorkbench | None = None

    def answer(self, value: Any) -> str:
        """Give an answer; the reason if it was rejected."""
        asked = self.ask()
        assert asked is not None
        self.asked.append(asked)
        role, name = self.stage.role, self.stage.name
        reason = self.stage.check(value, self.state, self.input)
        if not reason:
            raw = json.dumps(value)
            self.put(e.ModelAnswered(role=role, stage=name, text=raw))
            self.put(*self.stage.derive(value, self.state, self.input, self.bench))
        return reason


@contextmanager
def opened(stage: Any, **fields: Any) -> Iterator[BenchStory]:
    """A story of a stage over the league, its workbench closed at the end."""
    bench = SqlWorkbench(league(), now=NOW)
    try:
        yield BenchStory(stage, given(**fields), bench=bench)
    finally:
        bench.close()
