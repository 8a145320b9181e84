"""A fork in the middle of a dialogue with LangGraph and its SQLite checkpointer.

    PYTHON tools/peers/checkpointed.py MESSAGES DIRECTORY

MESSAGES is a file of chat messages, a JSON object a line. A fork updates the state at
an earlier checkpoint, which holds them all, with one message more: LangGraph writes a
checkpoint beside it. Prints seconds and bytes of one as a line of JSON.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph

_FORKS = 20


def _message(told: dict) -> HumanMessage | AIMessage | ToolMessage:
    if told["role"] == "user":
        return HumanMessage(told["content"])
    if told["role"] == "tool":
        return ToolMessage(told["content"], tool_call_id=told["tool_call_id"])
    calls = [
        {"id": call["id"], "name": call["name"], "args": call["arguments"]}
        for call in told.get("tool_calls", ())
    ]
    return AIMessage(told["content"], tool_calls=calls)


def _graph(saver: SqliteSaver):
    graph = StateGraph(MessagesState)
    graph.add_node("talk", lambda _: {"messages": []})
    graph.add_edge(START, "talk")
    graph.add_edge("talk", END)
    return graph.compile(checkpointer=saver)


def main() -> None:
    """Put the dialogue, then fork it."""
    lines = Path(sys.argv[1]).read_text().splitlines()
    messages = [_message(json.loads(line)) for line in lines]
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as place:
        file = Path(place) / "checkpoints.sqlite"
        with sqlite3.connect(file, check_same_thread=False) as connection:
            graph = _graph(SqliteSaver(connection))
            thread = {"configurable": {"thread_id": "parent"}}
            at = graph.update_state(thread, {"messages": messages}, as_node="talk")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            before = file.stat().st_size
            begun = time.perf_counter()
            for number in range(_FORKS):
                said = {"messages": [HumanMessage(f"no, the other one {number}")]}
                graph.update_state(at, said, as_node="talk")
            taken = (time.perf_counter() - begun) / _FORKS
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = (file.stat().st_size - before) / _FORKS
        print(json.dumps({"seconds": taken, "bytes": size}))


main()
