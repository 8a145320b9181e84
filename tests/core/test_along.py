"""What is gathered along a transcript: once a message, and the same on every path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventsim.core.along import Along
from eventsim.core.state import Message

looked_at: list[int] = []


def _take(texts: list[str], message: Message) -> None:
    looked_at.append(message.position)
    texts.append(message.text)


TEXTS = Along("texts", lambda *about: [*map(str, about)], _take)


def _messages(count: int, first: int = 0) -> tuple[Message, ...]:
    return tuple(Message(n, "user", f"text {n}") for n in range(first, first + count))


def test_each_message_is_taken_once_on_a_path_that_grows() -> None:
    """Ten looks at ten lengths take ten messages."""
    looked_at.clear()
    messages = _messages(10)
    for length in range(1, 11):
        assert len(TEXTS.over(messages[:length])) == length
    assert looked_at == list(range(10))


@given(st.lists(st.integers(0, 12), max_size=12), st.integers(0, 12))
def test_any_order_of_looks_gives_what_a_fresh_look_gives(
    lengths: list[int], fork: int
) -> None:
    """Shorter paths, forks and paths in turn change nothing."""
    trunk = _messages(12)
    other = (*trunk[:fork], *_messages(4, first=fork))
    for length in lengths:
        assert TEXTS.over(trunk[:length]) == [m.text for m in trunk[:length]]
        assert TEXTS.over(other) == [m.text for m in other]


def test_a_value_about_something_else_is_gathered_anew() -> None:
    """What it is about is part of what it is."""
    messages = _messages(2)
    assert TEXTS.over(messages, 1_000)[0] == "1000"
    assert TEXTS.over(messages, 2_000)[0] == "2000"
    assert TEXTS.over(messages) == ["text 0", "text 1"]


def test_what_is_carried_is_no_part_of_a_message() -> None:
    """Two messages are equal whether or not somebody looked."""
    used, fresh = _messages(1)[0], _messages(1)[0]
    TEXTS.over((used,))
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert repr(used) == repr(fresh)
