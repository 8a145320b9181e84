"""A fork at the end of a dialogue with LangGraph's SQLite checkpointer.

    PYTHON tools/peers/checkpointed.py MESSAGES DIRECTORY

MESSAGES is a file of chat messages, a JSON object a line. A fork puts a checkpoint with
all of them under another thread. Prints seconds and bytes of one as a line of JSON.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.sqlite import SqliteSaver

_FORKS = 20


def main() -> None:
    """Put the dialogue, then fork it."""
    lines = Path(sys.argv[1]).read_text().splitlines()
    messages = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as place:
        file = Path(place) / "checkpoints.sqlite"
        with sqlite3.connect(file, check_same_thread=False) as connection:
            saver = SqliteSaver(connection)
            saver.setup()

            def put(thread: str) -> None:
                checkpoint = empty_checkpoint()
                checkpoint["channel_values"] = {"messages": messages}
                checkpoint["channel_versions"] = {"messages": "1"}
                config = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
                saver.put(config, checkpoint, {"source": "fork"}, {"messages": "1"})
                connection.commit()

            put("parent")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            before = file.stat().st_size
            begun = time.perf_counter()
            for number in range(_FORKS):
                put(f"fork-{number}")
            taken = (time.perf_counter() - begun) / _FORKS
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = (file.stat().st_size - before) / _FORKS
        print(json.dumps({"seconds": taken, "bytes": size}))


main()
