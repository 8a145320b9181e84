"""Any SQLite file becomes an image, and stays as it was; what is none is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from eventsim.environments.sql.image import Image, image_from_bytes, load_file
from eventsim.errors import BadInput


def _file(path: Path, script: str) -> Path:
    con = apsw.Connection(str(path))
    con.execute(script)
    con.close()
    return path


def _count(image: Image, table: str) -> int:
    con = image.connect()
    try:
        return int(con.execute(f"SELECT count(*) FROM {table}").get)
    finally:
        con.close()


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_plain_file_is_copied_and_not_changed(tmp_path: Path) -> None:
    """The image has the rows, the folder is byte for byte what it was."""
    path = _file(
        tmp_path / "my shop #1?.db", "CREATE TABLE a(x); INSERT INTO a VALUES(1)"
    )
    before = _contents(tmp_path)
    image = load_file(path)
    assert image.name == "my shop #1?"
    assert _count(image, "a") == 1
    assert image.sqlite_version == apsw.sqlite_lib_version()
    assert _contents(tmp_path) == before


def _wal_folder(tmp_path: Path) -> Path:
    """A database whose last rows are still in the -wal file, as a crash leaves it."""
    live = tmp_path / "live"
    live.mkdir()
    con = apsw.Connection(str(live / "w.db"))
    con.pragma("journal_mode", "wal")
    con.execute("CREATE TABLE a(x); INSERT INTO a VALUES (1)")
    con.wal_checkpoint()
    con.execute("INSERT INTO a VALUES (2), (3)")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(live / f"w.db{suffix}", crashed / f"w.db{suffix}")
    con.close()
    return crashed


def test_a_wal_file_is_read_with_what_its_wal_holds(tmp_path: Path) -> None:
    """Rows of the -wal count, and neither file is changed or gone afterwards."""
    folder = _wal_folder(tmp_path)
    before = _contents(folder)
    image = load_file(folder / "w.db")
    assert _count(image, "a") == 3
    assert _contents(folder) == before


def test_a_wal_file_alone_is_read(tmp_path: Path) -> None:
    """A WAL database without its -wal file deserialises too."""
    folder = _wal_folder(tmp_path)
    (folder / "w.db-wal").unlink()
    assert _count(load_file(folder / "w.db"), "a") == 1
    assert sorted(_contents(folder)) == ["w.db"]


def test_a_wal_file_in_use_is_read(tmp_path: Path) -> None:
    """While another connection has it open, what it committed is seen."""
    con = apsw.Connection(str(tmp_path / "w.db"))
    con.pragma("journal_mode", "wal")
    con.execute("CREATE TABLE a(x); INSERT INTO a VALUES (1)")
    assert _count(load_file(tmp_path / "w.db"), "a") == 1
    con.execute("INSERT INTO a VALUES (2)")
    con.close()


def test_a_read_only_folder_is_enough(tmp_path: Path) -> None:
    """No file is made beside the database."""
    path = _file(tmp_path / "r.db", "CREATE TABLE a(x)")
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert _count(load_file(path), "a") == 0
    finally:
        tmp_path.chmod(0o700)


def test_what_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    """Each message names the file and says what is wrong."""
    empty = tmp_path / "empty.db"
    empty.touch()
    text = tmp_path / "text.db"
    text.write_bytes(b"hello" * 1000)
    whole = _file(tmp_path / "whole.db", "CREATE TABLE a(x); INSERT INTO a VALUES(1)")
    short = tmp_path / "short.db"
    short.write_bytes(whole.read_bytes()[:60])
    bare = _file(tmp_path / "bare.db", "PRAGMA user_version = 3")
    expected = {
        tmp_path / "missing.db": "there is no database file",
        tmp_path: "is a directory",
        empty: "is empty",
        text: "is not an SQLite database, or it is encrypted",
        short: "ends within the header",
        bare: "holds no table",
    }
    for path, words in expected.items():
        with pytest.raises(BadInput, match=words) as caught:
            load_file(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["cut", "scrambled"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    """A file that ends early or has broken pages is no source."""
    script = (
        "CREATE TABLE a(x TEXT PRIMARY KEY); WITH RECURSIVE n(i) AS (SELECT 1 UNION"
        " ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO a SELECT 'row ' || i"
        " FROM n"
    )
    path = _file(tmp_path / "d.db", script)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[8192:12288] = bytes(4096)
        path.write_bytes(data)
    with pytest.raises(BadInput, match=r"damaged"):
        load_file(path)


def test_old_encodings_become_readable(tmp_path: Path) -> None:
    """Text that is not UTF-8 is read as Windows-1252; other text stays."""
    path = _file(
        tmp_path / "old.db",
        "CREATE TABLE a(x TEXT); INSERT INTO a VALUES (CAST(x'4df66e6368' AS TEXT)),"
        " ('München'), (CAST(x'80' AS TEXT))",
    )
    con = load_file(path).connect()
    assert [row[0] for row in con.execute("SELECT x FROM a")] == [
        "Mönch",
        "München",
        "€",
    ]
    con.close()


def test_bytes_kept_elsewhere_give_the_same_image(shop: Image) -> None:
    """A store keeps only the bytes; identity follows from them."""
    again = image_from_bytes(shop.name, bytes(shop.data))
    assert again.rows_digest == shop.rows_digest
    assert again == shop
