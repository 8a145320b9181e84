"""Comparing paths: what is shared, what stands opposite what, and the two outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core import events as e
from eventsim.core.changes import RowChange
from eventsim.core.records import Record
from eventsim.core.values import freeze
from eventsim.run.compare import common_length, compare, lines_of
from tests.builders import REF, started

MOUNTED = e.ToolsetMounted(names=(), digests=(), preparation=REF)


def records(events: Sequence[e.Event], branch: str, shared: int = 0) -> list[Record]:
    """Records whose hashes are shared up to `shared`, and the branch's own after."""
    return [
        Record(
            stream="s",
            version=at + 1,
            position=at,
            kind=event.kind,
            kind_version=1,
            time_us=0,
            hash=f"{at}" if at < shared else f"{branch}{at}",
            event=event,
            line=b"",
        )
        for at, event in enumerate(events)
    ]


def user(text: str) -> e.UserMessaged:
    """A message of the user."""
    return e.UserMessaged(text=text)


def says(text: str) -> e.AssistantReplied:
    """An answer of the assistant."""
    return e.AssistantReplied(text=text)


def path(*events: e.Event) -> list[e.Event]:
    """A dialogue of these events."""
    return [started(), MOUNTED, *events]


def test_shared_records_are_counted_from_the_root() -> None:
    """By hash, so that equal texts in other records do not count."""
    events = path(user("a"), says("b"))
    left, right = records(events, "l", shared=3), records(events, "r", shared=3)
    assert common_length(left, right) == 3
    assert common_length(left, left) == 4
    assert common_length(left[:2], right) == 2


def test_nothing_of_the_shared_beginning_is_repeated() -> None:
    """Only what follows is aligned."""
    left = path(user("a"), says("b"), user("c"))
    right = path(user("a"), says("x"), user("c"))
    found = compare(records(left, "l", 3), records(right, "r", 3), left, right)
    assert found.common == 3
    texts = [(p.left and p.left.text, p.right and p.right.text) for p in found.pairs]
    assert texts == [("b", "x"), ("c", "c")]
    assert [pair.same for pair in found.pairs] == [False, True]


def test_lines_of_one_speaker_stand_opposite_each_other() -> None:
    """A call that one side alone has stands alone."""
    call = e.ToolCall(id="c", name="get", arguments=freeze({"id": 1}))
    left = path(
        user("a"),
        e.AssistantReplied(calls=(call,)),
        e.ToolReturned(reply=0, index=0, content="[]"),
        says("none"),
    )
    right = path(user("a"), says("I do not know"))
    found = compare(records(left, "l"), records(right, "r"), left, right)
    assert found.common == 0
    rows = [
        (p.left.speaker if p.left else None, p.right.speaker if p.right else None)
        for p in found.pairs
    ]
    assert rows == [
        ("user", "user"),
        ("call", None),
        ("tool", None),
        ("assistant", "assistant"),
    ]


def test_verdicts_are_lines_that_say_what_failed() -> None:
    """After the message that they judge."""
    verdict = e.VerdictGiven(
        task=1,
        judgment="invalid",
        basis="proven",
        findings=(
            e.Finding(check="fact", passed=False, detail="the city is missing"),
            e.Finding(check="frame", passed=True, detail="nothing changed"),
        ),
    )
    lines = lines_of(path(user("a"), says("b"), verdict))
    assert [line.speaker for line in lines] == ["user", "assistant", "verdict"]
    assert lines[-1].text == "task 1 invalid: the city is missing"
    assert lines[-1].position == 4


def test_each_side_has_the_net_effect_of_its_writes() -> None:
    """A change and its undoing leave nothing."""
    call = e.ToolCall(id="c", name="set", arguments=freeze({}))

    def write(old: str, new: str) -> RowChange:
        return RowChange(
            table="t",
            op="update",
            key=freeze({"id": 1}),
            old=freeze({"a": old}),
            new=freeze({"a": new}),
        )

    def written(*changes: RowChange) -> list[e.Event]:
        calls = e.AssistantReplied(calls=(call,) * len(changes))
        results = [
            e.ToolReturned(reply=0, index=n, content="{}", changes=(change,))
            for n, change in enumerate(changes)
        ]
        return path(user("a"), calls, *results)

    once, undone = written(write("1", "2")), written(write("1", "2"), write("2", "1"))
    found = compare(records(once, "l"), records(undone, "r"), once, undone)
    assert found.left.changes == (write("1", "2"),)
    assert found.right.changes == ()


def update(key: int, old: str, new: str) -> RowChange:
    """A change of one column of one row."""
    return RowChange(
        table="t",
        op="update",
        key=freeze({"id": key}),
        old=freeze({"a": old}),
        new=freeze({"a": new}),
    )


def writing(*changes: RowChange) -> list[e.Event]:
    """A reply that calls, and the results that changed rows."""
    call = e.ToolCall(id="c", name="set", arguments=freeze({}))
    results = [
        e.ToolReturned(reply=0, index=n, content="{}", changes=(change,))
        for n, change in enumerate(changes)
    ]
    return [e.AssistantReplied(calls=(call,) * len(changes)), *results]


def test_rows_are_compared_since_the_common_ancestor() -> None:
    """Row by row: the same change on both sides is no difference, two changes of one
    row are, and what the shared beginning did is neither's.
    """
    shared = path(user("a"), *writing(update(1, "1", "2"), update(9, "1", "2")))
    left = [*shared, *writing(update(1, "2", "3"), update(2, "x", "y"))]
    steps = (update(2, "x", "z"), update(1, "2", "4"), update(2, "z", "y"))
    right = [*shared, *writing(*steps, update(3, "p", "q"))]
    common = len(shared)
    found = compare(
        records(left, "l", common), records(right, "r", common), left, right
    )
    assert found.common == common
    assert [(row.left, row.right, row.same) for row in found.rows] == [
        (update(1, "2", "3"), update(1, "2", "4"), False),
        (update(2, "x", "y"), update(2, "x", "y"), True),
        (None, update(3, "p", "q"), False),
    ]


def test_a_short_message_does_not_tear_apart_what_belongs_together() -> None:
    """Said early on one side and late on the other, it says nothing about places."""
    left = path(user("Yes, please."), says("one"), user("two"), says("three"))
    right = path(user("one"), says("2"), user("Yes, please."), says("four"))
    found = compare(records(left, "l"), records(right, "r"), left, right)
    assert all(pair.left and pair.right for pair in found.pairs)


def test_a_place_has_its_position_in_its_name() -> None:
    """Where one was asked for."""
    events = path(user("a"), says("b"))
    both = records(events, "l")
    found = compare(both[:3], both, events[:3], events, at=(2, None))
    assert (found.left.place, found.right.place) == ("bodume-1@2", "bodume-1")
