"""What is proven about a task, adversarial cases included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim.core.changes import RowChange
from eventsim.core.events import Finding
from eventsim.core.tasks import (
    Checks,
    ExpectedChange,
    Fact,
    Objective,
    Profile,
    Rubric,
    Task,
)
from eventsim.quality.checks import Judgment, judge

PHONE = ExpectedChange(
    objective=1, table="Customer", op="update", key={"Id": 5}, new={"Phone": "555 0147"}
)
ORDER = ExpectedChange(
    objective=2,
    table="Orders",
    op="insert",
    new={"CustomerId": 5, "Amount": 25},
    free=("Id", "CreatedAt"),
)
TOTAL = Fact(objective=3, about="the total", values=(23.86,))


def _task(*checks: ExpectedChange | Fact) -> Task:
    return Task(
        title="A task",
        difficulty="easy",
        goal="The person wants something.",
        profile=Profile(name="Kim", role="You work here.", known_info=()),
        objectives=(Objective(number=1, text="do something", kind="write"),),
        checks=Checks(
            changes=tuple(c for c in checks if isinstance(c, ExpectedChange)),
            facts=tuple(c for c in checks if isinstance(c, Fact)),
        ),
    )


def _updated(key: int, old: Any, new: Any, column: str = "Phone") -> RowChange:
    return RowChange(
        table="Customer",
        op="update",
        key={"Id": key},
        old={column: old},
        new={column: new},
    )


def _inserted(**new: Any) -> RowChange:
    return RowChange(table="Orders", op="insert", key={"Id": 77}, new=new)


def _judged(
    task: Task,
    changes: Sequence[RowChange],
    statements: Sequence[str],
    *,
    finished: bool = True,
) -> tuple[Judgment, tuple[Finding, ...]]:
    return judge(task, changes, statements, finished)


def _failed(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(f.check, f.detail) for f in findings if not f.passed]


def test_exactly_the_expected_changes_and_facts_are_valid() -> None:
    """Everything done, everything said, nothing else: valid."""
    judgment, findings = _judged(
        _task(PHONE, ORDER, TOTAL),
        [
            _updated(5, "1", "555 0147"),
            _inserted(CustomerId=5, Amount=25.0, CreatedAt="2026-01-01"),
        ],
        ["I changed it.", "The total is 23.86."],
    )
    assert judgment == "valid"
    assert _failed(findings) == []
    assert [f.check for f in findings] == [
        "change",
        "change",
        "frame",
        "fact",
        "finished",
    ]


def test_doing_nothing_fails() -> None:
    """Saying "Done." alone passes neither changes nor facts."""
    judgment, findings = _judged(_task(PHONE, TOTAL), [], ["Done."])
    assert judgment == "invalid"
    assert _failed(findings) == [
        (
            "change",
            'never done: update of Customer (Id 5): Phone "555 0147"',
        ),
        ("fact", "the answer never states the total, 23.86"),
    ]


def test_the_wrong_row_fails_twice() -> None:
    """The expected row is untouched and another one was changed."""
    changes = [_updated(6, "1", "555 0147")]
    judgment, findings = _judged(_task(PHONE), changes, [])
    assert judgment == "invalid"
    assert [check for check, _ in _failed(findings)] == ["change", "frame"]
    assert "Customer (Id 6)" in _failed(findings)[1][1]


def test_a_wrong_value_is_named() -> None:
    """The finding says what the value should be and what it is."""
    _, findings = _judged(_task(PHONE), [_updated(5, "1", "555 0174")], [])
    assert _failed(findings) == [
        (
            "change",
            (
                "done differently: Customer (Id 5): "
                'Phone should be "555 0147" and is "555 0174"'
            ),
        )
    ]


def test_an_extra_change_breaks_the_frame() -> None:
    """All that was asked, and one thing more, is invalid."""
    changes = [_updated(5, "1", "555 0147"), _updated(6, "a", "b", "City")]
    judgment, findings = _judged(_task(PHONE), changes, [])
    assert judgment == "invalid"
    assert _failed(findings) == [
        (
            "frame",
            'something else was changed: update of Customer (Id 6): City "b"',
        )
    ]


def test_an_extra_column_is_a_different_change() -> None:
    """Changing one column more of the right row is invalid, and named."""
    both = RowChange(
        table="Customer",
        op="update",
        key={"Id": 5},
        old={"Phone": "1", "City": "a"},
        new={"Phone": "555 0147", "City": "b"},
    )
    _, findings = _judged(_task(PHONE), [both], [])
    assert "City should not change" in _failed(findings)[0][1]


def test_a_change_and_its_undoing_leave_nothing() -> None:
    """Only the net effect counts: a corrected mistake is no mistake."""
    changes = [
        _updated(6, "1", "555 0147"),
        _updated(6, "555 0147", "1"),
        _updated(5, "1", "2"),
        _updated(5, "2", "555 0147"),
    ]
    assert _judged(_task(PHONE), changes, [])[0] == "valid"
    assert _judged(_task(), changes[:2], [])[0] == "valid"


def test_a_task_without_changes_demands_an_unchanged_state() -> None:
    """The frame holds for read-only and refusal tasks as well."""
    assert _judged(_task(), [_updated(5, "1", "2")], [])[0] == "invalid"


def test_values_are_compared_as_numbers_but_not_across_types() -> None:
    """25 is 25.0; "25" and True are neither."""
    good = _inserted(CustomerId=5, Amount=25.0, CreatedAt="x")
    text = _inserted(CustomerId=5, Amount="25", CreatedAt="x")
    assert _judged(_task(ORDER), [good], [])[0] == "valid"
    assert _judged(_task(ORDER), [text], [])[0] == "invalid"
    one = ORDER.model_copy(update={"new": {"CustomerId": 1}})
    assert _judged(_task(one), [_inserted(CustomerId=True)], [])[0] == "invalid"


def test_equal_inserts_are_counted() -> None:
    """Two expected rows need two rows, in whichever order they came."""
    row = {"CustomerId": 5, "Amount": 25, "CreatedAt": "x"}
    first = RowChange(table="Orders", op="insert", key={"Id": 1}, new=row)
    second = RowChange(table="Orders", op="insert", key={"Id": 2}, new=row)
    wanted = _task(ORDER, ORDER)
    assert _judged(wanted, [first, second], [])[0] == "valid"
    assert _judged(wanted, [first], [])[0] == "invalid"
    assert _judged(_task(ORDER), [first, second], [])[0] == "invalid"


def test_a_narrow_expectation_is_not_robbed_by_a_wide_one() -> None:
    """The pairing of expected and real rows is the best one, not the first one."""
    wide = ExpectedChange(
        objective=1, table="Orders", op="insert", free=("CustomerId", "Amount")
    )
    narrow = ExpectedChange(
        objective=2, table="Orders", op="insert", new={"CustomerId": 5, "Amount": 25}
    )
    changes = [
        RowChange(
            table="Orders",
            op="insert",
            key={"Id": 1},
            new={"CustomerId": 5, "Amount": 25},
        ),
        RowChange(
            table="Orders",
            op="insert",
            key={"Id": 2},
            new={"CustomerId": 9, "Amount": 1},
        ),
    ]
    assert _judged(_task(wide, narrow), changes, [])[0] == "valid"


def test_a_deletion_is_matched_by_its_key() -> None:
    """Another row deleted instead is invalid."""
    want = ExpectedChange(objective=1, table="Orders", op="delete", key={"Id": 4})
    right = RowChange(table="Orders", op="delete", key={"Id": 4}, old={"Amount": 1})
    wrong = RowChange(table="Orders", op="delete", key={"Id": 5}, old={"Amount": 1})
    assert _judged(_task(want), [right], [])[0] == "valid"
    assert _judged(_task(want), [wrong], [])[0] == "invalid"


def test_a_value_inside_another_number_is_not_stated() -> None:
    """3 is not told by an answer that only holds 13 and INV-3."""
    fact = Fact(objective=1, about="the number of loans", values=(3,))
    judgment, findings = _judged(_task(fact), [], ["13 loans, see INV-3."])
    assert judgment == "invalid"
    assert _failed(findings) == [
        ("fact", "the answer never states the number of loans, 3")
    ]


def test_what_only_the_user_said_does_not_count() -> None:
    """Statements are the assistant's; the user's own words are not among them."""
    user, assistant = "Is the total 23.86?", "Yes, that is right."
    assert user
    assert _judged(_task(TOTAL), [], [assistant])[0] == "invalid"
    assert _judged(_task(TOTAL), [], [assistant, "It is 23.86."])[0] == "valid"


def test_any_alternative_will_do() -> None:
    """A fact with two values is told by either."""
    fact = Fact(objective=1, about="the artist", values=("AC/DC", "Accept"))
    assert _judged(_task(fact), [], ["It is Accept."])[0] == "valid"
    assert _judged(_task(fact), [], ["It is Aerosmith."])[0] == "invalid"


def test_a_refusal_must_be_said() -> None:
    """Silence, success and not-found are no refusals; a clear sentence is."""
    fact = Fact(objective=1, about="delete the author", refusal=True)
    assert _judged(_task(fact), [], ["I cannot delete the author."])[0] == "valid"
    for text in ("Done.", "I cannot find the author.", ""):
        judgment, findings = _judged(_task(fact), [], [text])
        assert judgment == "invalid"
        assert _failed(findings) == [
            ("refusal", "the answer never says that it cannot delete the author")
        ]


def test_a_missing_row_is_an_answer_where_the_fact_says_so() -> None:
    """A refusal fact with the value "not found" accepts a not-found statement."""
    fact = Fact(objective=1, about="find it", refusal=True, values=("not found",))
    assert _judged(_task(fact), [], ["I cannot find it."])[0] == "valid"


def test_an_unfinished_task_is_invalid() -> None:
    """The user has to have ended the task."""
    judgment, findings = _judged(_task(), [], [], finished=False)
    assert judgment == "invalid"
    assert _failed(findings) == [("finished", "the user never ended the task")]


def test_of_a_task_without_checks_only_its_end_is_known() -> None:
    """One that was broken off is invalid; nothing is said of a state nobody knows."""
    judged = _task().model_copy(update={"rubric": Rubric(criteria=("It is told.",))})
    assert not judged.proven
    verdict, (finding,) = judge(judged, [], ["Done."], False)  # noqa: FBT003
    assert verdict == "invalid"
    assert (finding.check, finding.passed) == ("finished", False)
