"""The judge: what it is shown of a task, and how its verdict is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eventsim.config import EndpointProfile, ModelChoice, Roles, ToolFaults
from eventsim.core import events as e
from eventsim.core.tasks import Checks, ExpectedChange, Fact, Task
from eventsim.roles import judge
from tests.builders import REF, chat_response
from tests.roles.playing import Talk, answer, materials, task, texts

ORDER = {"order_id": 7, "status": "open"}
KINDS = ("criterion", "call", "checkpoint", "rule", "rule", "rule", "rule")
GRADES = ("critical", "structural", "non-critical", "critical")


def talk(wanted: Task | None = None, **config: Any) -> Talk:
    """One request, done by a look-up and an answer, with thoughts on the way."""
    begun = Talk(materials(wanted or task(), **config))
    begun.user("Is order 7 open?")
    begun.call("get_order", order_id=7)
    begun.returns(ORDER)
    begun.says("Order 7 is open.")
    return begun


def seen(dialogue: Talk) -> list[tuple[str, str]]:
    """The (role, content) of each message of the request."""
    return texts(judge.request(dialogue.state, dialogue.materials))


def whole(dialogue: Talk) -> str:
    """All that the judge reads."""
    return "\n".join(content for _, content in seen(dialogue))


def points(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Every point met; `p3={...}` changes what is said of point 3."""
    listed = []
    for number in range(1, 8):
        grade = GRADES[min(number, 4) - 1]
        said = {
            "point": number,
            "class": grade,
            "why": f"Line [{number}].",
            "met": True,
        }
        listed.append(said | changes.get(f"p{number}", {}))
    return listed


def said(judgment: str = "valid", **fields: Any) -> dict[str, Any]:
    """An answer in its usual form."""
    usual = {"reasoning": "It was looked up.", "points": points(), "judgment": judgment}
    return usual | fields


def read(value: Any, dialogue: Talk | None = None, **fields: Any) -> Any:
    """What comes of an answer."""
    at = dialogue or talk()
    return judge.read(answer(value, **fields), at.state, at.materials)


# --- what it shows ------------------------------------------------------------------


def test_it_sees_the_conversation_line_by_line() -> None:
    """Both speakers, each call with its arguments, each result as it was seen."""
    system, lines = seen(talk())
    assert (system[0], lines[0]) == ("system", "user")
    assert system[1].startswith("# Your part: judge\n")
    shown = lines[1].partition("\n\n# The task\n")[0].split("\n\n")
    assert shown == [
        "# The conversation",
        "[1] PERSON: Is order 7 open?",
        "[2] ASSISTANT: (calls tools)",
        '[3] CALL: get_order with {"order_id":7}\n'
        'RESULT: {"order_id":7,"status":"open"}',
        "[4] ASSISTANT: Order 7 is open.",
    ]


def test_it_sees_policy_tools_time_and_format() -> None:
    """All that the assistant had to go by; the format of the answer comes last."""
    (_, system), _ = seen(talk())
    assert "Never tell the Policyword." in system
    assert "- get_order: Tool get_order." in system
    assert "2026-03-02T09:00:00Z" in system
    assert system.rindex("\n# ") == system.index("\n# Answer format\n")


def test_it_sees_goal_objectives_and_every_point() -> None:
    """The rubric's points with their kind, then the rules that always hold."""
    dialogue = talk()
    lines = seen(dialogue)[-1][1].partition("\n\n# The task\n")[2].splitlines()
    assert "What the person wants: The goal holds Goldfinch." in lines
    assert "- pay the Objectivum" in lines
    listed = judge.points_of(dialogue.materials.tasks[0])
    assert tuple(point.kind for point in listed) == KINDS
    for point in listed:
        assert f"{point.number}. ({point.kind}) {point.text}" in lines
    assert '2. (call) get_order with {"order_id":7}' in lines


def test_a_question_is_shown_in_place_of_a_goal() -> None:
    """In the task-oriented pipeline the question is the task."""
    text = whole(talk(task(question="How much is order 7?")))
    assert "The person's question, as it was put: How much is order 7?" in text
    assert "Goldfinch" not in text
    assert "Objectivum" not in text


def test_earlier_tasks_are_context() -> None:
    """The lines of the task at hand are named; those before are told to be context."""
    dialogue = talk()
    assert "Lines [1] to [4] belong to it.\n" in whole(dialogue)
    first = read(said(), dialogue)
    again = e.TaskAssigned(number=1, title="t", digest="d", preparation=REF)
    dialogue.then(first, again)
    dialogue.user("And order 8?")
    dialogue.says("I do not know.")
    text = whole(dialogue)
    assert "Lines [5] to [6] belong to it. Earlier lines are context." in text
    assert "[1] PERSON: Is order 7 open?" in text


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
def test_the_answer_has_exactly_the_points_there_are(structured: Any) -> None:
    """By schema where the endpoint can, else in words."""
    dialogue = talk()
    profile = EndpointProfile(structured=structured)
    mounted = replace(
        dialogue.materials, profiles={("rule-based", "rule-based"): profile}
    )
    body = json.loads(judge.request(dialogue.state, mounted))
    asked = (
        json.dumps(body.get("response_format", {})) + body["messages"][-1]["content"]
    )
    assert '"minItems":7,"maxItems":7' in asked.replace(" ", "")
    kind = body.get("response_format", {}).get("type", "prompt")
    assert kind == structured


# --- what it never shows ------------------------------------------------------------


def test_it_never_sees_reasoning_profile_checks_or_seeds() -> None:
    """Rule 10: it judges what was said and done, by the rubric alone."""
    hidden = task(
        difficulty="hard",
        checks=Checks(
            changes=(
                ExpectedChange(
                    objective=1, table="Tabula", op="update", new={"x": "Novum"}
                ),
            ),
            facts=(Fact(objective=1, about="the Factum", values=("Valor",)),),
        ),
    )
    dialogue = talk(hidden)
    config = dialogue.materials.config.model_copy(update={"seed": 987654321})
    dialogue.materials = replace(dialogue.materials, config=config)
    text = whole(dialogue)
    for secret in (
        *("Thoughtful", "Profilium", "Mara"),
        *("Tabula", "Novum", "Factum", "Valor", "hard"),
        *("987654321", dialogue.state.lineage, dialogue.state.label),
    ):
        assert secret not in text


@pytest.mark.parametrize("fault", ["stale", "schema_drift", "empty"])
def test_it_is_not_told_that_a_fault_was_injected(fault: str) -> None:
    """It sees the result that the assistant saw, as any other."""
    faults = ToolFaults(**{fault: 0.4242})
    dialogue = Talk(materials(faults=faults))
    dialogue.user("Is order 7 open?")
    dialogue.call("get_order", fault=fault, order_id=7)
    dialogue.returns({"order_id": 7})
    dialogue.says("I cannot tell.")
    text = whole(dialogue)
    assert 'RESULT: {"order_id":7}' in text
    assert fault not in text.partition("# The conversation")[2]
    assert "0.4242" not in text


def test_it_never_sees_drafts_that_were_turned_down() -> None:
    """What a gate stopped never entered the dialogue."""
    dialogue = Talk()
    dialogue.rejects("user", "How can I help you, Drafty?", "speaks_as_assistant: x")
    dialogue.user("Is order 7 open?")
    dialogue.rejects("assistant", "Drafty", "the answer is empty")
    dialogue.then(e.AssistantReplied(text="It is open.", answer=e.Answer()))
    assert "Drafty" not in whole(dialogue)


def test_its_own_rejected_answer_is_given_back_without_its_thoughts() -> None:
    """With the reason, so that it can put that right."""
    dialogue = talk()
    raw = '<think>Hm, hm.</think>{"judgment": "maybe"}'
    dialogue.rejects("judge", raw, "the answer has no points")
    *_, before, after = seen(dialogue)
    assert before == ("assistant", '{"judgment": "maybe"}')
    assert "could not be used: the answer has no points." in after[1]


def test_its_model_and_parameters_are_its_own() -> None:
    """Those of the other roles do not reach it."""
    roles = Roles(
        assistant=ModelChoice(model="worker", params={"temperature": 0.9}),
        judge=ModelChoice(model="referee", params={"temperature": 0, "top_p": 0.5}),
    )
    dialogue = talk(roles=roles)
    body = json.loads(judge.request(dialogue.state, dialogue.materials))
    assert (body["model"], body["temperature"], body["top_p"]) == ("referee", 0, 0.5)


# --- how its answer is read ---------------------------------------------------------


def test_a_verdict_has_a_finding_for_each_point() -> None:
    """With the check that it belongs to, its class, and why."""
    verdict = read(said())
    assert isinstance(verdict, e.VerdictGiven)
    assert (verdict.task, verdict.judgment, verdict.basis) == (1, "valid", "judged")
    assert verdict.reasoning == "It was looked up."
    checks = [finding.check for finding in verdict.findings]
    rules = ["grounding", "completeness", "parameters", "errors"]
    assert checks == ["rubric", "call", "checkpoint", *rules]
    assert [f.grade for f in verdict.findings] == [*GRADES, *["critical"] * 3]
    assert verdict.findings[0].detail == "The answer states the Criterium. Line [1]."
    assert verdict.answer is not None
    assert (verdict.answer.raw, verdict.answer.repair) == (None, "")


def test_what_decides_nothing_may_be_unmet() -> None:
    """Points of form, and points that the task does not ask for."""
    unmet = points(p1={"class": "invalid", "met": False}, p3={"met": False})
    verdict = read(said(points=unmet))
    assert verdict.judgment == "valid"
    assert [f.passed for f in verdict.findings[:3]] == [False, True, False]


def test_a_rule_is_critical_whatever_it_is_called() -> None:
    """A judge cannot class away that claims are grounded."""
    lax = points(p4={"class": "non-critical", "met": False})
    assert "point 4 (critical) is not met" in read(said(points=lax)).reason
    verdict = read(said("invalid", points=lax))
    assert verdict.judgment == "invalid"
    assert verdict.findings[3].grade == "critical"


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"class": "Critical"}, ("critical", True)),
        ({"class": "non_critical"}, ("non-critical", True)),
        ({"class": "Non critical "}, ("non-critical", True)),
        ({"class": "NONCRITICAL", "met": "False"}, ("non-critical", False)),
        ({"met": "true"}, ("critical", True)),
        ({"met": "Yes"}, ("critical", True)),
        ({"class": "invalid", "met": "no"}, ("invalid", False)),
        ({"point": "1"}, ("critical", True)),
        ({"point": "1. (criterion)"}, ("critical", True)),
        ({"why": None}, ("critical", True)),
    ],
)
def test_points_are_read_as_models_spell_them(
    change: dict[str, Any], finding: tuple[str, bool]
) -> None:
    """The text is kept as it came, for it is not the usual form."""
    written = said(points=points(p1=change))
    verdict = read(written)
    assert isinstance(verdict, e.VerdictGiven), verdict.reason
    first = verdict.findings[0]
    assert (first.grade, first.passed) == finding
    assert verdict.answer is not None
    assert json.loads(verdict.answer.raw or "") == written


def test_the_first_word_on_a_point_counts() -> None:
    """A point that is judged twice is judged once."""
    twice = [*points(), {"point": 2, "class": "critical", "why": "", "met": False}]
    assert read(said(points=twice)).judgment == "valid"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.update(points=points()[:5]), "it does not judge point 6 and 7"),
        (lambda a: a.pop("points"), "the answer has no points"),
        (lambda a: a.update(points=["met"]), "one of the points is not an object"),
        (lambda a: a["points"][1].update(point=9), "there is no point 9"),
        (lambda a: a["points"][1].update(point=0), "there is no point 0"),
        (lambda a: a["points"][0].update({"class": "vital"}), "point 1 has no class"),
        (lambda a: a["points"][0].pop("class"), "point 1 has no class"),
        (lambda a: a["points"][0].pop("met"), "point 1 does not say whether"),
        (lambda a: a["points"][0].update(met="partly"), "point 1 does not say whether"),
        (lambda a: a["points"][0].update(met=1), "point 1 does not say whether"),
        (lambda a: a.update(judgment="partly"), "neither valid nor invalid"),
        (lambda a: a.pop("judgment"), "neither valid nor invalid"),
        (
            lambda a: a["points"][1].update(met=False),
            "it judges the task valid, but point 2 (structural) is not met",
        ),
        (
            lambda a: a.update(judgment="invalid"),
            "invalid, but every critical and structural point is met",
        ),
    ],
)
def test_a_verdict_that_does_not_hold_together_is_rejected(
    change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    """With the reason in one line, and the text that came."""
    written = said()
    change(written)
    rejected = read(written)
    assert isinstance(rejected, e.ModelRejected)
    assert rejected.role == "judge"
    assert reason in rejected.reason
    assert "\n" not in rejected.reason
    assert json.loads(rejected.raw) == written
    assert rejected.answer.usage.input_tokens == 10


@pytest.mark.parametrize(
    ("shape", "repair"),
    [
        ("```json\n{}\n```", "fenced"),
        ("Here is my verdict: {} I am sure.", "trailing"),
        ("<think>Line 3 says so.</think>{}", ""),
    ],
)
def test_a_verdict_is_read_through_what_surrounds_it(shape: str, repair: str) -> None:
    """How it was read is recorded, and the text as it came."""
    text = shape.replace("{}", json.dumps(said()))
    verdict = read(text)
    assert isinstance(verdict, e.VerdictGiven), verdict.reason
    assert (verdict.answer.repair, verdict.answer.raw) == (repair, text)  # type: ignore[union-attr]


def test_a_broken_verdict_is_repaired_and_that_is_recorded() -> None:
    """A bracket that is missing at the end loses nothing."""
    verdict = read(json.dumps(said())[:-1])
    assert isinstance(verdict, e.VerdictGiven), verdict.reason
    assert verdict.answer is not None
    assert verdict.answer.repair == "repaired"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answer("The task was done well."), "the answer is not a JSON object"),
        (answer([1, 2]), "the answer is not a JSON object"),
        (answer(""), "the answer is not a JSON object"),
        (b"<html>", "the response is not JSON"),
        (b'{"choices":[]}', "the response has no choices"),
        (
            chat_response({}, choices=[{"message": {}, "finish_reason": "length"}]),
            "the answer was cut at max_tokens",
        ),
    ],
)
def test_what_is_no_verdict_is_rejected(body: bytes, reason: str) -> None:
    """Never an exception."""
    at = talk()
    rejected = judge.read(body, at.state, at.materials)
    assert isinstance(rejected, e.ModelRejected)
    assert rejected.reason == reason
