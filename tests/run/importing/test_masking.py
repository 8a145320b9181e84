"""Personal data that has a form: found wherever it stands, and JSON stays JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.exchange.formats.registry import FORMATS
from eventsim.log.store import Store
from eventsim.run.importing.masking import masker
from eventsim.run.importing.personal import spans_of
from tests.exchange.rows import ROWS
from tests.run.importing.files import imported, lines, rows_of

pytestmark = pytest.mark.anyio

HF = ROWS["messages"]
SECRETS = [
    "ana.lima@example.org",
    "+33 6 12 34 56 78",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "203.0.113.9",
]


def found_in(store: Path, secrets: list[str]) -> list[str]:
    """Which of them stand in any byte of a store's files."""
    files = [file.read_bytes() for file in store.rglob("*") if file.is_file()]
    assert files
    return [each for each in secrets if any(each.encode() in data for data in files)]


async def test_personal_data_is_replaced_before_anything_is_written(
    tmp_path: Path,
) -> None:
    """In every file of the store, consistently in calls, results and texts."""
    row = orjson.loads(orjson.dumps(HF))
    row["messages"][1]["content"] = "I am " + ", ".join(SECRETS) + ". Order 20260523."
    call = row["messages"][2]["tool_calls"][0]["function"]
    call["arguments"]["city"] = SECRETS[0]
    path = lines(tmp_path / "rows.jsonl", row)
    async with Store.open(tmp_path / "s", mode="write") as store:
        await imported(
            store, path, "messages", mask=masker(), masked=("email", "phone")
        )
        (made,) = await rows_of(store, "messages")
    assert made["messages"][1]["content"] == (
        "I am <EMAIL_1>, <PHONE_1>, <CARD_1>, <IBAN_1>, <IP_1>. Order 20260523."
    )
    call = made["messages"][2]["tool_calls"][0]["function"]
    assert call["arguments"]["city"] == "<EMAIL_1>"
    assert not found_in(tmp_path / "s", SECRETS)


async def test_nothing_is_left_in_any_place_of_a_row(tmp_path: Path) -> None:
    """Keys, numbers, parts, names of files, reasons of rejections, JSON in texts."""
    secrets = [
        "eve@example.com", "4111111111111111", "14155550123", "dave@exam", "ple.com",
        "de89370400440532013000", "dave%40example.net", "frank@localhost",
        "hank@example.com", "joe@example.org", "kim@example.org",
    ]  # fmt: skip
    row = orjson.loads(orjson.dumps(HF))
    said = row["messages"]
    said[1]["content"] = [
        {"type": "text", "text": "I am dave@exam"},
        {"type": "text", "text": "ple.com or dave%40example.net"},
    ]
    function = said[2]["tool_calls"][0]["function"]
    function["arguments"] = json.dumps(
        {"note": "so\nhank@example.com", "card": 4111111111111111}
    )
    row["eve@example.com"] = {"phone": 14155550123, "at": 1717430400000}
    row["more"] = ["de89370400440532013000 and frank@localhost"]
    bad = {"messages": [{"role": "kim@example.org", "content": "?"}]}
    twice = b'{"kim@example.org":1,"kim@example.org":2}'
    path = lines(tmp_path / "joe@example.org.jsonl", row, bad, twice)
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, "messages", mask=masker(), masked=("email",))
        assert (done.imported, len(done.rejected)) == (1, 2)
        (made,) = await rows_of(store, "messages")
    assert not found_in(tmp_path / "s", secrets)
    arguments = made["messages"][2]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments)["card"] == "<CARD_1>"
    assert json.loads(arguments)["note"].startswith("so\n<EMAIL_")
    about = next(made[key] for key in made if key.startswith("<EMAIL_"))
    assert about == {"phone": "<PHONE_1>", "at": 1717430400000}


async def test_what_stands_around_rows_is_masked_for_readers_too(
    tmp_path: Path,
) -> None:
    """The policy and the tools of tau2 results; one placeholder for all rows."""
    simulation = orjson.loads(orjson.dumps(ROWS["tau2"]))
    simulation["messages"][0]["content"] = "Is ana@example.org there? bo@example.org"
    tools = orjson.loads(orjson.dumps(HF["tools"]))
    tools[0]["function"]["description"] = "Asks ana@example.org"
    world = {"policy": "Write to ana@example.org.", "tool_defs": tools}
    document = {
        "info": {"environment_info": world},
        "simulations": [simulation, {**simulation, "id": "2"}],
    }
    path = tmp_path / "results.json"
    path.write_bytes(orjson.dumps(document))
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, "tau2", mask=masker(), masked=("email",))
        assert done.imported == 2
        for row in await rows_of(store, "tau2"):
            text = row["messages"][0]["content"]
            assert text == "Is <EMAIL_1> there? <EMAIL_2>"
    assert not found_in(tmp_path / "s", ["ana@example.org", "bo@example.org"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (r'{"n": "hi\nhank@example.com", "u": "\u00e9"}',
         r'{"n": "hi\n<EMAIL_1>", "u": "\u00e9"}'),
        (r'{"q":"{\"m\": \"a\\nb@c.org\"}"}', r'{"q":"{\"m\": \"a\\n<EMAIL_1>\"}"}'),
        ('<tool_call>\n{"n":4111111111111111}\n</tool_call>',
         '<tool_call>\n{"n":"<CARD_1>"}\n</tool_call>'),
        (r'broken {"a": "x\nhank@example.com', r'broken {"a": "x\n<EMAIL_1>'),
        ("de89 3704 0044 0532 0130 00 and more words", "<IBAN_1> and more words"),
        ("DE89370400440532013000 AND MORE", "<IBAN_1> AND MORE"),
        ("card 4111 1111 1111 1111 12/27", "card <CARD_1> 12/27"),
        ("at 203.0.113.9:8080 or fe80::1", "at <IP_1>:8080 or <IP_2>"),
        ("see ?mail=dave%40example.com&x=1", "see ?mail=<EMAIL_1>&x=1"),
        ("root@localhost, 5@10, @mention", "<EMAIL_1>, 5@10, @mention"),
        ("O'Neil@example.com", "<EMAIL_1>"),
        ({"a@b.org": 1, "A@b.org": 2}, {"<EMAIL_1>": 1, "<EMAIL_1> (2)": 2}),
        ({"n": 4111111111111111, "t": 1717430400, "f": 1.5, "b": True},
         {"n": "<CARD_1>", "t": 1717430400, "f": 1.5, "b": True}),
    ],
)  # fmt: skip
def test_a_value_is_masked_and_the_rest_stays_as_it_is(text: Any, masked: Any) -> None:
    """In JSON inside texts: the dialect too."""
    assert masker()(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000 + " @ x",
        "x@" + "a-" * 50_000,
        "AB12" * 20_000,
        "1:" * 20_000,
        "%41" * 30_000 + "%40",
        "@" * 100_000,
        '{"a":' * 20_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    """A square of these lengths would take minutes."""
    masker()(text)


def test_many_addresses_in_one_text_have_a_placeholder_each() -> None:
    """And a text that is longer than what is looked at in one piece loses none."""
    text = " ".join(f"a{n}@x.org" for n in range(8_000))
    masked = masker()(text)
    assert masked.endswith("<EMAIL_8000>")
    numbers = "Call 415 555 0123 now, " * 400
    assert len(spans_of(numbers)) == 400


def test_all_formats_can_be_masked() -> None:
    """Rows without personal data are what they were."""
    for name in FORMATS.keys() & ROWS.keys():
        assert masker()(ROWS[name]) == ROWS[name]
