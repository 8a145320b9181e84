"""What became of injected faults, over paths made by hand."""

from __future__ import annotations

from eventsim.core import events as e
from eventsim.core.values import freeze
from eventsim.quality.recovery import Recovery, recoveries
from tests.builders import REF, started

ERROR = '{"error":{"code":"timeout","message":"x"}}'


def call(
    number: int, *, fault: str = "", tool: str = "get_order", order: int = 7
) -> list[e.Event]:
    """A call, and what it returned."""
    arguments = freeze({"order_id": order})
    made = e.ToolCall(id=f"call_{number}", name=tool, arguments=arguments)
    failed = fault == "timeout"
    content = ERROR if failed else "{}"
    return [
        e.AssistantReplied(calls=(made,)),
        e.ToolCalled(reply=number, index=0, name=tool, fault=fault),
        e.ToolReturned(reply=number, index=0, content=content, is_error=failed),
    ]


def path(*parts: list[e.Event], judgment: str = "valid") -> list[e.Event]:
    """A task with one request, these parts, and a verdict."""
    return [
        started(),
        e.TaskAssigned(number=1, title="t", digest="d", preparation=REF),
        e.UserMessaged(text="please"),
        *(event for part in parts for event in part),
        e.VerdictGiven.model_validate(
            {"task": 1, "judgment": judgment, "basis": "proven", "findings": ()}
        ),
    ]


def says(text: str) -> list[e.Event]:
    """A reply without calls."""
    return [e.AssistantReplied(text=text)]


def test_another_call_that_returns_repeats_it() -> None:
    """Only one of the same tool, without a fault of its own."""
    (one,) = recoveries(path(call(0, fault="timeout"), call(1), says("It is paid.")))
    assert one == Recovery(
        4, 1, "get_order", "timeout", repeated=True, judgment="valid"
    )
    first, second = recoveries(
        path(call(0, fault="timeout"), call(1, fault="stale"), says("It is paid."))
    )
    assert not first.repeated
    assert not second.dealt_with
    (other,) = recoveries(
        path(call(0, fault="empty"), call(1, tool="get_customer"), says("None."))
    )
    assert not other.repeated


def test_a_call_about_another_record_repeats_nothing() -> None:
    """The order that timed out was never seen."""
    (one,) = recoveries(path(call(0, fault="timeout"), call(1, order=8), says("Paid.")))
    assert not one.dealt_with


def test_recovered_is_what_was_dealt_with_in_a_valid_task() -> None:
    """Silence in a valid task is luck; a reaction in an invalid one was not enough."""
    fault, again = call(0, fault="timeout"), call(1)
    (one,) = recoveries(path(fault, again, says("It is paid.")))
    assert one.recovered
    (one,) = recoveries(path(fault, again, says("It is paid."), judgment="invalid"))
    assert not one.recovered
    (one,) = recoveries(path(fault, says("It is paid.")))
    assert not one.recovered


def test_trouble_is_told_before_the_user_speaks_again() -> None:
    """Later it is too late: the user has gone on in the dark."""
    told = says("Sorry, I could not look it up.")
    (one,) = recoveries(path(call(0, fault="timeout"), told, judgment="invalid"))
    assert (one.told, one.repeated, one.dealt_with) == (True, False, True)
    assert one.judgment == "invalid"
    late = [*says("It is paid."), e.UserMessaged(text="Sure?"), *told]
    (one,) = recoveries(path(call(0, fault="timeout"), late))
    assert not one.told


def test_each_fault_belongs_to_its_own_task() -> None:
    """A call in the next task repeats nothing, and its verdict is its own."""
    first = path(call(0, fault="empty"), says("There is none."), judgment="invalid")
    second = path(call(1), call(2, fault="partial"), says("Two."))[1:]
    one, other = recoveries([*first, *second])
    assert (one.repeated, one.judgment) == (False, "invalid")
    assert (other.fault, other.judgment) == ("partial", "valid")


def test_a_path_without_faults_has_none() -> None:
    """Errors of the tools themselves are no faults that were injected."""
    assert recoveries(path(call(0), says("Done."))) == ()
