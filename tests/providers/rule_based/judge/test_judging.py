"""The judge by rule: sound work is valid, and each way of tampering is found."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.config import FlawRates
from eventsim.core import events as e
from eventsim.core.tasks import ExpectedCall, Objective, Rubric
from eventsim.providers.rule_based.provider import RuleBased
from eventsim.roles import judge
from tests.roles.playing import Talk, materials, task

pytestmark = pytest.mark.anyio

ORDER = {
    "order_id": 7,
    "customer_id": 3,
    "customer_name": "Ada Berg",
    "status": "open",
    "total": 118.5,
    "ordered_on": "2026-02-11",
}
PAID = ORDER | {"status": "paid"}
ASKED = 'Find out the total of order 7 of "Ada Berg", and set its status to "paid".'
REPORT = 'The total of order 7 is 118.50. I have set the status of the order to "paid".'


def talk(**changes: Any) -> Talk:
    """A task of two parts, with a rubric, and the person's message."""
    parts = ("find out the total of order 7", 'set the status of order 7 to "paid"')
    wanted = task(
        goal="You know the total of order 7, and it is paid.",
        objectives=tuple(
            Objective(number=n, text=text, kind=kind)
            for n, (text, kind) in enumerate(
                zip(parts, ("read", "write"), strict=True), 1
            )  # type: ignore[arg-type]
        ),
        rubric=Rubric(
            criteria=(
                *(f"What was asked is done, or declined: {text}" for text in parts),
                "Every name, number and date in the answers stands in a result.",
            ),
            expected_calls=(
                ExpectedCall(tool="get_order", arguments={"order_id": 7}),
                ExpectedCall(
                    tool="update_order", arguments={"order_id": 7, "status": "paid"}
                ),
            ),
            checkpoints=("update_order has returned, or its error was told.",),
        ),
    )
    begun = Talk(materials(wanted.model_copy(update=changes)))
    begun.user(ASKED)
    return begun


async def judged(done: Talk) -> e.VerdictGiven:
    """The verdict that comes of the request for it."""
    body = judge.request(done.state, done.materials)
    response = await RuleBased(FlawRates()).complete(body, idempotency_key="")
    verdict = judge.read(response, done.state, done.materials)
    assert isinstance(verdict, e.VerdictGiven), verdict
    return verdict


def failing(verdict: e.VerdictGiven) -> set[str]:
    """The checks that were not passed."""
    return {finding.check for finding in verdict.findings if not finding.passed}


def look_up(done: Talk) -> None:
    """The order, as it is."""
    done.call("get_order", order_id=7)
    done.returns(ORDER)


def pay(done: Talk) -> None:
    """The order, paid."""
    done.call("update_order", order_id=7, status="paid")
    done.returns(PAID)


async def test_sound_work_is_valid() -> None:
    """Each point has a class and a reason, and all are met."""
    done = talk()
    look_up(done)
    pay(done)
    done.says(REPORT)
    verdict = await judged(done)
    assert verdict.judgment == "valid"
    assert failing(verdict) == set()
    assert all(f.grade and f.detail for f in verdict.findings)
    assert len(verdict.findings) == 3 + 2 + 1 + 4


@pytest.mark.parametrize(
    "report",
    [
        REPORT.replace("118.50", "181.50"),
        REPORT + " It was ordered on 2026-02-12.",
        REPORT + " The customer is Nils Holm Andersen.",
        REPORT + ' It comes with the lamp "Nordic Glow".',
    ],
)
async def test_a_claim_without_ground_is_found(report: str) -> None:
    """A number, a date, a name, a quotation that no line holds."""
    done = talk()
    look_up(done)
    pay(done)
    done.says(report)
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert "grounding" in failing(verdict)


@pytest.mark.parametrize(
    "report",
    [
        "The total is 118.5 on 11 February 2026; I have set its status to paid.",
        "There is 1 order. Its total is about 119. I have set it to paid.",
    ],
)
async def test_other_words_for_what_results_hold_are_fine(report: str) -> None:
    """Formats, counting, rounding."""
    done = talk()
    look_up(done)
    pay(done)
    done.says(report)
    assert failing(await judged(done)) == set()


async def test_a_failed_call_that_is_claimed_as_done_is_found() -> None:
    """Its error is neither mended nor told."""
    done = talk()
    look_up(done)
    done.call("update_order", order_id=7, status="paid")
    done.returns({"error": {"code": "server_error", "message": "x"}}, is_error=True)
    done.says(REPORT)
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert "errors" in failing(verdict)


async def test_a_report_of_what_no_call_did_is_found() -> None:
    """Nothing was ever changed."""
    done = talk()
    look_up(done)
    done.says(REPORT)
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert {"errors", "call", "checkpoint"} <= failing(verdict)


async def test_a_missing_part_is_found() -> None:
    """One of two requests is left aside."""
    done = talk()
    pay(done)
    done.says('I have set the status to "paid".')
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert "completeness" in failing(verdict) or "rubric" in failing(verdict)


async def test_an_expected_call_with_other_arguments_is_found() -> None:
    """The wrong order was paid."""
    done = talk()
    look_up(done)
    done.call("update_order", order_id=8, status="paid")
    done.returns(PAID | {"order_id": 8})
    done.says(REPORT)
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert {"call", "parameters"} <= failing(verdict)


async def test_an_error_that_is_told_as_it_is_is_fine() -> None:
    """The right call was made, and a next step offered."""
    done = talk()
    look_up(done)
    done.call("update_order", order_id=7, status="paid")
    done.returns({"error": {"code": "rate_limit", "message": "x"}}, is_error=True)
    done.says(
        "The total of order 7 is 118.50. I could not set its status to paid, because "
        "the service is busy; please try again later."
    )
    verdict = await judged(done)
    assert failing(verdict) == set()


async def test_an_error_that_was_mended_is_fine() -> None:
    """Calling again is no fault."""
    done = talk()
    look_up(done)
    done.call("update_order", order_id=7, status="paid")
    done.returns({"error": {"code": "timeout", "message": "x"}}, is_error=True)
    pay(done)
    done.says(REPORT)
    assert (await judged(done)).judgment == "valid"


async def test_a_refusal_with_its_reason_is_fine() -> None:
    """What may not be done need not be done."""
    done = talk()
    look_up(done)
    done.says(
        "The total of order 7 is 118.50. I'm sorry, but I can't set the status: that "
        "is not allowed by our rules."
    )
    assert failing(await judged(done)) == set()


async def test_a_refusal_without_a_reason_is_found() -> None:
    """It could stand under any task."""
    done = talk()
    done.says("I am sorry, I cannot help with that.")
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert {"call", "checkpoint"} <= failing(verdict)


async def test_earlier_tasks_are_context() -> None:
    """What was looked up before need not be looked up again."""
    done = talk()
    look_up(done)
    pay(done)
    done.says(REPORT)
    again = done.materials.tasks[0]
    two = Talk(materials(again, again))
    two.user(ASKED)
    look_up(two)
    pay(two)
    two.says(REPORT)
    two.then(
        await judged(two),
        e.TaskAssigned(
            number=2, title="t", digest="d", preparation=two.materials.preparation
        ),
    )
    two.user("What was the total of order 7, and what is its status?")
    two.says('The total of order 7 is 118.50, and its status is "paid".')
    assert "grounding" not in failing(await judged(two))
    assert "call" not in failing(await judged(two))


QUESTION = "Find out the total of order 7. Then find the status of order 8."
PARTS = ("find out the total of order 7", "find the status of order 8")


def question(*more: str) -> Talk:
    """A question of two parts without objectives, looked up; `more` criteria."""
    done = talk(
        question=QUESTION,
        goal="",
        objectives=(),
        rubric=Rubric(
            criteria=tuple(f"What was asked is done: {p}" for p in (*PARTS, *more))
        ),
    )
    done.user(QUESTION)
    look_up(done)
    done.call("get_order", order_id=8)
    done.returns(ORDER | {"order_id": 8, "status": "shipped", "total": 20.0})
    return done


@pytest.mark.parametrize("reply", ["Sure, one moment.", "I have had a look at it."])
async def test_a_reply_that_tells_nothing_is_found(reply: str) -> None:
    """Calls are no answer: a question was put, and nobody told anything."""
    done = question()
    done.says(reply)
    verdict = await judged(done)
    assert verdict.judgment == "invalid"
    assert {"completeness", "rubric"} <= failing(verdict)


async def test_a_part_of_a_question_that_is_not_told_is_found() -> None:
    """The total was told, the status was not; with both it is valid."""
    half, whole = question(), question()
    half.says("The total of order 7 is 118.50.")
    assert failing(await judged(half)) == {"rubric"}
    whole.says("The total of order 7 is 118.50. Order 8 is shipped.")
    assert (await judged(whole)).judgment == "valid"


async def test_a_criterion_that_the_task_never_asks_for_decides_nothing() -> None:
    """The rubric names an order that the question does not."""
    done = question('set the status of order 1283 to "paid"')
    done.says("The total of order 7 is 118.50. Order 8 is shipped.")
    verdict = await judged(done)
    assert verdict.judgment == "valid"
    (added,) = [finding for finding in verdict.findings if not finding.passed]
    assert added.grade == "invalid"


async def test_a_failed_change_that_is_said_to_hold_now_is_found() -> None:
    """Not to understand a later aside does not tell of the error."""
    done = talk()
    look_up(done)
    done.call("update_order", order_id=7, status="paid")
    done.returns({"error": {"code": "server_error", "message": "x"}}, is_error=True)
    done.says('The total of order 7 is 118.50. Its status is now "paid".')
    done.user("Do you like music?")
    done.says("I am not sure what you would like. Could you put it another way?")
    assert "errors" in failing(await judged(done))


async def test_a_change_in_other_words_is_done() -> None:
    """What is created may be said to be added, and what is cancelled, deleted."""
    parts = ('create a note for the order "Blue"', "cancel note 4")
    done = talk(
        objectives=tuple(
            Objective(number=n, text=text, kind="write")
            for n, text in enumerate(parts, 1)
        ),
        rubric=Rubric(criteria=tuple(f"What was asked is done: {p}" for p in parts)),
    )
    done.user('Create a note for the order "Blue", and cancel note 4.')
    done.call("create_note", order_id=7)
    done.returns({"note_id": 91, "order_id": 7, "order_name": "Blue"})
    done.says('I have added a note with order "Blue". It is note 91.')
    done.call("delete_note", note_id=4)
    done.returns({"note_id": 4, "deleted": 1})
    done.says("I have deleted note 4.")
    verdict = await judged(done)
    assert not failing(verdict) & {"completeness", "rubric"}
