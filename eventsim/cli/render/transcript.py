"""The transcript: what was said and done, as a person reads it.

Positions stand in the margin, because `T@n` is where one forks, audits and diffs.
What was typed or edited is marked at each message, what was imported or taken over
where it begins and ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import clip, counted, few
from eventsim.cli.render.words import (
    LONGEST,
    call_in_words,
    failures_of,
    given_in_words,
    note_in_words,
    outcome,
    persona_in_words,
    result_in_words,
    shortened,
    visible,
)
from eventsim.core import events as e
from eventsim.core.state import Dialogue
from eventsim.run.paths import Opened

__all__ = ["Transcript"]

_MEASURE = 100
_STYLES = {"User": "bold cyan", "Assistant": "bold green"}
_GIVEN_STYLE = "magenta"
_SPEAKER = 11
_PARTS = {
    "import": "imported, from here on",
    "copy": "taken over as it was, from here on",
    "": "generated, from here on",
}


class Transcript:
    """Prints one path; `forks` are labels by the position after which they leave,
    `notes` what people said of a position. Long texts are shortened unless they are
    wanted `whole`.
    """

    def __init__(
        self,
        console: Console,
        opened: Opened,
        *,
        last: int,
        forks: Mapping[int, Sequence[str]] | None = None,
        notes: Mapping[int, Sequence[e.NoteAdded]] | None = None,
        whole: bool = False,
    ) -> None:
        self._console = console
        self._materials = opened.materials
        self._grounds = {m.preparation: m for m in opened.grounds.values()}
        self._whole = whole
        self._margin = max(len(str(last)), 2) + 2
        self._width = min(console.width, _MEASURE)
        self._forks = forks or {}
        self._notes = notes or {}
        self._replies: list[e.UserMessaged | e.AssistantReplied] = []
        self._part = ""
        self._spaced = False

    def heading(
        self,
        state: Dialogue,
        *,
        position: int | None = None,
        origin: str = "",
        edited: str = "",
        file: str = "",
        redacted: int | None = None,
    ) -> None:
        """Who talks about what, and what came of it; `origin` is what it forks,
        `edited` what is different there, `file` what it was imported from. The state
        is that before it was `redacted`.
        """
        console, materials = self._console, self._materials
        label = state.label if position is None else f"{state.label}@{position}"
        title = materials.source.title or file or materials.source.name
        console.print(Text.assemble((label, "bold"), f"  {title}"))
        facts = [f"fork of {origin}"] if origin else []
        root = state.root
        imported = isinstance(root, e.TrajectoryImported) and root.label == state.label
        if isinstance(root, e.TrajectoryImported):
            facts.append(f"imported, row {root.row}")
        facts.append(counted(len(materials.tasks), "task"))
        facts += [counted(state.turns, "turn")] if redacted is None else []
        if not imported:  # nothing was drawn
            facts.append(f"seed {state.seed}")
        if state.persona is not None:
            facts.append(f"user is {persona_in_words(state.persona)}")
        gone = f"redacted at {redacted}"
        facts.append(_status(state) if redacted is None else gone)
        console.print(" · ".join(facts), style="dim", soft_wrap=True)
        if edited:
            text = visible(edited)
            console.print(text, style=_GIVEN_STYLE, soft_wrap=True)

    def events(self, events: Sequence[e.Event], start: int = 0) -> None:
        """Print events of a path from `start` on; earlier ones are only looked at."""
        for position, event in enumerate(events):
            if isinstance(event, e.UserMessaged | e.AssistantReplied) and (
                e.asked_calls(event) is not None
            ):
                self._replies.append(event)
            if position >= start:
                self._event(position, event)
                for note in self._notes.get(position, ()):
                    self._mark(position, note_in_words(note), "magenta")
                leaving = self._forks.get(position, ())
                if leaving:
                    verb = "leaves" if len(leaving) == 1 else "leave"
                    text = f"├─ {few(leaving)} {verb} here"
                    self._mark(position, text, "yellow")

    def _event(self, position: int, event: e.Event) -> None:
        if isinstance(event, e.UserMessaged):
            self._space()
        self._begin_part(position, event)
        match event:
            case e.TaskAssigned():
                self._task(event)
            case e.VerdictGiven():
                self._verdict(position, event)
            case e.UserMessaged():
                self._reply(position, "User", event)
            case e.AssistantReplied():
                self._reply(position, "Assistant", event)
            case e.ToolReturned():
                self._returned(position, event)
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
        given = given_in_words(event)
        mark = f"({given}) " if given else ""
        if event.text:
            self._say(position, speaker, mark, event.text)
        own = f"{speaker} " if isinstance(event, e.UserMessaged) else ""
        for call in event.calls:
            # An edit of a reply with words is one of the words.
            here = "" if event.by == "edit" and event.text else mark
            self._one_line(position, f"{own}{here}→ ", call_in_words(call), "blue")

    def _returned(self, position: int, event: e.ToolReturned) -> None:
        """A result; of several at once it is said of which call."""
        given = given_in_words(event)
        mark = f"({given}) " if given else ""
        words = result_in_words(self._cut(event.content))
        own = ""
        if event.reply < len(self._replies):
            reply = self._replies[event.reply]
            own = "User " if isinstance(reply, e.UserMessaged) else ""
            if len(reply.calls) > 1 and event.index < len(reply.calls):
                words = f"{reply.calls[event.index].name}: {words}"
        style = "red" if event.is_error else "dim"
        self._one_line(position, f"{own}{mark}← ", words, style)

    def _begin_part(self, position: int, event: e.Event) -> None:
        """Say where a part begins that came otherwise than what stands before it; what
        was typed or edited is no part, it is marked by itself.
        """
        match event:
            case e.UserMessaged() | e.AssistantReplied() | e.ToolReturned():
                part = event.by
            case e.TrajectoryImported():
                part = "import"
            case _:
                return
        if part == self._part or given_in_words(event):
            return
        self._part = part
        self._mark(position, _PARTS[part], _GIVEN_STYLE)

    def _task(self, event: e.TaskAssigned) -> None:
        mark = " (edited)" if event.by == "edit" else ""
        title = f"── Task {event.number}{mark}: {visible(event.title)} "
        self._space()
        rule = clip(title, self._width - 1) + " "
        self._print(Text(rule.ljust(self._width, "─"), style="bold"))
        # Later grounds may hold another task of that number.
        grounds = self._grounds.get(event.preparation, self._materials)
        for objective in grounds.tasks[event.number - 1].objectives:
            text = f"{objective.number}. {visible(objective.text)}"
            self._block(Text(" " * self._margin), Text(text), "dim")
        self._space()

    def _verdict(self, position: int, event: e.VerdictGiven) -> None:
        valid = event.judgment == "valid"
        sign, style = ("✓", "green") if valid else ("✗", "red")
        self._mark(position, f"{sign} task {event.task} {event.judgment}", style)
        for detail in failures_of(event):
            self._block(Text(" " * (self._margin + 2)), Text(detail), style)

    def _say(self, position: int, speaker: str, mark: str, text: str) -> None:
        lead = self._number(position)
        if mark:
            lead += Text(f"{speaker} ", style=_STYLES[speaker])
            lead += Text(mark, style=_GIVEN_STYLE)
        else:
            lead += Text(f"{speaker:<{_SPEAKER}}", style=_STYLES[speaker])
        indent = self._margin + _SPEAKER
        self._block(lead, Text(visible(self._cut(text))), "", indent)

    def _one_line(self, position: int, sign: str, text: str, style: str) -> None:
        lead = self._number(position) + Text(" " * _SPEAKER + sign, style=style)
        if self._whole:
            self._block(lead, Text(text), style)
            return
        room = max(self._width - lead.cell_len, 20)
        self._print(lead + Text(clip(text, room), style=style))

    def _mark(self, position: int, text: str, style: str) -> None:
        self._block(self._number(position), Text(visible(self._cut(text))), style)

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

    def _cut(self, text: str) -> str:
        return text if self._whole else shortened(text, "; --whole shows all")

    def _block(
        self, lead: Text, text: Text, style: str, hanging: int | None = None
    ) -> None:
        """Text with a `hanging` indent, or one as wide as what leads it."""
        hanging = lead.cell_len if hanging is None else hanging
        room = max(self._width - max(lead.cell_len, hanging), 20)
        indent = Text(" " * hanging)
        whole = len(text) > LONGEST
        lines = text.split("\n") if whole else text.wrap(self._console, room)
        for number, line in enumerate(lines):
            line.rstrip()
            line.stylize(style)
            self._print((indent if number else lead) + line)


def _status(state: Dialogue) -> str:
    if state.ended is None:
        return "open"
    if state.ended.reason == "completed":
        return outcome(state)
    return f"{outcome(state)}, ended by {state.ended.reason.replace('_', ' ')}"
