"""Which moves make a task: patterns of reads, writes, checks and refusals.

A pattern is a word over R (read), G (read without a row in mind), W (write), C (check
the write before) and X (refusal). Patterns, moves and their shares stand here; how a
move is made stands with the moves.
"""

from __future__ import annotations

from collections.abc import Callable

from eventsim.environments.sql.tasks import additions, reads, writes
from eventsim.environments.sql.tasks.inventions import is_place, speakable
from eventsim.environments.sql.tasks.refusals import refusal, without_code
from eventsim.environments.sql.tasks.scene import Scene, Step, Unsuitable
from eventsim.environments.sql.tasks.view import Entry, is_person

__all__ = ["play"]

Move = Callable[[Scene], Step]

_PATTERNS: dict[str, float] = {
    "RW": 6,
    "RWC": 11,
    "WC": 5,
    "RRW": 6,
    "RRWC": 8,
    "GRW": 5,
    "GRWC": 4,
    "GR": 5,
    "GRR": 4,
    "RR": 5,
    "RRR": 5,
    "RRRR": 2,
    "RWRWC": 5,
    "WCW": 3,
    "RWW": 4,
    "GRWCR": 3,
    "RX": 4,
    "RXR": 3,
    "RXW": 4,
    "RWX": 3,
    "RXWC": 2,
    "XR": 2,
}
_PLAIN_PATTERNS: dict[str, float] = {"R": 1, "G": 2, "W": 2, "GG": 1, "RW": 1}
_READS: dict[Move, float] = {
    reads.attributes: 6,
    reads.related: 3,
    reads.children: 3,
    reads.aggregate: 5,
}
_OPENERS: dict[Move, float] = {reads.top: 3, reads.filtered: 3, reads.containing: 2}
_WRITES: dict[Move, float] = {
    writes.update: 6,
    additions.insert: 4,
    writes.delete: 2,
    writes.link: 2,
    writes.unlink: 1,
}
_MOVES = {"R": _READS, "G": _OPENERS, "W": _WRITES}
_AMBIGUOUS_SHARE = 0.08
_MISSING_SHARE = 0.16
_TRIES = 4


def play(scene: Scene, *, plain: bool = False) -> None:
    """Fill a scene with the steps of one task; `plain`: of one or two objectives,
    where a database gives no more. Raises: Unsuitable.
    """
    rng = scene.rng
    patterns = _PLAIN_PATTERNS if plain else _PATTERNS
    pattern = rng.choices(list(patterns), list(patterns.values()))[0]
    if "W" in pattern and not scene.wrong_code:
        scene.withholds = rng.random() < _MISSING_SHARE
    if pattern[0] in "RW" and rng.random() < _AMBIGUOUS_SHARE:
        meet_namesake(scene)
    for letter in pattern:
        _step(scene, letter)
    if scene.ambiguous and not any(
        f'"{scene.ambiguous.name}"' in step.text for step in scene.steps
    ):
        raise Unsuitable("the namesake was never spoken of")


def meet_namesake(scene: Scene) -> None:
    """Make the task about one of several rows of one name, known by a detail."""
    tables = [t for t in scene.tools.central if scene.view.namesakes(t.name)]
    if not tables:
        return
    table = scene.rng.choice(tables)
    group = list(scene.rng.choice(scene.view.namesakes(table.name)))
    entry = group.pop(scene.rng.randrange(len(group)))
    detail = _detail_of(scene, entry, group)
    if detail is None or entry.identity in scene.taken:
        return
    scene.main = scene.ambiguous = entry
    scene.known.append(detail)


def _detail_of(scene: Scene, entry: Entry, others: list[Entry]) -> str | None:
    """A sentence that tells a row from the others of its name, or None."""
    table = entry.table
    search = scene.tools.search(table)
    if search is None:
        return None
    for column in reads.askable(table):
        value = entry.row.get(column.name)
        shown = search.shows(table.name, (column.name,), "")
        if shown is None or not isinstance(value, str) or not speakable(value):
            continue
        if column.category and all(o.row.get(column.name) != value for o in others):
            scene.asked.add((entry.identity, column.name))
            if is_person(table) and is_place(column):
                return f"The {entry.name} you mean lives in {value}."
            noun = scene.noun(table)
            return f"The {noun} {entry.name} you mean has the {column.words} {value}."
    for key in table.foreign_keys:
        parent = scene.parent_of(entry, key)
        if parent is None or not search.parent_shown(key.columns[0]):
            continue
        names = [above.name for o in others if (above := scene.parent_of(o, key))]
        if speakable(parent.name) and parent.name not in names:
            scene.asked.add((entry.identity, key.columns[0]))
            noun = scene.noun(table)
            return f"The {noun} {entry.name} you mean has the {key.role} {parent.name}."
    return None


def _step(scene: Scene, letter: str) -> None:
    if letter == "C" and scene.checkable is None:
        return
    moves = _MOVES.get(letter, {})
    if letter == "W" and scene.withholds:
        moves = {writes.update: 1}
    if letter == "W" and scene.wrong_code:
        with scene.env.trial():
            step = without_code(_one_of(scene, _WRITES))
        scene.written.clear()
        scene.checkable = None
        scene.main = None
    elif moves:
        step = _one_of(scene, moves)
    else:
        step = writes.check(scene) if letter == "C" else refusal(scene)
    scene.steps.append(step)
    if step.kind != "read":
        scene.listed = []


def _one_of(scene: Scene, moves: dict[Move, float]) -> Step:
    """A drawn move, or another one where the first does not work out."""
    reason = ""
    weights = dict(moves)
    for _ in range(min(_TRIES, len(moves))):
        move = scene.rng.choices(list(weights), list(weights.values()))[0]
        before = scene.mark()
        try:
            return move(scene)
        except Unsuitable as why:
            reason = str(why)
            scene.rewind(before)
            del weights[move]
    raise Unsuitable(reason)
