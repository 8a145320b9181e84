"""Rows of files of any kind: lines, arrays, documents, pipes, and what is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.errors import BadInput
from eventsim.exchange.formats.registry import FORMATS
from eventsim.run.importing.arrays import Elements
from eventsim.run.importing.pieces import Row
from eventsim.run.importing.rows import open_rows

pytestmark = pytest.mark.anyio

GOOD = b'{"messages":[{"role":"user","content":"a"}]}'


async def rows_in(path: Path, data: bytes, **options: Any) -> list[Row]:
    """The rows of a file of these bytes, as the format `messages` has them."""
    path.write_bytes(data)
    file = await open_rows(path, FORMATS["messages"], **options)
    return [row async for row in file.rows()]


JSON = st.recursive(
    st.none() | st.integers(-99, 99) | st.text('ab"\\{}[],:\n é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('k"}\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    rows=st.lists(JSON, max_size=5),
    indent=st.sampled_from([None, 1, 2]),
    size=st.integers(1, 9),
    plain=st.booleans(),
)
def test_elements_are_those_of_the_array(
    rows: list[Any], indent: int | None, size: int, plain: bool
) -> None:
    """In pieces of any size, however it is written."""
    data = json.dumps(rows, indent=indent, ensure_ascii=plain).encode()[1:]
    elements = Elements(1 << 20)
    found = []
    for start in range(0, len(data), size):
        found += elements.feed(data[start : start + size])
    assert [json.loads(each.data) for each in found] == rows
    assert elements.closed
    assert not list(elements.end())


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
@pytest.mark.parametrize("between", [b",", b",\n", b" ,\n\n  "])
async def test_an_array_is_told_by_its_first_byte(
    tmp_path: Path, name: str, between: bytes
) -> None:
    """Whatever the file is called; a bad row does not refuse the others."""
    data = b"\n[\n" + between.join([GOOD, b'{"a":}', GOOD, b'{"a":[1}', GOOD]) + b"]\n"
    rows = await rows_in(tmp_path / name, data)
    assert [row.number for row in rows if not row.problem] == [1, 3, 5]


async def test_an_array_goes_on_behind_a_string_that_never_ends(tmp_path: Path) -> None:
    """Or a bracket: at the next line that begins as the first row did."""
    for bad in (b'{"messages":"never', b'{"messages":['):
        rows = [GOOD, bad, GOOD, GOOD]
        data = b"[\n " + b",\n ".join(rows) + b"\n]"
        found = await rows_in(tmp_path / "r.json", data)
        assert [bool(row.problem) for row in found] == [False, True, False, False]


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        (b"", "the file ends before the array does"),
        (b',{"messages":[{"ro', "the file ends inside it"),
        (b",]", "a comma too many"),
        (b"] [1]", "3 bytes behind the end of the array"),
    ],
)
async def test_an_array_that_does_not_end_as_it_should_is_told_as_a_row(
    tmp_path: Path, tail: bytes, why: str
) -> None:
    """What was whole is taken."""
    first, second = await rows_in(tmp_path / "r.json", b"[" + GOOD + tail)
    assert not first.problem
    assert why in second.problem


async def test_memory_is_bounded_by_the_largest_row_of_an_array(tmp_path: Path) -> None:
    """A longer one is passed over without being held, and told with its option."""
    long = b'{"a":"' + b"x" * 5_000_000 + b'"}'
    rows = await rows_in(
        tmp_path / "r.json", b"[" + b",".join([GOOD, long, GOOD]) + b"]",
        most_bytes=1 << 20,
    )  # fmt: skip
    assert [bool(row.problem) for row in rows] == [False, True, False]
    assert "--max-row-mb 5" in rows[1].problem
    elements = Elements(1 << 10)
    for start in range(0, len(long), 1 << 12):
        assert not list(elements.feed(long[start : start + (1 << 12)]))
        assert len(elements._held) <= (1 << 12) + (1 << 10)


async def test_a_key_that_stands_twice_is_named(tmp_path: Path) -> None:
    """Wherever it stands and however it is spelt; the same key elsewhere is fine."""
    rows = await rows_in(
        tmp_path / "r.jsonl",
        b'{"a":1,"b":{"a":2}}\n{"a":1,"b":{"c":2,"c":3}}\n{"x":1,"\\u0078":2}\n'
        b'{"a\\"":1,"b":"\\":"}\n{"a" : 1, "b" : {"a" : ":"}}\n',
    )
    assert [row.problem for row in rows] == [
        "",
        "the key 'c' stands twice in one object",
        "the key 'x' stands twice in one object",
        "",
        "",
    ]


async def test_a_first_line_that_is_bad_is_a_row_too(tmp_path: Path) -> None:
    """Also where the file's name does not say that it holds lines."""
    for name in ("r.json", "r.jsonl", "r"):
        rows = await rows_in(tmp_path / name, b'{"a":\n\n' + GOOD + b"\n")
        assert [(row.number, row.line, bool(row.problem)) for row in rows] == [
            (1, 1, True),
            (2, 3, False),
        ]


async def test_depth_has_one_wording_that_says_the_limit(tmp_path: Path) -> None:
    """For what no decoder takes, and for what no log does."""
    deep = [b'{"a":' + b"[" * n + b"]" * n + b"}" for n in (63, 64, 5_000)]
    rows = await rows_in(tmp_path / "r.jsonl", b"\n".join([*deep, GOOD]))
    told = "it is nested deeper than 64 levels"
    assert [row.problem for row in rows] == ["", told, told, ""]


async def test_nul_bytes_are_told_with_what_to_do(tmp_path: Path) -> None:
    """They pad what was cut off."""
    rows = await rows_in(tmp_path / "r.jsonl", GOOD + b"\n" + b"\0" * 4096)
    assert "4,096 NUL bytes" in rows[1].problem
    assert "tr -d" in rows[1].problem


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"\0" * 99, "NUL bytes and nothing else"),
        ("[]".encode("utf-16"), "UTF-16"),
        ('{"a":1}'.encode("utf-16-le"), "UTF-16"),
        ("[1]".encode("utf-16-be"), "UTF-16"),
        (GOOD + b"\r" + GOOD + b"\r", "CR alone"),
        (b'{"a":\n1', "^[^:]*: it is no JSON: (?!.*no JSON)"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, data: bytes, why: str
) -> None:
    """Before anything is written."""
    path = tmp_path / "rows.json"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=why):
        await open_rows(path, FORMATS["messages"])


async def test_what_is_read_whole_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object around rows; the option that raises it is named."""
    monkeypatch.setattr("eventsim.run.importing.rows._MOST_DOCUMENT_BYTES", 1 << 20)
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"simulations": ["x" * 2_000_000]}, indent=1))
    with pytest.raises(BadInput, match=r"1 MB are read whole.*--max-row-mb"):
        await open_rows(path, FORMATS["tau2"], most_bytes=1 << 20)
    assert await open_rows(path, FORMATS["tau2"], most_bytes=4 << 20)
