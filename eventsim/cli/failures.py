"""Every failure as one line and an exit code.

Errors of eventsim already speak in one line; what the operating system raises is put
into words here. Anything else is a bug of ours: it is named as one, and
EVENTSIM_TRACEBACK=1 shows where.
"""

from __future__ import annotations

import errno
import os

from eventsim.errors import EventsimError, UsageError

__all__ = ["GO_ON", "INTERRUPTED", "RESUMABLE", "explain"]

INTERRUPTED = "interrupted"
GO_ON = "interrupted; what is recorded stays. Go on with:"
RESUMABLE = f"{GO_ON} eventsim resume"

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file may not grow any further",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EMFILE: "too many open files",
    errno.EISDIR: "it is a directory",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.ENOENT: "there is no such file or directory",
    errno.EIO: "the disk reports an input/output error",
}


def explain(error: BaseException) -> tuple[str, int]:
    """The line for stderr, and the exit code."""
    cause = _root(error)
    if isinstance(cause, KeyboardInterrupt):
        return INTERRUPTED, 130
    if isinstance(cause, BrokenPipeError | SystemExit):
        return "", 1  # rich leaves with SystemExit when nobody reads any more
    if isinstance(cause, EventsimError):
        return _one_line(str(cause)), 2 if isinstance(cause, UsageError) else 1
    if isinstance(cause, OSError):
        return _system(cause), 1
    if isinstance(cause, MemoryError):
        return "out of memory; try a smaller --concurrency", 1
    if os.environ.get("EVENTSIM_TRACEBACK"):
        raise cause
    bug = f"{type(cause).__name__}: {_one_line(str(cause))}"
    return f"internal error: {bug} (EVENTSIM_TRACEBACK=1 shows where)", 1


def _root(error: BaseException) -> BaseException:
    """The first error of a group: tasks that ran beside it were only cancelled."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _system(error: OSError) -> str:
    said = _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
    return f"{error.filename}: {said}" if error.filename else said


def _one_line(text: str) -> str:
    return " ".join(text.split())
