"""Every event kind: its name, its bytes, its digest, and that it cannot change."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from eventsim.core import events as vocabulary
from eventsim.core.events import (
    DIALOGUE_KINDS,
    KINDS,
    AnyEvent,
    Event,
    UserMessaged,
    VerdictGiven,
    Withheld,
    content_digest,
    origin_of,
)
from eventsim.core.values import FrozenDict, Value, canonical
from tests.strategies import event_of, events, values_of

any_event = TypeAdapter(AnyEvent)
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))

RUNS = [
    "endpoint.profiled",
    "import.ended",
    "import.started",
    "row.rejected",
    "run.ended",
    "run.started",
]
PREPARATIONS = [
    "model.answered",
    "policy.written",
    "preparation.ended",
    "preparation.started",
    "questions.generated",
    "stage.ended",
    "task.created",
    "task.rejected",
    "tool.defined",
    "tool.output_predicted",
    "tool.rejected",
]
DIALOGUES = [
    "assistant.replied",
    "behaviour.drawn",
    "clock.set",
    "environment.mounted",
    "model.abandoned",
    "model.called",
    "model.failed",
    "model.rejected",
    "persona.assigned",
    "policy.set",
    "task.assigned",
    "tool.abandoned",
    "tool.called",
    "tool.returned",
    "toolset.mounted",
    "trajectory.ended",
    "trajectory.forked",
    "trajectory.imported",
    "trajectory.started",
    "user.messaged",
    "verdict.given",
]
UPKEEP = ["bundle.taken", "note.added", "payload.redacted", "streams.pruned"]


def test_the_kinds_are_these() -> None:
    """A stored kind is never renamed or removed; a new one is entered here."""
    assert sorted(DIALOGUE_KINDS) == DIALOGUES
    assert sorted(KINDS) == sorted(RUNS + PREPARATIONS + DIALOGUES + UPKEEP)


def test_every_event_class_is_registered_under_its_own_kind() -> None:
    """No class is left out of `KINDS`, and none stands under another's name."""
    classes = {
        cls
        for _, cls in inspect.getmembers(vocabulary, inspect.isclass)
        if issubclass(cls, Event) and cls not in {Event, Withheld}
    }
    assert classes == set(KINDS.values())
    assert all(cls.model_fields["kind"].default == kind for kind, cls in KINDS.items())


@every_kind
def test_a_kind_states_what_it_is(kind: str) -> None:
    """A docstring, a version from 1, an origin, volatile fields that exist."""
    cls = KINDS[kind]
    assert (cls.__doc__ or "").strip()
    assert cls.kind_version >= 1
    assert cls.origin in {"decided", "outcome", "given"}
    assert cls.volatile <= cls.model_fields.keys() - {"kind"}


@settings(max_examples=25)
@given(st.data())
@every_kind
def test_every_kind_survives_storage(kind: str, data: st.DataObject) -> None:
    """Payload bytes read back give an equal event, with the same bytes again."""
    event = data.draw(event_of(kind))
    payload = event.payload()
    again = KINDS[kind].model_validate_json(payload)
    assert again == event
    assert again.payload() == payload
    assert content_digest(again) == content_digest(event)
    assert b"\n" not in payload


@settings(max_examples=10)
@given(st.data())
@every_kind
def test_the_kind_alone_chooses_the_class(kind: str, data: st.DataObject) -> None:
    """The union is discriminated by the stored literal."""
    event = data.draw(event_of(kind))
    fields = {"kind": kind, **orjson.loads(event.payload())}
    read = any_event.validate_json(orjson.dumps(fields))
    assert type(read) is KINDS[kind]
    assert read == event


@settings(max_examples=25)
@given(st.data())
@every_kind
def test_an_event_is_frozen_all_the_way_down(kind: str, data: st.DataObject) -> None:
    """Only scalars, tuples, frozen dicts and frozen models, at every depth."""

    def walk(part: Any) -> None:
        if isinstance(part, Value):
            assert type(part).model_config["frozen"]
            for name in type(part).model_fields:
                walk(getattr(part, name))
        elif isinstance(part, tuple):
            for item in part:
                walk(item)
        elif isinstance(part, dict):
            assert type(part) is FrozenDict
            for item in part.values():
                walk(item)
        else:
            assert part is None or type(part) in {str, int, float, bool}

    event = data.draw(event_of(kind))
    walk(event)
    assert hash(event) == hash(event.model_copy())
    name = next(iter(type(event).model_fields))
    with pytest.raises(ValidationError):
        setattr(event, name, getattr(event, name))


@every_kind
def test_an_unknown_field_is_refused(kind: str) -> None:
    """A payload of a newer shape is never read as if it were of this one."""
    cls = KINDS[kind]
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        cls.model_validate_json(b'{"a_field_of_the_future":1}')


@given(events(KINDS))
def test_a_payload_holds_neither_the_kind_nor_defaults(event: Event) -> None:
    """What can be known without being written is not written."""
    fields = orjson.loads(event.payload())
    assert "kind" not in fields
    for name, field in type(event).model_fields.items():
        if name in fields and not field.is_required():
            assert getattr(event, name) != field.default


@settings(max_examples=25)
@given(st.data())
@every_kind
def test_the_content_digest_covers_all_but_the_volatile(
    kind: str, data: st.DataObject
) -> None:
    """It differs if and only if a field differs that is not volatile."""
    cls = KINDS[kind]
    one, other = data.draw(event_of(kind)), data.draw(event_of(kind))
    for name in cls.model_fields.keys() - {"kind"}:
        mixed = one.model_copy(update={name: getattr(other, name)})
        differs = canonical(one.model_dump(mode="json", include={name})) != canonical(
            mixed.model_dump(mode="json", include={name})
        )
        same = content_digest(mixed) == content_digest(one)
        assert same == (name in cls.volatile or not differs), name


def test_the_content_digest_tells_kinds_apart() -> None:
    """Equal payloads of two kinds are different content."""
    ended = KINDS["preparation.ended"]()
    fields = {"reply": 0, "index": 0}
    abandoned = KINDS["tool.abandoned"](**fields)
    assert content_digest(ended) != content_digest(abandoned)
    content = b'tool.abandoned\0{"index":0,"reply":0}'
    assert content_digest(abandoned) == hashlib.sha256(content).hexdigest()


def test_clocks_and_latencies_are_volatile() -> None:
    """A field that measures time is never part of what is compared; the wait that an
    endpoint asked for is part of its answer.
    """
    for kind, cls in KINDS.items():
        clocks = {n for n in cls.model_fields if n.endswith(("_ms", "_us", "_s"))}
        clocks -= {"retry_after_ms"}
        assert clocks <= cls.volatile, kind


def test_references_are_volatile() -> None:
    """A reference holds a salted hash, which differs from store to store."""
    for kind, cls in KINDS.items():
        refs = {
            name
            for name, field in cls.model_fields.items()
            if "Ref" in str(field.annotation)
        }
        assert refs <= cls.volatile, kind


@given(values_of(UserMessaged))
def test_a_message_is_given_decided_or_an_outcome(message: UserMessaged) -> None:
    """A person's words are given, a task's question is decided, a model's come out."""
    expected = "given" if message.given else "decided" if message.asked else "outcome"
    assert origin_of(message) == expected


@given(values_of(VerdictGiven))
def test_a_judges_verdict_is_an_outcome(verdict: VerdictGiven) -> None:
    """One that was worked out can be worked out again."""
    expected = "outcome" if verdict.basis == "judged" else "decided"
    assert origin_of(verdict) == expected


@given(events(set(KINDS) - {"user.messaged", "verdict.given"}))
def test_every_other_kind_has_one_origin(event: Event) -> None:
    """Replay treats all events of a kind alike, but for those that somebody gave."""
    given = bool(getattr(event, "by", ""))
    assert origin_of(event) == ("given" if given else type(event).origin)
