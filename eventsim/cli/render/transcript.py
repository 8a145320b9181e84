"""The transcript: what was said and done, as a person reads it.

Positions stand in the margin, because `T@n` is where one forks, audits and diffs.
Nothing is computed here but line breaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import clip, counted
from eventsim.cli.render.words import (
    call_in_words,
    failures_of,
    note_in_words,
    outcome,
    result_in_words,
    visible,
)
from eventsim.core import events as e
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue

__all__ = ["Transcript"]

_MEASURE = 100
_STYLES = {"User": "bold cyan", "Assistant": "bold green", "Person": "bold magenta"}


class Transcript:
    """Prints one path; `forks` are labels by the position after which they leave,
    `notes` what people said of a position.
    """

    def __init__(
        self,
        console: Console,
        materials: Materials,
        *,
        last: int,
        forks: Mapping[int, Sequence[str]] | None = None,
        notes: Mapping[int, Sequence[e.NoteAdded]] | None = None,
    ) -> None:
        self._console = console
        self._materials = materials
        self._margin = max(len(str(last)), 2) + 2
        self._width = min(console.width, _MEASURE)
        self._forks = forks or {}
        self._notes = notes or {}
        self._replies: list[tuple[e.ToolCall, ...]] = []
        self._spaced = False

    def heading(
        self,
        state: Dialogue,
        *,
        position: int | None = None,
        origin: str = "",
        redacted: int | None = None,
    ) -> None:
        """Who talks about what, and what came of it; `origin` is what it forks. The
        state is that before it was `redacted`.
        """
        console, materials = self._console, self._materials
        label = state.label if position is None else f"{state.label}@{position}"
        console.print(Text.assemble((label, "bold"), f"  {materials.source.title}"))
        facts = [f"fork of {origin}"] if origin else []
        if isinstance(state.root, e.TrajectoryImported):
            facts.append(f"imported, row {state.root.row}")
        facts.append(counted(len(materials.tasks), "task"))
        facts += [counted(state.turns, "turn")] if redacted is None else []
        facts.append(f"seed {state.seed}")
        if state.persona is not None:
            facts.append(f"user is {state.persona.name.replace('_', ' ')}")
        gone = f"redacted at {redacted}"
        facts.append(_status(state) if redacted is None else gone)
        console.print(" · ".join(facts), style="dim", soft_wrap=True)

    def events(self, events: Sequence[e.Event], start: int = 0) -> None:
        """Print events of a path from `start` on; earlier ones are only looked at."""
        for position, event in enumerate(events):
            asked = e.asked_calls(event)
            if asked is not None:
                self._replies.append(asked)
            if position >= start:
                self._event(position, event)
                for note in self._notes.get(position, ()):
                    self._mark(position, note_in_words(note), "magenta")
                leaving = self._forks.get(position, ())
                if leaving:
                    verb = "leaves" if len(leaving) == 1 else "leave"
                    text = f"├─ {', '.join(leaving)} {verb} here"
                    self._mark(position, text, "yellow")

    def _event(self, position: int, event: e.Event) -> None:
        match event:
            case e.TaskAssigned():
                self._task(event)
            case e.VerdictGiven():
                self._verdict(position, event)
            case e.UserMessaged():
                self._space()
                typed = event.given and event.by not in ("import", "copy")
                self._reply(position, "Person" if typed else "User", event)
            case e.AssistantReplied():
                typed = event.by in ("person", "edit")
                self._reply(position, "Person" if typed else "Assistant", event)
            case e.ToolReturned():
                style = "red" if event.is_error else "dim"
                self._one_line(position, "← ", self._result(event), style)
            case e.ModelFailed():
                self._mark(
                    position, f"no answer: {event.reason}, {event.detail}", "red"
                )
            case e.ModelRejected():
                self._mark(position, f"answer rejected: {event.reason}", "red")
            case e.ModelAbandoned() | e.ToolAbandoned():
                self._mark(position, "interrupted here, and asked again", "yellow")
            case e.Withheld() if event.kind != "model.called":
                self._mark(position, f"{event.kind} was redacted", "yellow")
            case e.TrajectoryForked():
                text = f"{event.label} begins here, seed {event.seed}"
                self._mark(position, f"└─ {text}", "yellow")
            case e.TrajectoryEnded():
                if event.reason != "completed":
                    words = event.reason.replace("_", " ")
                    self._mark(position, f"ended: {words}, {event.detail}", "red")

    def _reply(
        self, position: int, speaker: str, event: e.UserMessaged | e.AssistantReplied
    ) -> None:
        """Words, and calls; of calls of the user's own tools it is said whose."""
        if event.text:
            self._say(position, speaker, event.text)
        own = f"{speaker} " if isinstance(event, e.UserMessaged) else ""
        for call in event.calls:
            self._one_line(position, f"{own}→ ", call_in_words(call), "blue")

    def _task(self, event: e.TaskAssigned) -> None:
        title = f"── Task {event.number}: {visible(event.title)} "
        self._space()
        rule = clip(title, self._width - 1) + " "
        self._print(Text(rule.ljust(self._width, "─"), style="bold"))
        for objective in self._materials.tasks[event.number - 1].objectives:
            text = f"{objective.number}. {visible(objective.text)}"
            self._block(Text(" " * self._margin), Text(text), "dim")
        self._space()

    def _verdict(self, position: int, event: e.VerdictGiven) -> None:
        valid = event.judgment == "valid"
        sign, style = ("✓", "green") if valid else ("✗", "red")
        self._mark(position, f"{sign} task {event.task} {event.judgment}", style)
        for detail in failures_of(event):
            self._block(Text(" " * (self._margin + 2)), Text(detail), style)

    def _result(self, event: e.ToolReturned) -> str:
        words = result_in_words(event.content)
        calls = self._replies[event.reply] if event.reply < len(self._replies) else ()
        if len(calls) > 1 and event.index < len(calls):
            return f"{calls[event.index].name}: {words}"
        return words

    def _say(self, position: int, speaker: str, text: str) -> None:
        lead = self._number(position)
        lead += Text(f"{speaker:<11}", style=_STYLES[speaker])
        self._block(lead, Text(visible(text)), "")

    def _one_line(self, position: int, sign: str, text: str, style: str) -> None:
        lead = self._number(position) + Text(" " * 11 + sign, style=style)
        room = max(self._width - lead.cell_len, 20)
        self._print(lead + Text(clip(text, room), style=style))

    def _mark(self, position: int, text: str, style: str) -> None:
        self._block(self._number(position), Text(visible(text)), style)

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
        self._spaced = False

    def _space(self) -> None:
        """An empty line, unless there is one already."""
        if not self._spaced:
            self._console.print()
        self._spaced = True

    def _number(self, position: int) -> Text:
        return Text.assemble((f"{position:>{self._margin - 2}}  ", "dim"))

    def _block(self, lead: Text, text: Text, style: str) -> None:
        """Text with a hanging indent as wide as what leads it."""
        room = max(self._width - lead.cell_len, 20)
        indent = Text(" " * lead.cell_len)
        for number, line in enumerate(text.wrap(self._console, room)):
            line.rstrip()
            line.stylize(style)
            self._print((indent if number else lead) + line)


def _status(state: Dialogue) -> str:
    if state.ended is None:
        return "open"
    if state.ended.reason == "completed":
        return outcome(state)
    return f"{outcome(state)}, ended by {state.ended.reason.replace('_', ' ')}"
