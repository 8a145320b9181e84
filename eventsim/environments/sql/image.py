"""A database as bytes: read once from a file, mounted any number of times.

A source file is opened read-only and copied by SQLite's backup interface; it and the
files beside it are never changed. The identity of an image is a digest of schema and
rows, never of file bytes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import apsw

from eventsim.environments.sql.digest import combine, schema_digest, table_digests
from eventsim.environments.sql.encoding import make_readable
from eventsim.errors import BadInput

__all__ = ["Image", "image_from_bytes", "image_from_connection", "load_file"]

_MAGIC = b"SQLite format 3\x00"
_WAL_VERSION = 2
_COPY_ATTEMPTS = 3
_FULL_CHECK_BYTES = 64 << 20


@dataclass(frozen=True)
class Image:
    """A serialised SQLite database, ready to be deserialised into memory.

    `name` is the stem of the file, `sqlite_version` that of the library that made
    the bytes.
    """

    name: str
    data: bytes = field(repr=False)
    sqlite_version: str

    @cached_property
    def schema_digest(self) -> str:
        """Digest of all definitions."""
        with contextlib.closing(self.connect()) as con:
            return schema_digest(con)

    @cached_property
    def table_digests(self) -> dict[str, str]:
        """Digest of the rows of each table."""
        with contextlib.closing(self.connect()) as con:
            return table_digests(con)

    @cached_property
    def rows_digest(self) -> str:
        """Identity of the image: digest of schema and rows, 64 hex digits."""
        return combine(self.schema_digest, self.table_digests)

    def connect(self, vfs: str | None = None) -> apsw.Connection:
        """A private copy in memory, foreign keys off."""
        con = apsw.Connection(":memory:", vfs=vfs)
        con.deserialize("main", self.data)
        return con


def load_file(path: str | Path) -> Image:
    """Copy a database file into an image.

    Raises: BadInput for whatever cannot be used, in one line.
    """
    path = Path(path)
    _refuse_non_database(path)
    try:
        with contextlib.closing(_copied(path)) as con:
            _refuse_damage(con, path)
            _refuse_useless(con, path)
            make_readable(con)
            return image_from_connection(path.stem, con)
    except apsw.Error as failure:
        # SQLite has no words of its own for a file that ends before its last page.
        why = (
            "it is cut short or damaged" if "not an error" in str(failure) else failure
        )
        raise BadInput(f"{path} cannot be read as a database: {why}") from failure


def image_from_connection(name: str, con: apsw.Connection) -> Image:
    """The image of an open database."""
    serialised = con.serialize("main")
    if serialised is None:
        raise BadInput(f"the database {name} is damaged: its pages cannot be copied")
    data = bytearray(serialised)
    if data[18:20] == bytes((_WAL_VERSION, _WAL_VERSION)):
        # An image in WAL mode does not deserialise; its content is complete here.
        data[18:20] = b"\x01\x01"
    return image_from_bytes(name, bytes(data))


def image_from_bytes(name: str, data: bytes) -> Image:
    """The image whose bytes were kept elsewhere, in a store say."""
    return Image(name=name, data=data, sqlite_version=apsw.sqlite_lib_version())


def _refuse_non_database(path: Path) -> None:
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a directory, not a database file")
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        raise BadInput(f"there is no database file {path}") from None
    except OSError as failure:
        why = failure.strerror or failure
        raise BadInput(f"{path} cannot be read: {why}") from failure
    if not head:
        raise BadInput(f"{path} is empty: it holds no database")
    if head[:16] != _MAGIC:
        raise BadInput(f"{path} is not an SQLite database, or it is encrypted")
    if len(head) < 100:
        raise BadInput(f"{path} is damaged: it ends within the header")


def _copied(path: Path) -> apsw.Connection:
    """The content in memory, with what a journal or a WAL beside the file holds."""
    with path.open("rb") as file:
        wal = _WAL_VERSION in file.read(20)[18:20]
    journal = _beside(path, "-journal")
    hot = journal.exists() and journal.stat().st_size > 0
    if hot or (wal and not _beside(path, "-shm").exists()):
        # Opening it in place would create or change files beside it.
        return _backup_of_copy(path)
    try:
        return _backup(path)
    except apsw.CantOpenError:
        return _backup_of_copy(path)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _backup(path: Path, *, writable: bool = False) -> apsw.Connection:
    mode = "rw" if writable else "ro"
    flags = apsw.SQLITE_OPEN_URI | (
        apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
    )
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    with contextlib.closing(apsw.Connection(uri, flags=flags)) as source:
        source.set_busy_timeout(2_000)
        source.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with contextlib.closing(apsw.Connection(":memory:")) as memory:
            with memory.backup("main", source, "main") as backup:
                backup.step()
            return image_from_connection(path.stem, memory).connect()


def _backup_of_copy(path: Path) -> apsw.Connection:
    with tempfile.TemporaryDirectory(prefix="eventsim-") as folder:
        copy = Path(folder) / "copy.sqlite"
        for _ in range(_COPY_ATTEMPTS):
            before = list(_stamps(path))
            shutil.copyfile(path, copy)
            for suffix in ("-wal", "-journal"):
                if _beside(path, suffix).exists():
                    shutil.copyfile(_beside(path, suffix), _beside(copy, suffix))
            if before == list(_stamps(path)):
                return _backup(copy, writable=True)
        raise BadInput(f"{path} changes while it is read; close its writer first")


def _stamps(path: Path) -> Iterator[tuple[int, int] | None]:
    for suffix in ("", "-wal", "-journal"):
        file = _beside(path, suffix)
        if file.exists():
            stat = file.stat()
            yield stat.st_mtime_ns, stat.st_size
        else:
            yield None


def _refuse_damage(con: apsw.Connection, path: Path) -> None:
    size = path.stat().st_size
    check = "integrity_check" if size <= _FULL_CHECK_BYTES else "quick_check"
    found = con.execute(f"PRAGMA main.{check}(1)").get
    if found != "ok":
        problem = str(found).replace("\n", " ")
        raise BadInput(f"{path} is damaged: {problem}")


def _refuse_useless(con: apsw.Connection, path: Path) -> None:
    tables = con.execute(
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main'"
        " AND type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).get
    if not tables:
        raise BadInput(f"{path} holds no table that tools could be made from")
