"""The commands, in the groups that `eventsim --help` shows them in.

A new command is its module in `eventsim/cli/commands`, with a `command`, and one line
here. Modules are imported when their command is used, so this page must not import
them.
"""

from __future__ import annotations

__all__ = ["GROUPS", "LOG_GROUPS", "Groups"]

Groups = dict[str, dict[str, tuple[str, str]]]
"""Group -> command -> (module, one line of help)."""

GROUPS: Groups = {
    "Generate": {
        "init": ("init", "Write a configuration file to begin from."),
        "plan": ("plan", "Show what a run would do, take and cost; call nothing."),
        "run": ("run", "Generate trajectories, by rule or with models."),
        "import": ("import_", "Take in dialogues and tasks of other formats."),
        "fork": ("fork", "Continue a trajectory differently, from any position."),
        "branch": ("branch", "Grow a tree of siblings from many positions."),
        "resume": ("resume", "Go on with what has not ended."),
    },
    "Look": {
        "ls": ("ls", "List trajectories."),
        "show": ("show", "Read a trajectory: transcript, events, state, requests."),
        "diff": ("diff", "Compare two trajectories from where they part."),
        "note": ("note", "Put a remark or labels on a position."),
        "stats": ("stats", "Steps, turns and tasks; how many are valid, and why not."),
    },
    "Prove": {
        "replay": ("replay", "Recompute every decision and compare with the record."),
        "audit": ("audit", "Trace one message back to its request and its causes."),
        "verify": ("verify", "Check every byte of the store."),
        "log": ("log", "Keep the store: check-points, backup, sealing and more."),
    },
    "Take out": {
        "export": ("export", "Write training rows, or a trajectory as one file."),
    },
    "Prepare": {
        "tools": ("tools", "Show the tools that a database gives."),
        "domains": ("domains", "List the built-in databases."),
        "serve": ("serve", "Answer model calls by rule, as a local endpoint."),
        "completion": ("completion", "Print the set-up of shell completion."),
    },
}
LOG_GROUPS: Groups = {
    "Look": {
        "follow": ("log_follow", "Print records as they are written."),
    },
    "Keep": {
        "backup": ("log_backup", "Copy the store, also while it is written."),
        "seal": ("log_seal", "Compress what is complete."),
        "redact": ("log_redact", "Take the payload of an event out of the log."),
        "prune": ("log_prune", "Delete whole trajectories; collect blobs."),
    },
    "Prove": {
        "keygen": ("log_keygen", "Make a key to sign check-points with."),
        "checkpoint": ("log_checkpoint", "Sign what the log holds now."),
        "torture": ("log_torture", "Break a log on this disk; count what it lost."),
    },
}
